import Determinism

/// How activations vary, and random directions along which they vary as much as along a given one: what
/// ablating a direction is compared with. Taking out a direction along which nothing varies changes nothing,
/// whatever it means.
package struct NaturalVariation: Sendable {
  private let mean: [Double]
  private let activations: Activations

  /// - Parameter activations: two at least.
  package init(_ activations: Activations) {
    precondition(activations.count >= 2, "variation needs two examples")
    self.activations = activations
    mean = activations.mean
  }

  /// Of the projections onto the direction scaled to length 1, divided by n; 0 for no direction.
  package func variance(along direction: [Double]) -> Double {
    let length = Vector.norm(direction)
    guard length > 0 else { return 0 }
    let scores = scores(along: direction)
    return Vector.dot(scores, scores) / Double(scores.count) / (length * length)
  }

  /// About their mean.
  private func scores(along direction: [Double]) -> [Double] {
    Direction(vector: direction, offset: -Vector.dot(mean, direction)).scores(of: activations)
  }

  /// Pairs that are drawn before the nearest of what they offer is taken.
  package static let attempts = 50

  /// A random direction of length 1: between one that is equally likely in every direction and one that is as
  /// likely as the activations vary, at the place where the variance is the one that is wanted. Where no pair
  /// that was drawn has it between them, the nearest end in ratio.
  package func direction(
    ofVariance wanted: Double, from stream: inout RandomStream
  ) -> [Double] {
    var nearest: (distance: Double, direction: [Double])?
    for _ in 0..<Self.attempts {
      let segment = Segment(isotropic(from: &stream), natural(from: &stream), scores)
      if let direction = segment.direction(ofVariance: wanted) { return direction }
      for (direction, variance) in segment.ends {
        let distance =
          wanted > 0 && variance > 0
          ? Elementary.log(variance / wanted).magnitude : (variance - wanted).magnitude
        if nearest.map({ distance < $0.distance }) ?? true { nearest = (distance, direction) }
      }
    }
    return nearest!.direction
  }

  private func isotropic(from stream: inout RandomStream) -> [Double] {
    Self.unit((0..<mean.count).map { _ in stream.normal() })
  }

  private func natural(from stream: inout RandomStream) -> [Double] {
    var sum = [Double](repeating: 0, count: mean.count)
    for row in 0..<activations.count {
      let weight = stream.normal()
      for (column, value) in activations[row].enumerated() {
        sum[column] += weight * (value - mean[column])
      }
    }
    return Self.unit(sum)
  }

  private static func unit(_ vector: [Double]) -> [Double] {
    let length = Vector.norm(vector)
    return length > 0 ? vector.map { $0 / length } : vector
  }

  /// Directions (1 − t) a + t b scaled to length 1, and the variance along each, in closed form.
  private struct Segment {
    private let a: [Double]
    private let b: [Double]
    private let variances: (a: Double, b: Double)
    private let covariance: Double
    private let cosine: Double

    init(_ a: [Double], _ b: [Double], _ scores: ([Double]) -> [Double]) {
      self.a = a
      self.b = b
      let (along, across) = (scores(a), scores(b))
      let count = Double(along.count)
      variances = (Vector.dot(along, along) / count, Vector.dot(across, across) / count)
      covariance = Vector.dot(along, across) / count
      cosine = Vector.dot(a, b)
    }

    var ends: [(direction: [Double], variance: Double)] { [(a, variances.a), (b, variances.b)] }

    private func variance(_ t: Double) -> Double {
      let s = 1 - t
      let length = s * s + 2 * s * t * cosine + t * t
      guard length > 0 else { return 0 }
      return (s * s * variances.a + 2 * s * t * covariance + t * t * variances.b) / length
    }

    /// By bisection; nil where the ends do not have it between them.
    func direction(ofVariance wanted: Double) -> [Double]? {
      var (low, high) = (0.0, 1.0)
      let isRising = variances.a < variances.b
      guard min(variances.a, variances.b) <= wanted, wanted <= max(variances.a, variances.b) else {
        return nil
      }
      for _ in 0..<50 {
        let middle = (low + high) / 2
        if (variance(middle) < wanted) == isRising { low = middle } else { high = middle }
      }
      return unit(zip(a, b).map { (1 - low) * $0 + low * $1 })
    }
  }
}
