/// How an interval lies to a region.
extension Estimate {
  /// Where a claim holds: between two ends, each of which may be open.
  package struct Region: Equatable, Sendable {
    package let lower: Double
    package let upper: Double
    package let includesLower: Bool
    package let includesUpper: Bool

    package static func atLeast(_ bound: Double) -> Region {
      Region(lower: bound, upper: .infinity, includesLower: true, includesUpper: true)
    }
    package static func atMost(_ bound: Double) -> Region {
      Region(lower: -.infinity, upper: bound, includesLower: true, includesUpper: true)
    }
    package static func above(_ bound: Double) -> Region {
      Region(lower: bound, upper: .infinity, includesLower: false, includesUpper: true)
    }
    package static func below(_ bound: Double) -> Region {
      Region(lower: -.infinity, upper: bound, includesLower: true, includesUpper: false)
    }
    package static func between(_ bounds: ClosedRange<Double>) -> Region {
      Region(
        lower: bounds.lowerBound, upper: bounds.upperBound, includesLower: true,
        includesUpper: true)
    }

    package func contains(_ value: Double) -> Bool {
      (includesLower ? value >= lower : value > lower)
        && (includesUpper ? value <= upper : value < upper)
    }
  }

  package enum Position: String, Equatable, Sendable {
    /// Every value of the interval lies in the region.
    case inside
    /// No value does.
    case outside
    /// Some do; or the interval has no width, or is undefined, and cannot support anything.
    case undecided
  }

  /// An interval without width never lies `inside`: agreement of a few seeds is no certainty.
  package func position(in region: Region) -> Position {
    guard !value.isNaN, lower <= upper else { return .undecided }
    let below = region.includesLower ? upper < region.lower : upper <= region.lower
    let above = region.includesUpper ? lower > region.upper : lower >= region.upper
    if below || above { return .outside }
    return lower < upper && region.contains(lower) && region.contains(upper) ? .inside : .undecided
  }
}
