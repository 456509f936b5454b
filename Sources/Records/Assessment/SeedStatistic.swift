import Statistics
import Studies

/// A condition's statistic over seeds, in the form that decides how its interval is made.
struct SeedStatistic {
  enum Form {
    /// Counts of each seed.
    case rates([Proportion])
    /// Values with known bounds: areas, rates without counts, differences of rates.
    case bounded([Double], ClosedRange<Double>)
    case unbounded([Double])
    /// For how many seeds something holds.
    case share([Bool])
    /// [draw][seed]
    case draws([[Double]], ClosedRange<Double>?)
  }

  let form: Form
  /// With its version, as assessments name it.
  let name: String
  /// What the estimate alone does not say; empty where it says all.
  let note: String

  /// A run's statistic and that of the run it is compared with.
  typealias Compared = (own: RunStatistic, versus: RunStatistic?)

  /// - Parameter ofRuns: one for each seed.
  init(_ condition: Condition, _ ofRuns: [Compared]) {
    let isCompared = ofRuns.contains { $0.versus != nil }
    let values = ofRuns.map(Self.difference)
    var name: String?
    if let counted = isCompared ? nil : Self.counts(ofRuns) {
      form = counted
    } else {
      // A bounded interval keeps half an unseen seed at each bound, and would never lie within a margin.
      let isEquivalence =
        condition.claimsEquivalence(isCompared: isCompared)
        && Self.all(ofRuns, { $0.proportion }) != nil
      form =
        isEquivalence
        ? .unbounded(values) : Self.within(Self.bounds(condition.ofRun, ofRuns), values)
      if isEquivalence { name = "paired-equivalence@1" }
      if ofRuns.allSatisfy({ $0.own.horizon != nil }) { name = "restricted-mean-time@1" }
    }
    self.name = name ?? Self.name(of: form)
    if isCompared, case .within(let margins) = condition.comparison,
      let p = try? PairedTest.equivalence(values, within: margins)
    {
      note = "two one-sided t tests: p \(Self.probability(p))"
    } else {
      note = ""
    }
  }

  /// Of bare values, compared with nothing.
  init(_ values: [RunStatistic], of expression: ClaimExpression) {
    let ofRuns = values.map { Compared(own: $0, versus: nil) }
    form =
      Self.counts(ofRuns)
      ?? Self.within(Self.bounds(expression, ofRuns), values.map(\.number))
    name = Self.name(of: form)
    note = ""
  }

  /// - Parameters:
  ///   - places: of each level, its rank or the logarithm of its value; what slopes are taken over.
  ///   - seeds: for each seed the runs of each level; several a level only of a factorial.
  init(
    _ statistic: LevelStatistic, _ condition: Condition, places: [Double], seeds: [[[Compared]]]
  ) {
    let bounds = Self.bounds(condition.ofRun, seeds.flatMap { $0.flatMap { $0 } })
    let values = seeds.map { $0.map { $0.map(Self.difference) } }
    let width = bounds.map { $0.upperBound - $0.lowerBound }
    switch statistic {
    case .trend, .logSlope:
      let slopes = values.map { leastSquaresSlope(places, $0.map { $0[0] }) }
      let steepest = width.map { $0 * steepestSlope(places) }
      form = Self.within(steepest.map { -$0...$0 }, slopes)
      note = Self.pageNote(values.map { $0.map { $0[0] } }, condition.comparison)
    case .spread:
      form = Self.within(
        width.map { 0...$0 }, values.map { $0.map { $0[0] }.max()! - $0.map { $0[0] }.min()! })
      note = ""
    case .across:
      let draws = places.indices.map { level in values.map { $0[level][0] } }
      form = .draws(draws, bounds)
      note = ""
    case .eta2:
      form = Self.within(0...1, values.map(etaSquared))
      let (levels, cells) = (places.count, values.first?.reduce(0) { $0 + $1.count } ?? 0)
      note =
        "of \(cells) points at \(levels) levels, a share of "
        + "\(Self.rounded(Double(levels - 1) / Double(cells - 1))) is what noise alone would give"
    }
    name = "\(statistic.rawValue)-over-levels@1"
  }

