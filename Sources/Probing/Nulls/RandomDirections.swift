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
