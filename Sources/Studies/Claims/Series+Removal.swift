import Statistics

extension Series {
  /// So many evaluations in a row have to find a rate gone: one that dips once is not.
  package static let successiveLooks = 3

  /// When what the series shows was removed: the step of the first of three successive evaluations below ½;
  /// censored at the last step where there is none. nil below three evaluations, or with one that is NaN.
  package var removal: TimeToEvent? {
    guard values.count >= Self.successiveLooks, !values.contains(where: \.isNaN) else { return nil }
    for start in 0...(values.count - Self.successiveLooks)
    where values[start..<start + Self.successiveLooks].allSatisfy({ $0 < 0.5 }) {
      return TimeToEvent(time: Double(steps[start]), isObserved: true)
    }
    return TimeToEvent(time: Double(steps[steps.count - 1]), isObserved: false)
  }
}
