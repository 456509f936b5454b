/// When something happened, or until when it was seen not to.
package struct TimeToEvent: Hashable, Sendable {
  package let time: Double
  /// False where the watching ended first: the time is then censored.
  package let isObserved: Bool

  package init(time: Double, isObserved: Bool) {
    precondition(!time.isNaN, "NaN is no time")
    self.time = time
    self.isObserved = isObserved
  }
}