  // MARK: Pieces

  /// Of what is compared with nothing: passes and recorded rates; nil for other numbers.
  private static func counts(_ ofRuns: [Compared]) -> Form? {
    if let passed = all(ofRuns, { $0.isPassed }) { return .share(passed) }
    return all(ofRuns, { $0.proportion }).map { .rates($0) }
  }

  private static func difference(_ compared: Compared) -> Double {
    compared.own.number - (compared.versus?.number ?? 0)
  }

  private static func all<Value>(
    _ ofRuns: [Compared], _ value: (RunStatistic) -> Value?
  ) -> [Value]? {
    let values = ofRuns.compactMap { value($0.own) }
    return values.count == ofRuns.count ? values : nil
  }

  /// Between what the numbers, or their differences, can lie; nil where nothing says so.
  private static func bounds(
    _ expression: ClaimExpression, _ ofRuns: [Compared]
  ) -> ClosedRange<Double>? {
    let isCompared = ofRuns.contains { $0.versus != nil }
    if all(ofRuns, { $0.proportion }) != nil || expression.isShareByName {
      return isCompared ? -1...1 : 0...1
    }
    if let horizons = all(ofRuns, { $0.horizon }), let horizon = horizons.first, horizon > 0 {
      return isCompared ? -horizon...horizon : 0...horizon
    }
    return nil
  }

  /// A value outside the bounds that its name promises has none.
  private static func within(_ bounds: ClosedRange<Double>?, _ values: [Double]) -> Form {
    guard let bounds else { return .unbounded(values) }
    // A slope may pass its bound by rounding.
    let slack = 1e-12 * (bounds.upperBound - bounds.lowerBound)
    guard
      values.allSatisfy({
        $0 >= bounds.lowerBound - slack && $0 <= bounds.upperBound + slack
      })
    else { return .unbounded(values) }
    return .bounded(
      values.map { min(max($0, bounds.lowerBound), bounds.upperBound) }, bounds)
  }

  private static func name(of form: Form) -> String {
    switch form {
    case .rates: "rate-over-seeds@1"
    case .bounded: "bounded-mean-over-seeds@1"
    case .unbounded: "mean-over-seeds@1"
    case .share: "share-of-seeds@1"
    case .draws: "mean-over-draws@1"
    }
  }

  /// Page's test in the direction that the comparison asks about; two-sided for an interval.
  private static func pageNote(_ blocks: [[Double]], _ comparison: Comparison) -> String {
    guard let rising = try? pageTrend(blocks),
      let falling = try? pageTrend(blocks.map { $0.map { -$0 } })
    else { return "" }
    let (test, words, p): (PageTest, String, Double) =
      switch comparison {
      case .atLeast, .above: (rising, "that it rises", rising.p)
      case .atMost, .below: (falling, "that it falls", falling.p)
      case .within: (rising, "two-sided", min(1, 2 * min(rising.p, falling.p)))
      }
    return "Page's L = \(rounded(test.statistic)), \(test.isExact ? "exact" : "normal") "
      + "p \(probability(p)) \(words) "
      + "(\(blocks.count) seeds, \(blocks.first?.count ?? 0) levels)"
  }

  private static func probability(_ p: Double) -> String {
    p < 0.0001 ? "< 0.0001" : "= \(rounded(p))"
  }

  /// Four decimals, as a sentence wants them.
  static func rounded(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }

  // MARK: What it says

  var numbers: [Double] {
    switch form {
    case .rates(let rates): rates.map(\.value)
    case .bounded(let values, _), .unbounded(let values): values
    case .share(let passed): passed.map { $0 ? 1 : 0 }
    case .draws(let draws, _):
      // Of each seed its mean over the draws.
      draws[0].indices.map { seed in Summary(draws.map { $0[seed] }).mean }
    }
  }

