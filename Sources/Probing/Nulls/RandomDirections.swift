import Determinism

/// Isotropic random directions: what any direction would score. The stream is the seed's own, so the
/// null of a stage is as reproducible as the rest of it.
package struct RandomDirections: Sendable {
  package let directions: [Direction]

  package init(count: Int, width: Int, seed: UInt64, name: String) {
    directions = (0..<count).map { index in
      var stream = RandomStream(seed: seed, "random-direction/\(name)", UInt64(index))
      return Direction(vector: (0..<width).map { _ in stream.normal() })
    }
  }
}

/// Quantiles of a null, and where an observation stands in it.
package struct NullDistribution: Sendable {
  /// Rising.
  package let sorted: [Double]
  package init(_ values: [Double]) { sorted = values.sorted() }

  /// Linear interpolation between order statistics (type 7).
  package func quantile(_ share: Double) -> Double {
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
  }

  package var maximum: Double { sorted[sorted.count - 1] }

  /// Share of the null below the observation: ties count against it.
  package func share(below observation: Double) -> Double {
    Double(sorted.count { $0 < observation }) / Double(sorted.count)
  }
}
