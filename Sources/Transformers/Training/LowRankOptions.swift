/// A low-rank update (Hu et al. 2021, LoRA): every linear weight W becomes W₀ + (α / r) A B, and only the
/// thin A (inputs × r) and B (r × outputs) are trained.
package struct LowRankOptions: Hashable, Sendable {
  /// r
  package var rank: Int
  /// α: at α = r the product is taken as it is.
  package var alpha: Double
  /// Whether the unembedding has an update, too.
  package var includesUnembedding: Bool
  /// A begins with N(0, 1 / inputs) from the stream `low-rank/<tensor name>`, B with 0.
  package var seed: UInt64

  package init(
    rank: Int, alpha: Double, includesUnembedding: Bool = true, seed: UInt64
  ) {
    precondition((1...Self.maximumRank).contains(rank), "a rank from 1 to \(Self.maximumRank)")
    precondition(alpha.isFinite, "a finite alpha")
    self.rank = rank
    self.alpha = alpha
    self.includesUnembedding = includesUnembedding
    self.seed = seed
  }

  static let maximumRank = 1 << 16
}