  func estimate(level: Double = 0.95) -> Estimate {
    switch form {
    case .rates(let rates): .rate(overSeeds: rates, level: level)
    case .bounded(let values, let bounds): .mean(overSeeds: values, within: bounds, level: level)
    case .unbounded(let values): .mean(overSeeds: values, level: level)
    case .share(let passed):
      .share(Proportion(successes: passed.count { $0 }, trials: passed.count), level: level)
    case .draws(let draws, let bounds): .mean(overDraws: draws, within: bounds, level: level)
    }
  }

  /// 1 − the highest level at which the whole interval still satisfies the comparison: what has to be at
  /// most .05 for the claim to be supported. 1 when no level does; NaN when the interval has no width.
  func significance(of comparison: Comparison) -> Double {
    let region = comparison.region
    func supports(_ level: Double) -> Bool {
      estimate(level: level).position(in: region) == .inside
    }
    let usual = estimate()
    if usual.lower == usual.upper || usual.value.isNaN { return .nan }
    var (held, failed) = (0.0, 1.0)
    if supports(1 - 1e-6) { return 1e-6 }
    guard supports(1e-3) else { return 1 }
    held = 1e-3
    for _ in 0..<20 {
      let middle = (held + failed) / 2
      if supports(middle) { held = middle } else { failed = middle }
    }
    return 1 - held
  }
}

extension SeedStatistic {
  /// nil for an interval, and where the seeds show no spread or are too few.
  func detectable(_ comparison: Comparison) -> Assessor.Detectable? {
    if case .share(let passed) = form {
      switch comparison {
      case .atLeast(let bound), .above(let bound):
        return minimumDetectableShare(pairs: passed.count, above: bound).map { .share($0) }
      case .atMost(let bound), .below(let bound):
        return minimumDetectableShare(pairs: passed.count, above: 1 - bound)
          .map { .share(1 - $0) }
      case .within: return nil
      }
    }
    if case .within = comparison { return nil }
    let spread = Summary(numbers).standardDeviation
    guard spread > 0, spread.isFinite else { return nil }
    // The seeds' spread says nothing of the draws'.
    if case .draws = form { return nil }
    return .beyondBound(spread * minimumDetectableEffect(pairs: numbers.count))
  }
}

extension Estimate {
  /// Of what one expression comes to in each seed, just as a claim of it is judged.
  ///
  /// - Parameter values: one a seed.
  package static func overSeeds(
    _ values: [RunStatistic], of expression: ClaimExpression
  ) -> Estimate {
    SeedStatistic(values, of: expression).estimate()
  }
}

extension ClaimExpression {
  /// Whether a bare value is a share by the last part of its name: `danger/decision/L3/swap/auroc`, and where a model was
  /// intervened on, `ablate.danger.r1`.
  package var isShareByName: Bool {
    guard case .value(let reference) = self else { return false }
    let last = reference.key.utf8.split(separator: UInt8(ascii: "/")).last.map {
      String(decoding: Array($0), as: UTF8.self)
    }
    return last.map { name in
      let ending = name.utf8.split(separator: UInt8(ascii: ".")).last.map {
        String(decoding: Array($0), as: UTF8.self)
      }
      return ["r1", "r0", "benign-accuracy"].contains(ending)
        || ["auroc", "tpr", "fpr", "worst-fpr", "percentile", "accuracy"].contains {
          name == $0 || name.utf8.starts(with: "\($0)-".utf8)
            || name.utf8.starts(with: "\($0).".utf8)
        }
    } ?? false
  }
}

extension RunStatistic {
  fileprivate var proportion: Proportion? {
    if case .rate(let proportion) = self { proportion } else { nil }
  }
  fileprivate var isPassed: Bool? { if case .passed(let passed) = self { passed } else { nil } }
  fileprivate var horizon: Double? {
    if case .time(_, let horizon) = self { horizon } else { nil }
  }
}

extension Comparison {
  var region: Estimate.Region {
    switch self {
    case .atLeast(let bound): .atLeast(bound)
    case .atMost(let bound): .atMost(bound)
    case .above(let bound): .above(bound)
    case .below(let bound): .below(bound)
    case .within(let range): .between(range)
    }
  }
}
