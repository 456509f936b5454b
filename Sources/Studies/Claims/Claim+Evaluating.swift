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
  /// When a rate was gone, at most the last step at which it was looked at.
  case time(Double, horizon: Double)
  /// Of `passes(…)`: whether the run is one of those for which the inner conditions hold.
  case passed(Bool)

  /// The statistic as a number: a rate's share; 1 or 0.
  package var number: Double {
    switch self {
    case .number(let value), .time(let value, _): value
    case .rate(let proportion): proportion.value
    case .passed(let passed): passed ? 1 : 0
    }
  }
}

/// Why a claim has no number in some run.
package enum ClaimGap: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(ClaimReference)
  case emptySeries(ClaimReference)
  case tooFewLooks(ClaimReference, looks: Int)
  case notFinite(String)

  package var description: String {
    switch self {
    case .missing(let reference): "\(reference.stage):\(reference.key) was not recorded"
    case .emptySeries(let reference): "\(reference.stage):\(reference.key) has no steps"
    case .tooFewLooks(let reference, let looks):
      "\(reference.stage):\(reference.key) was looked at \(looks) times; a removal takes "
        + "\(Series.successiveLooks)"
    case .notFinite(let text): "'\(text)' is not a finite number here"
    }
  }
}

extension Condition {
  /// The condition's statistic in one run; of a statistic over levels, what it is of.
  ///
  /// - Throws: `ClaimGap` when a value is missing or the result is not finite.
  package func perRun(_ values: ClaimValues) throws(ClaimGap) -> RunStatistic {
    try RunQuantity(expression: ofRun, text: text).perRun(values)
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
    case .removalTime(let reference): return try Self.removal(reference, values).time
    case .greatest(let inner): return try Self.extreme(inner, values, >)
    case .least(let inner): return try Self.extreme(inner, values, <)
    case .negated(let inner): return try -inner.evaluate(values)
    case .absolute(let inner): return try inner.evaluate(values).magnitude
    case .sum(let left, let right): return try left.evaluate(values) + right.evaluate(values)
    case .difference(let left, let right): return try left.evaluate(values) - right.evaluate(values)
    case .product(let left, let right): return try left.evaluate(values) * right.evaluate(values)
    case .quotient(let left, let right): return try left.evaluate(values) / right.evaluate(values)
    case .passes, .overLevels: preconditionFailure("stands alone in its condition")
    }
  }

  /// NaN where any value is.
  private static func extreme(
    _ expressions: [ClaimExpression], _ values: ClaimValues, _ isBetter: (Double, Double) -> Bool
  ) throws(ClaimGap) -> Double {
    var best = try expressions[0].evaluate(values)
    for expression in expressions.dropFirst() {
      let value = try expression.evaluate(values)
      if value.isNaN || isBetter(value, best) { best = value }
      if best.isNaN { return best }
    }
    return best
  }

  static func removal(
    _ reference: ClaimReference, _ values: ClaimValues
  ) throws(ClaimGap) -> (time: Double, horizon: Double) {
    guard let series = values.series(reference.stage, reference.key) else {
      throw .missing(reference)
    }
    guard let removal = series.removal, let last = series.steps.last else {
      throw .tooFewLooks(reference, looks: series.steps.count)
    }
    return (removal.time, Double(last))
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
