import Determinism

/// Largest |x − y| / (1 + |y|).
func largestError(_ x: [Float], _ y: [Double]) -> Double {
  guard x.count == y.count else { return .infinity }
  return zip(x, y).reduce(0) {
    let error = abs(Double($1.0) - $1.1) / (1 + abs($1.1))
    return error.isNaN ? .infinity : max($0, error)
  }
}

/// The bit patterns of floats, compared as one value: the testing library searches differing arrays for the
/// smallest difference, which takes minutes on thousands of numbers.
struct FloatBits: Equatable, CustomStringConvertible {
  let patterns: [UInt32]
  var description: String {
    "\(patterns.count) floats, \(Digest(of: patterns.flatMap(\.bytes)).short)"
  }
}

extension UInt32 {
  fileprivate var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}

extension [Float] {
  var bitPatterns: FloatBits { FloatBits(patterns: map(\.bitPattern)) }
}
