/// A step of a minimisation, and how the gradient changed along it.
struct StepPair {
  let step: [Double]
  let change: [Double]
  private let product: Double

  /// - Returns: nil where the gradient did not rise along the step, which a convex function's does but for rounding.
  init?(step: [Double], change: [Double]) {
    let product = Vector.dot(step, change)
    guard product > 1e-12 * Vector.norm(step) * Vector.norm(change) else { return nil }
    (self.step, self.change, self.product) = (step, change, product)
  }

  /// yᵀs / yᵀy: the inverse Hessian's size along the change, where nothing else is known of it.
  var scale: Double { product / Vector.dot(change, change) }

  /// The gradient times an inverse Hessian, by its BFGS update in the two loops of Nocedal (1980).
  ///
  /// - Parameters:
  ///   - pairs: oldest first.
  ///   - inverse: what is known of the inverse Hessian without them.
  static func corrected(
    _ gradient: [Double], by pairs: [StepPair], _ inverse: ([Double]) -> [Double]
  ) -> [Double] {
    var x = gradient
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = Vector.dot(pair.step, x) / pair.product
      shares.append(share)
      for index in x.indices { x[index] -= share * pair.change[index] }
    }
    x = inverse(x)
    for (pair, share) in zip(pairs, shares.reversed()) {
      let correction = share - Vector.dot(pair.change, x) / pair.product
      for index in x.indices { x[index] += correction * pair.step[index] }
    }
    return x
  }
}
