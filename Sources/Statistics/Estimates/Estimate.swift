/// A number with what is needed to believe it.
package struct Estimate: Equatable, Sendable {
  package let value: Double
  package let lower: Double
  package let upper: Double
  /// Units that were resampled or counted: seeds, for everything that is claimed.
  package let n: Int
  /// How the interval was made, as the page states it.
  package let method: String
  /// Of the interval.
  package let level: Double

  package init(
    value: Double, lower: Double, upper: Double, n: Int, method: String, level: Double = 0.95
  ) {
    self.value = value
    self.lower = lower
    self.upper = upper
    self.n = n
    self.method = method
    self.level = level
  }
}
