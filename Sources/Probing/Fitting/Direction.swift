import TensorCore

/// A fitted, frozen direction: a score is the projection onto it. Its sign was fixed when it was fitted.
package struct Direction: Equatable, Sendable {
  /// [width].
  package let vector: [Double]
  /// Added to the projection: 0 for a mean difference.
  package let offset: Double

  package init(vector: [Double], offset: Double = 0) {
    self.vector = vector
    self.offset = offset
  }

  /// [count].
  package func scores(of activations: Activations) -> [Double] {
    precondition(activations.width == vector.count, "equal widths")
    let products = activations.floats.withUnsafeBufferPointer {
      Engine().projections($0, onto: vector)
    }
    return products.map { $0 + offset }
  }

  /// What a vector of arbitrary sign is to be multiplied by, 1 or −1, to point along a contrast; where it
  /// has no part along it, so that its component of the largest magnitude (the first among equals) is
  /// positive.
  static func sign(of vector: [Double], along contrast: [Double]) -> Double {
    let projection = Vector.dot(vector, contrast)
    // Below this share of its length a projection is rounding error, and has no sign.
    let isClear =
      projection.magnitude > 1e-12 * Vector.norm(vector) * Vector.norm(contrast)
    let largest = vector.indices.max {
      (vector[$0].magnitude, -$0) < (vector[$1].magnitude, -$1)
    }!
    return (isClear ? projection : vector[largest]) < 0 ? -1 : 1
  }
}

/// mean(positive) − mean(negative) over contrast pairs (MacDiarmid et al. 2024). Never sees the trigger.
package struct MeanDifference: Sendable {
  package let positive: Activations
  package let negative: Activations

  package init(positive: Activations, negative: Activations) {
    precondition(positive.count == negative.count, "contrast sets are pairs")
    self.positive = positive
    self.negative = negative
  }

  package func fitted() -> Direction {
    Direction(vector: Vector.difference(positive.mean, negative.mean))
  }
}
