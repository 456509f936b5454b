import TensorCore

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

  /// - Parameter threads: change no bit.
  /// - Throws: `.tooFew` below two examples, `.notFinite`, `.noVariance`, `.singular`.
  package func fitted(threads: Int = 1) throws(FittingError) -> Fitted {
    guard clean.count >= 2 else { throw .tooFew(needed: 2, given: clean.count, of: "clean") }
    let pool = WorkerPool(threads: threads)
    let scatter = try Scatter(of: clean, name: "clean", pool: pool)
    scatter.products.scale(by: 1 / Double(scatter.count), pool: pool)
    return Fitted(
      mean: scatter.mean,
      factor: try scatter.products.shrunkFactor(shrinkage, of: "clean", pool: pool))
  }

  /// The frozen detector.
  package struct Fitted: Sendable {
    /// [width].
    package let mean: [Double]
    /// Of Σ.
    package let factor: WideCholesky

    /// Examples that are whitened at once.
    private static let atOnce = 64

    /// [count], none negative.
    package func scores(of activations: Activations, threads: Int = 1) -> [Double] {
      precondition(activations.width == mean.count, "equal widths")
      let (engine, width) = (Engine(), mean.count)
      let pool = WorkerPool(threads: threads)
      var squares = [Double](repeating: 0, count: activations.count)
      let groups = (activations.count + Self.atOnce - 1) / Self.atOnce
      let rooms = (0..<threads).map { _ in DoubleBuffer(count: width * Self.atOnce) }
      squares.withUnsafeMutableBufferPointer { squares in
        let squares = squares.baseAddress
        activations.floats.withUnsafeBufferPointer { floats in
          pool.run(groups) { group, worker in
            let columns = rooms[worker].pointer
            let first = group * Self.atOnce
            let count = min(Self.atOnce, activations.count - first)
            // A group that is not whole repeats its last example.
            for index in 0..<Self.atOnce {
              let row = floats.baseAddress! + (first + min(index, count - 1)) * width
              for column in 0..<width {
                columns[column * Self.atOnce + index] = Double(row[column]) - mean[column]
              }
            }
            factor.whiten(columns, stride: Self.atOnce, engine: engine)
            for index in 0..<count {
              var sum = 0.0
              for column in 0..<width {
                let value = columns[column * Self.atOnce + index]
                sum += value * value
              }
              squares![first + index] = sum
            }
          }
        }
      }
      return squares.map { $0.squareRoot() }
    }
  }
}
