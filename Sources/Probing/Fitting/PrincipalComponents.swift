import TensorCore

/// Directions in which pooled contrast pairs vary most (Pearson 1901), found without their labels:
/// eigenvectors of the covariance of positives and negatives together. A score is the projection of what
/// is left after the pooled mean is taken off.
///
/// The sign of an eigenvector is arbitrary. It is fixed when the direction is fitted: the fit set's positives
/// score higher on average than its negatives; where they do not differ, the component of the largest
/// magnitude (the first among equals) is positive.
package struct PrincipalComponents: Sendable {
  package let positive: Activations
  package let negative: Activations

  package init(positive: Activations, negative: Activations) {
    precondition(positive.width == negative.width, "equal widths")
    precondition(positive.count == negative.count, "contrast sets are pairs")
    self.positive = positive
    self.negative = negative
  }

  /// What was found: by variance, falling.
  package struct Fit: Equatable, Sendable {
    package let directions: [Direction]
    /// Along each direction, divided by n − 1.
    package let variances: [Double]
    /// Of the total variance.
    package let shares: [Double]
  }

  /// The width beyond which the first component alone is looked for.
  private static let widest = 512

  /// The first component.
  ///
  /// - Parameter threads: change no bit.
  /// - Throws: as `fit`, and `.notConverged`.
  package func fitted(threads: Int = 1) throws(FittingError) -> Direction {
    if positive.width <= Self.widest { return try fit(count: 1).directions[0] }
    return try leading(threads: threads).direction
  }

  /// The first component and its variance, by Lanczos' method: for widths at which all of them take too long.
  func leading(threads: Int) throws(FittingError) -> (direction: Direction, variance: Double) {
    guard positive.count > 0 else { throw .tooFew(needed: 1, given: 0, of: "paired") }
    let pool = WorkerPool(threads: threads)
    let pooled = try Scatter(of: positive + negative, name: "paired", pool: pool)
    guard pooled.products.trace > 0 else { throw .noVariance(of: "paired") }
    let found = try LeadingEigenvector.find(of: pooled.products)
    let vector = Self.signed(
      found.vector, along: Vector.difference(positive.mean, negative.mean))
    return (
      Direction(vector: vector, offset: -Vector.dot(pooled.mean, vector)),
      found.value / Double(pooled.count - 1)
    )
  }

  /// - Parameter count: of components, at most the width.
  /// - Throws: `.tooFew` without a pair, `.notFinite`, `.noVariance` if all examples are equal or there
  ///   are fewer independent ones than components.
  package func fit(count: Int) throws(FittingError) -> Fit {
    precondition((1...positive.width).contains(count), "1 to \(positive.width) components")
    guard positive.count > 0 else { throw .tooFew(needed: 1, given: 0, of: "paired") }
    let pooled = try Scatter(
      of: positive + negative, name: "paired", pool: WorkerPool(threads: 1))
    let covariance = pooled.products.symmetric / Double(pooled.count - 1)
    guard covariance.trace > 0 else { throw .noVariance(of: "paired") }
    let eigen = SymmetricEigen(of: covariance)
    let contrast = Vector.difference(positive.mean, negative.mean)
    var directions: [Direction] = []
    for index in 0..<count {
      // What rounding leaves of an eigenvalue 0 has an arbitrary vector.
      guard eigen.values[index] > 1e-13 * covariance.trace else {
        throw .tooFew(needed: count + 1, given: index + 1, of: "independent paired")
      }
      let vector = Self.signed(eigen.vectors[index], along: contrast)
      directions.append(Direction(vector: vector, offset: -Vector.dot(pooled.mean, vector)))
    }
    let variances = Array(eigen.values[..<count])
    return Fit(
      directions: directions, variances: variances,
      shares: variances.map { $0 / covariance.trace })
  }

  private static func signed(_ vector: [Double], along contrast: [Double]) -> [Double] {
    Direction.sign(of: vector, along: contrast) < 0 ? vector.map { -$0 } : vector
  }
}
