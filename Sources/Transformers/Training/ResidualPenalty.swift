import TensorCore

/// A penalty on where the residual stream lies at one token of some sequences: what hides a decision from a linear
/// detector (Bailey et al. 2024, "Obfuscated activations bypass LLM latent-space defenses").
///
/// scale · Σ (x · direction − offset)² over the sequences that have a position, and over the targets.
package struct ResidualPenalty: Equatable, Sendable {
  package typealias Target = ProjectionTarget

  package let site: ActivationSite
  /// By sequence of the batch; nil = not this one.
  package let positions: [Int?]
  package let targets: [Target]
  package let scale: Double

  package init(
    site: ActivationSite, positions: [Int?], targets: [Target], scale: Double
  ) {
    self.site = site
    self.positions = positions
    self.targets = targets
    self.scale = scale
  }

  /// On the sequences of a shard, if `site` is its own.
  func value(
    at site: ActivationSite, of x: Tensor, _ packed: PackedSequences, on tape: Tape
  ) -> Double {
    guard site == self.site else { return 0 }
    let rows = packed.members.enumerated().compactMap { slot, member in
      positions[member].map { packed.starts[slot] + $0 }
    }
    return rows.isEmpty
      ? 0 : tape.projectionPenalty(x, rows: rows, onto: targets, scale: scale)
  }
}
