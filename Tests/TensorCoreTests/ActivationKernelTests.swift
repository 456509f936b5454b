import Determinism
import Testing

@testable import TensorCore

struct `Sums over activations` {
  @Test(arguments: KernelFamily.supported, [(1, 1), (16, 16), (33, 5), (15, 40), (50, 67), (0, 3)])
  func `have the bits of the scalar loops`(family: KernelFamily, shape: (rows: Int, width: Int)) {
    var stream = RandomStream(seed: 15, "activations")
    let x = randomFloats(shape.rows * shape.width, &stream).map { $0 * 1e3 + 0.1 }
    let direction = (0..<shape.width).map { _ in stream.normal() }
    var totals = [Double](repeating: 0, count: shape.width)
    var products: [Double] = []
    for row in 0..<shape.rows {
      var product = 0.0
      for column in 0..<shape.width {
        let value = Double(x[row * shape.width + column])
        totals[column] += value
        product += value * direction[column]
      }
      products.append(product)
    }
    let engine = Engine(family: family)
    x.withUnsafeBufferPointer {
      #expect(
        engine.columnTotals($0, columns: shape.width).map(\.bitPattern) == totals.map(\.bitPattern))
      #expect(
        engine.projections($0, onto: direction).map(\.bitPattern) == products.map(\.bitPattern))
    }
  }
}
