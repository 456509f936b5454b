import Determinism
import Statistics

/// What claims are evaluated on: the recorded values of one run.
package struct ClaimValues: Sendable {
  /// By the stage's name in the run and the key; nil when it was not recorded.
  package let scalar: @Sendable (_ stage: String, _ key: String) -> Double?
  package let series: @Sendable (_ stage: String, _ key: String) -> Series?

  package init(
    scalar: @escaping @Sendable (String, String) -> Double?,
    series: @escaping @Sendable (String, String) -> Series?
  ) {
    self.scalar = scalar
    self.series = series
  }
}

/// What one condition comes to in one run.
package enum RunStatistic: Equatable, Sendable {
  /// Finite.
  case number(Double)
  /// A bare recorded rate: counts, so that its interval can be no narrower than theirs.
  case rate(Proportion)
  /// Of `passes(…)`: whether the run is one of those for which the inner conditions hold.
  case passed(Bool)

  /// The statistic as a number: a rate's share; 1 or 0.
  package var number: Double {
    switch self {
    case .number(let value): value
    case .rate(let proportion): proportion.value
    case .passed(let passed): passed ? 1 : 0
    }
  }
}

/// Why a claim has no number in some run.
package enum ClaimGap: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(ClaimReference)
  case emptySeries(ClaimReference)
  case notFinite(String)

  package var description: String {
    switch self {
    case .missing(let reference): "\(reference.stage):\(reference.key) was not recorded"
    case .emptySeries(let reference): "\(reference.stage):\(reference.key) has no steps"
    case .notFinite(let text): "'\(text)' is not a finite number here"
    }
  }
}

extension Condition {
  /// The condition's statistic in one run.
  ///
  /// - Throws: `ClaimGap` when a value is missing or the result is not finite.
  package func perRun(_ values: ClaimValues) throws(ClaimGap) -> RunStatistic {
    switch expression {
    case .passes(let conditions):
      // Every condition is evaluated, so that a gap is never hidden by an earlier one that fails.
      var passed = true
      for condition in conditions {
        if !condition.comparison.holds(try condition.perRun(values).number) { passed = false }
      }
      return .passed(passed)
    case .value(let reference):
      let value = try expression.evaluate(values)
      if let count = values.scalar(reference.stage, reference.key + ".count"),
        let trials = values.scalar(reference.stage, reference.key + ".n"),
        let successes = Int(exactly: count), let trials = Int(exactly: trials), trials > 0,
        (0...trials).contains(successes)
      {
        return .rate(Proportion(successes: successes, trials: trials))
      }
      guard value.isFinite else { throw .notFinite(text) }
      return .number(value)
    default:
      let value = try expression.evaluate(values)
      guard value.isFinite else { throw .notFinite(text) }
      return .number(value)
    }
  }
}

extension ClaimExpression {
  /// IEEE arithmetic on recorded doubles; the result may be NaN or infinite.
  func evaluate(_ values: ClaimValues) throws(ClaimGap) -> Double {
    switch self {
    case .number(let value): return value
    case .value(let reference):
      guard let value = values.scalar(reference.stage, reference.key) else {
        throw .missing(reference)
      }
      return value
    case .mean(let reference):
      let series = try Self.points(reference, values)
      return series.reduce(0, +) / Double(series.count)
    case .last(let reference): return try Self.points(reference, values).last!
    case .negated(let inner): return try -inner.evaluate(values)
    case .absolute(let inner): return try inner.evaluate(values).magnitude
    case .sum(let left, let right): return try left.evaluate(values) + right.evaluate(values)
    case .difference(let left, let right): return try left.evaluate(values) - right.evaluate(values)
    case .product(let left, let right): return try left.evaluate(values) * right.evaluate(values)
    case .quotient(let left, let right): return try left.evaluate(values) / right.evaluate(values)
    case .passes: preconditionFailure("passes(…) stands alone in its condition")
    }
  }

  /// Never empty.
  private static func points(
    _ reference: ClaimReference, _ values: ClaimValues
  ) throws(ClaimGap) -> [Double] {
    guard let series = values.series(reference.stage, reference.key) else {
      throw .missing(reference)
    }
    guard !series.values.isEmpty else { throw .emptySeries(reference) }
    return series.values
  }
}
