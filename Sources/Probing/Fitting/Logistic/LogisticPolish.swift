import Determinism
import TensorCore

/// The last digits of a logistic fit. The optimum of float32 margins lies within about 1e-5 of the weights' own;
/// some more steps with gradients in Double, by the same Hessian, come as close as a solver in Double.
struct LogisticPolish {
  let features: Activations
  let labels: [Bool]
  let design: CentredFeatures
  /// Of ½ ‖w‖² in the design's units.
  let lambda: Double

  static let maximumSteps = 40
  /// Of the step relative to the weights.
  static let target = 1e-11
  private static let blockRows = 128

  /// [width + 1], the intercept last.
  func polished(_ start: [Double], model: QuasiNewton) -> [Double] {
    var model = model
    var weights = start
    var gradient = self.gradient(at: weights)
    var smallest = Double.infinity
    for _ in 0..<Self.maximumSteps {
      let step = model.step(of: gradient)
      let length = Vector.norm(step)
      // Steps that grow again would undo what was gained.
      guard length.isFinite, length < smallest else { break }
      smallest = length
      let next = Vector.difference(weights, step)
      let there = self.gradient(at: next)
      model.learn(
        step: Vector.difference(next, weights), change: Vector.difference(there, gradient))
      (weights, gradient) = (next, there)
      if length <= Self.target * (1 + Vector.norm(weights)) { break }
    }
    return weights
  }

  private func gradient(at weights: [Double]) -> [Double] {
    let width = design.width
    // What the design took off, to the bit.
    let centre = design.mean.map { Double(Float($0)) }
    let direction = weights.dropLast().map { $0 * design.scale }
    let shift = weights[width] - Vector.dot(centre, direction)
    let products = features.floats.withUnsafeBufferPointer {
      Engine().projections($0, onto: direction)
    }
    let stride = WideMatrix.stride(of: width)
    let sums = DoubleBuffer(count: stride)
    let (block, slopes) = (
      DoubleBuffer(count: Self.blockRows * stride), DoubleBuffer(count: Self.blockRows)
    )
    let engine = Engine()
    var slope = 0.0
    for first in Swift.stride(from: 0, to: labels.count, by: Self.blockRows) {
      let rows = first..<min(first + Self.blockRows, labels.count)
      features.centred(rows, at: centre, into: block.pointer, stride: stride)
      for (index, row) in rows.enumerated() {
        let term = LogisticTerm(margin: products[row] + shift, label: labels[row])
        slopes.pointer[index] = term.slope
        slope += term.slope
      }
      engine.addProduct(
        m: 1, n: stride, k: rows.count, slopes.pointer, lda: 1, block.pointer, ldb: stride,
        to: sums.pointer, ldc: stride)
    }
    return (0..<width).map { design.scale * sums.pointer[$0] + lambda * weights[$0] } + [slope]
  }
}
