/// Why nothing can be fitted to some activations.
package enum FittingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A NaN or an infinity.
  case notFinite(row: Int, column: Int)
  case tooFew(needed: Int, given: Int, of: String)
  /// All examples of a class, or all of them, are equal: no covariance to measure by.
  case noVariance(of: String)
  /// Not positive definite: fewer examples than dimensions, or a feature that is constant or a copy.
  case singular(of: String)
  /// No direction is better than giving every example the same answer.
  case uninformative(of: String)
  /// The iteration did not come to the optimum that was asked for.
  case notConverged(iterations: Int)

  package var description: String {
    switch self {
    case .notFinite(let row, let column):
      "feature \(column) of example \(row) is not finite; remove the example, or look at the model"
    case .tooFew(let needed, let given, let what):
      "\(given) \(what) examples given, at least \(needed) needed"
    case .noVariance(let what): "the \(what) examples are all the same: nothing to measure by"
    case .singular(let what):
      "the covariance of the \(what) examples is singular; use a shrinkage above 0, e.g. 0.01"
    case .uninformative(let what):
      "nothing in the \(what) examples is better than the same answer for all of them"
    case .notConverged(let iterations):
      "no optimum after \(iterations) iterations; use a smaller C"
    }
  }
}
