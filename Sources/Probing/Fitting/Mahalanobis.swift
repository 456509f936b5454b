/// Distance from the clean class in units of its own spread (Mahalanobis 1936; as an anomaly score of
/// activations: Lee et al. 2018), higher is stranger:
///
///   d(x) = √((x − μ)ᵀ Σ⁻¹ (x − μ)),   Σ = (1 − γ) S + γ tr(S)/d I,   S divided by n.
///
/// The square is what scikit-learn's `ShrunkCovariance(shrinkage=γ)` calls `mahalanobis`. Fitted on clean
/// activations alone: it is never told what a trigger looks like.
package struct Mahalanobis: Sendable {
  package let clean: Activations
  /// γ: 0 needs more examples than dimensions.
  package let shrinkage: Double

  package init(clean: Activations, shrinkage: Double = 0.01) {
    precondition((0...1).contains(shrinkage), "a share lies in [0, 1]")
    self.clean = clean
    self.shrinkage = shrinkage
  }

  /// - Throws: `.tooFew` below two examples, `.notFinite`, `.noVariance`, `.singular`.
  package func fitted() throws(FittingError) -> Fitted {
    guard clean.count >= 2 else { throw .tooFew(needed: 2, given: clean.count, of: "clean") }
    let scatter = try Scatter(of: clean, name: "clean")
    return Fitted(
      mean: scatter.mean,
      factor: try scatter.covariance.shrunkFactor(shrinkage, of: "clean"))
  }

  /// The frozen detector.
  package struct Fitted: Equatable, Sendable {
    /// [width].
    package let mean: [Double]
    /// Of Σ.
    package let factor: Cholesky

    /// [count], none negative.
    package func scores(of activations: Activations) -> [Double] {
      precondition(activations.width == mean.count, "equal widths")
      return (0..<activations.count).map { row in
        Vector.norm(factor.whitened(Vector.difference(activations[row], mean)))
      }
    }
  }
}
