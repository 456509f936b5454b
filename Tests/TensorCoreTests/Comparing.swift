import Determinism
import Testing

/// Largest |x − y| / (1 + |y|).
func largestError(_ x: [Float], _ y: [Double]) -> Double {
  guard x.count == y.count else { return .infinity }
  return zip(x, y).reduce(0) {
    let error = abs(Double($1.0) - $1.1) / (1 + abs($1.1))
    return error.isNaN ? .infinity : max($0, error)
  }
}

/// Holds a gradient to central differences of a loss, coordinate by coordinate.
func expectSlopes(
  at point: [Float], match gradient: [Float], tolerance: Double, seed: UInt64,
  loss: ([Double]) -> Double
) {
  let point = point.map { Double($0) }
  for at in point.indices {
    var (above, below) = (point, point)
    above[at] += 1e-5
    below[at] -= 1e-5
    let slope = (loss(above) - loss(below)) / 2e-5
    #expect(abs(Double(gradient[at]) - slope) < tolerance, "element \(at), seed \(seed)")
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
