/// Residual-stream activations of some prompts at one site: [count × width], row by row, in Double.
package struct Activations: Equatable, Sendable {
  package let width: Int
  package private(set) var values: [Double]

  package init(width: Int, values: [Double]) {
    precondition(width > 0 && values.count.isMultiple(of: width), "whole rows")
    self.width = width
    self.values = values
  }

  package init(width: Int, floats: [Float]) {
    self.init(width: width, values: floats.map { Double($0) })
  }

  package var count: Int { values.count / width }

  package subscript(row: Int) -> ArraySlice<Double> {
    values[row * width..<(row + 1) * width]
  }

  /// Rows of the two after one another.
  package static func + (left: Activations, right: Activations) -> Activations {
    precondition(left.width == right.width, "equal widths")
    return Activations(width: left.width, values: left.values + right.values)
  }

  package func rows(_ range: Range<Int>) -> Activations {
    Activations(
      width: width, values: Array(values[range.lowerBound * width..<range.upperBound * width]))
  }

  /// [width]; sums run over rows in order.
  package var mean: [Double] {
    precondition(count > 0, "the mean of no activations")
    var sum = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for (column, value) in self[row].enumerated() { sum[column] += value }
    }
    return sum.map { $0 / Double(count) }
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
