import TensorCore

/// Residual-stream activations of some prompts at one site: [count × width], row by row. Kept as the floats
/// that they are; all arithmetic on them is in Double.
package struct Activations: Equatable, Sendable {
  package let width: Int
  package let floats: [Float]

  package init(width: Int, floats: [Float]) {
    precondition(width > 0 && floats.count.isMultiple(of: width), "whole rows")
    self.width = width
    self.floats = floats
  }

  package var count: Int { floats.count / width }

  package subscript(row: Int) -> LazyMapCollection<ArraySlice<Float>, Double> {
    floats[row * width..<(row + 1) * width].lazy.map { Double($0) }
  }

  /// Rows of the two after one another.
  package static func + (left: Activations, right: Activations) -> Activations {
    precondition(left.width == right.width, "equal widths")
    return Activations(width: left.width, floats: left.floats + right.floats)
  }

  package func rows(_ range: Range<Int>) -> Activations {
    Activations(
      width: width, floats: Array(floats[range.lowerBound * width..<range.upperBound * width]))
  }

  /// [width]; sums run over rows in order.
  package var mean: [Double] {
    precondition(count > 0, "the mean of no activations")
    let totals = floats.withUnsafeBufferPointer { Engine().columnTotals($0, columns: width) }
    return totals.map { $0 / Double(count) }
  }
}

/// A vector of the residual stream. Sums run in order of index.
package enum Vector {
  package static func dot(_ left: some Collection<Double>, _ right: some Collection<Double>)
    -> Double
  {
    var sum = 0.0
    for (a, b) in zip(left, right) { sum += a * b }
    return sum
  }

  package static func norm(_ vector: [Double]) -> Double { dot(vector, vector).squareRoot() }

  package static func difference(_ left: some Collection<Double>, _ right: some Collection<Double>)
    -> [Double]
  {
    zip(left, right).map { $0 - $1 }
  }

  /// 0 when either has no length.
  package static func cosine(_ left: [Double], _ right: [Double]) -> Double {
    let scale = norm(left) * norm(right)
    return scale > 0 ? dot(left, right) / scale : 0
  }
}
