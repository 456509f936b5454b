/// The share that is still without the event, over time, from censored times (Kaplan and Meier 1958).
///
/// A time at which one thing happened and the watching of another ended has both at risk: events come first.
package struct KaplanMeier: Equatable, Sendable {
  /// What changes at a time of events.
  package struct Step: Equatable, Sendable {
    package let time: Double
    package let atRisk: Int
    package let events: Int
    /// From this time on.
    package let survival: Double
    /// Greenwood's (1926): S² Σ d / n(n − d). 0 once nobody is left.
    package let variance: Double

    /// Around a drawn curve: pointwise, normal, within 0 and 1. Without width at 1 and 0 and too narrow over few
    /// runs, so that no claim is judged by it.
    package func band(level: Double = 0.95) -> (lower: Double, upper: Double) {
      let reach = Normal.quantile(0.5 + level / 2) * variance.squareRoot()
      return (max(0, survival - reach), min(1, survival + reach))
    }
  }

  /// Rising in time; empty when everything is censored.
  package let steps: [Step]
  package let count: Int
  /// The last time at which anything was watched; after it the curve is known only once it is 0.
  package let lastTime: Double

  /// - Throws: `.tooFew` without times.
  package init(_ times: [TimeToEvent]) throws(StatisticsError) {
    guard let last = times.map(\.time).max() else { throw .tooFew(needed: 1, given: 0) }
    count = times.count
    lastTime = last
    var steps: [Step] = []
    var survival = 1.0
    var sum = 0.0
    for time in Set(times.filter(\.isObserved).map(\.time)).sorted() {
      let atRisk = times.count { $0.time >= time }
      let events = times.count { $0.isObserved && $0.time == time }
      survival *= Double(atRisk - events) / Double(atRisk)
      if events < atRisk { sum += Double(events) / (Double(atRisk) * Double(atRisk - events)) }
      steps.append(
        Step(
          time: time, atRisk: atRisk, events: events, survival: survival,
          variance: survival * survival * sum))
    }
    self.steps = steps
  }

  /// 1 before the first event.
  package func survival(at time: Double) -> Double {
    steps.last { $0.time <= time }?.survival ?? 1
  }

  /// The first time at which at most half are left, rounding aside; nil where more than half stay.
  package var median: Double? { steps.first { $0.survival <= 0.5 + 1e-9 }?.time }

  /// The mean of min(time, horizon): the area under the curve up to the horizon, with the variance of that
  /// estimate (Klein and Moeschberger 2003, 4.5). Without censoring it is the plain mean.
  ///
  /// - Throws: `.malformed` for a horizon beyond which the curve is not known.
  package func restrictedMean(to horizon: Double) throws(StatisticsError) -> RestrictedMean {
    guard horizon <= lastTime || steps.last?.survival == 0 else {
      throw .malformed("nothing was watched up to \(horizon); the last time is \(lastTime)")
    }
    let inside = steps.filter { $0.time < horizon }
    var value = 0.0
    var variance = 0.0
    // From the horizon back: what lies under the curve after each event.
    var end = horizon
    for step in inside.reversed() {
      value += step.survival * (end - step.time)
      end = step.time
      let (n, d) = (Double(step.atRisk), Double(step.events))
      if d < n { variance += value * value * d / (n * (n - d)) }
    }
    return RestrictedMean(value: value + end, variance: variance, horizon: horizon, count: count)
  }
}

/// A mean time up to a horizon, and how well it is known.
package struct RestrictedMean: Equatable, Sendable {
  package let value: Double
  /// Of the estimate.
  package let variance: Double
  package let horizon: Double
  package let count: Int

  /// The difference of two independent ones with a normal interval. Where both are of the same seeds, pair
  /// them: take the mean over seeds of the differences of min(time, horizon) instead.
  package static func difference(
    _ left: RestrictedMean, _ right: RestrictedMean, level: Double = 0.95
  ) -> Estimate {
    precondition(left.horizon == right.horizon, "restricted means have one horizon")
    let reach =
      Normal.quantile(0.5 + level / 2) * (left.variance + right.variance).squareRoot()
    let value = left.value - right.value
    return Estimate(
      value: value, lower: value - reach, upper: value + reach, n: left.count + right.count,
      method: "restricted means, normal", level: level)
  }
}
