import Statistics
import Studies

/// A condition's statistic over seeds, in the form that decides how its interval is made.
enum SeedStatistic {
  /// Counts of each seed.
  case rates([Proportion])
  /// Values with known bounds: areas, rates without counts, differences of rates.
  case bounded([Double], ClosedRange<Double>)
  case unbounded([Double])
  /// For how many seeds something holds.
  case share([Bool])

  /// - Parameter ofRuns: for each seed, the run's statistic and that of the run it is compared with.
  init(_ condition: Condition, _ ofRuns: [(RunStatistic, RunStatistic?)]) {
    var proportions: [Proportion] = []
    var passed: [Bool] = []
    var differences: [Double] = []
    var compared = false
    var ratesOnly = true
    for (own, versus) in ofRuns {
      if versus != nil { compared = true }
      differences.append(own.number - (versus?.number ?? 0))
      switch own {
      case .rate(let proportion): proportions.append(proportion)
      case .passed(let holds): passed.append(holds)
      case .number: ratesOnly = false
      }
    }
    let isShare = Self.isShare(condition.expression)
    if !compared, passed.count == ofRuns.count {
      self = .share(passed)
    } else if !compared, proportions.count == ofRuns.count {
      self = .rates(proportions)
    } else if (ratesOnly && passed.isEmpty) || isShare {
      self = Self.within(compared ? -1...1 : 0...1, differences)
    } else {
      self = .unbounded(differences)
    }
  }

  /// A value outside the bounds that its name promises has none.
  private static func within(_ bounds: ClosedRange<Double>, _ values: [Double]) -> SeedStatistic {
    values.allSatisfy(bounds.contains) ? .bounded(values, bounds) : .unbounded(values)
  }

  /// Whether a bare value is a share by the last part of its name: `danger/decision/L3/swap/auroc`.
  private static func isShare(_ expression: ClaimExpression) -> Bool {
    guard case .value(let reference) = expression else { return false }
    let last = reference.key.utf8.split(separator: UInt8(ascii: "/")).last.map {
      String(decoding: Array($0), as: UTF8.self)
    }
    return last.map { name in
      ["auroc", "tpr", "fpr", "worst-fpr", "percentile", "accuracy"].contains {
        name == $0 || name.utf8.starts(with: "\($0)-".utf8) || name.utf8.starts(with: "\($0).".utf8)
      }
    } ?? false
  }

  /// With its version, as assessments name it.
  var name: String {
    switch self {
    case .rates: "rate-over-seeds@1"
    case .bounded: "bounded-mean-over-seeds@1"
    case .unbounded: "mean-over-seeds@1"
    case .share: "share-of-seeds@1"
    }
  }

  var numbers: [Double] {
    switch self {
    case .rates(let rates): rates.map(\.value)
    case .bounded(let values, _), .unbounded(let values): values
    case .share(let passed): passed.map { $0 ? 1 : 0 }
    }
  }

  func estimate(level: Double = 0.95) -> Estimate {
    switch self {
    case .rates(let rates): .rate(overSeeds: rates, level: level)
    case .bounded(let values, let bounds): .mean(overSeeds: values, within: bounds, level: level)
    case .unbounded(let values): .mean(overSeeds: values, level: level)
    case .share(let passed):
      .share(Proportion(successes: passed.count { $0 }, trials: passed.count), level: level)
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
