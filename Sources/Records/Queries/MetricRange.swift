import Determinism

/// Bit patterns of doubles as the index has them, both ends included: of one sign they sort as their numbers do,
/// negative ones the other way round.
struct MetricRange: Sendable {
  let lower: [UInt8]
  let upper: [UInt8]

  private init(_ lower: UInt64, _ upper: UInt64) {
    self.lower = lower.bigEndianBytes
    self.upper = upper.bigEndianBytes
  }

  private static let zero: UInt64 = 0
  private static let infinity = Double.infinity.bitPattern
  private static let negativeZero = (-0.0).bitPattern
  private static let negativeInfinity = (-Double.infinity).bitPattern
  private static let all = [MetricRange(0, .max)]

  /// Zero of either sign is one number.
  static let zeros = [MetricRange(zero, zero), MetricRange(negativeZero, negativeZero)]
  static let negatives = MetricRange(negativeZero + 1, negativeInfinity)
  static let positives = MetricRange(zero + 1, infinity)

  /// Where the numbers are for which a test can hold, and perhaps a few more; nil where every one has to be
  /// asked.
  static func ranges(for test: RunCondition.Test) -> [MetricRange]? {
    switch test {
    case .contains: return nil
    case .exists: return all
    case .equals(let literals):
      var ranges: [MetricRange] = []
      // A number never equals a text.
      for number in literals.compactMap(\.number) {
        guard let points = points(number) else { return nil }
        ranges += points
      }
      return ranges
    case .ordered(let order, let literal):
      guard let number = literal.number, !number.isNaN else { return [] }
      return number.asDouble.map { stretches(order, $0) }
    }
  }

  /// Whether the test holds for all numbers in its ranges but the excluded ones, and each is in one of them.
  static func isExact(_ test: RunCondition.Test) -> Bool {
    func isExact(_ literal: Literal) -> Bool {
      guard let number = literal.number else { return true }
      return number.isNaN
        || number.asDouble.map { ExactNumber.order(number, .double($0)) == 0 } ?? false
    }
    switch test {
    case .contains: return false
    case .exists: return true
    case .equals(let literals): return literals.count == 1 && isExact(literals[0])
    case .ordered(_, let literal): return isExact(literal)
    }
  }

  static func excluded(by test: RunCondition.Test) -> [MetricRange] {
    switch test {
    case .ordered(.less, let literal), .ordered(.greater, let literal):
      literal.number.flatMap { $0.isNaN ? nil : points($0) } ?? []
    case .ordered, .equals, .contains, .exists: []
    }
  }

  private static func points(_ number: ExactNumber) -> [MetricRange]? {
    if number.isNaN {
      return [MetricRange(infinity + 1, negativeZero - 1), MetricRange(negativeInfinity + 1, .max)]
    }
    guard let value = number.asDouble else { return nil }
    if value == 0 { return zeros }
    return [MetricRange(value.bitPattern, value.bitPattern)]
  }

  private static func stretches(_ order: RunCondition.Order, _ bound: Double) -> [MetricRange] {
    let positives = MetricRange(zero, infinity)
    let negatives = MetricRange(negativeZero, negativeInfinity)
    switch order {
    case .greater, .atLeast:
      if bound == 0 { return [positives, MetricRange(negativeZero, negativeZero)] }
      return bound < 0
        ? [positives, MetricRange(negativeZero, bound.bitPattern)]
        : [MetricRange(bound.bitPattern, infinity)]
    case .less, .atMost:
      if bound == 0 { return [negatives, MetricRange(zero, zero)] }
      return bound < 0
        ? [MetricRange(bound.bitPattern, negativeInfinity)]
        : [MetricRange(zero, bound.bitPattern), negatives]
    }
  }
}
