import Determinism
import TensorCore

/// Logistic regression with a squared penalty on the weights and none on the intercept, at its optimum:
///
///   minimise Σᵢ log(1 + exp(−yᵢ (xᵢ·w + b))) + ½ λ ‖w‖²,   yᵢ = ±1,
///
/// by Newton's method whose Hessian is used again for as long as each step halves the gap to the optimum
/// (Shamanskii 1967), improved meanwhile by BFGS updates from the gradients: a step without a new Hessian
/// costs one read of the features. Products are float32 chains over fixed blocks of rows with our own
/// kernels, summed in Double in the order of the blocks; the system is solved in Double. Equal bits for any
/// number of threads and on any kernel family.
///
/// The optimum is that of scikit-learn's `LogisticRegression(C:)`, objective to 1e-9.
///
/// `LogisticRegression` beside it is what `probe@1` records; it goes when `probe` gets a new version. The
/// switch is one line of the stage: `try NewtonLogistic(positive:negative:penalty: .standardised(ridge:
/// 1e-2)).fitted()` minimises the same objective.
package struct NewtonLogistic: Sendable {
  package enum Penalty: Equatable, Sendable {
    /// λ = 1 / C, as in scikit-learn.
    case inverse(Double)
    /// λ = ridge × examples × joint variance of the features: of features that were centred and divided
    /// by their joint standard deviation, per example.
    case standardised(ridge: Double)
  }

  /// [count × width], row by row.
  package let features: [Float]
  package let width: Int
  package let labels: [Bool]
  package let penalty: Penalty
  /// Whether the weights are to be those of a solver in Double, to about 1e-9, for some more reads of the
  /// features; else they are good to about 1e-5.
  package let isPolished: Bool

  /// More than enough: quadratic convergence, or halving between two Hessians.
  static let maximumIterations = 100
  /// Estimated gap to the optimum, relative to the objective, at which to stop.
  static let target = 2e-10
  /// What is still called the optimum if rounding keeps it from coming closer.
  static let accepted = 1e-9

  package init(
    features: [Float], width: Int, labels: [Bool], penalty: Penalty = .inverse(1),
    isPolished: Bool = false
  ) {
    precondition(width > 0 && features.count == labels.count * width, "a row for each label")
    switch penalty {
    case .inverse(let c): precondition(c > 0 && c.isFinite, "C is positive")
    case .standardised(let ridge): precondition(ridge > 0 && ridge.isFinite, "a positive ridge")
    }
    self.features = features
    self.width = width
    self.labels = labels
    self.penalty = penalty
    self.isPolished = isPolished
  }

  /// Activations of a model.
  package init(
    positive: Activations, negative: Activations, penalty: Penalty = .inverse(1),
    isPolished: Bool = false
  ) {
    let all = positive + negative
    self.init(
      features: all.floats, width: all.width,
      labels: (0..<all.count).map { $0 < positive.count }, penalty: penalty,
      isPolished: isPolished)
  }

  /// What was found, and what it took.
  package struct Fit: Equatable, Sendable {
    package let direction: Direction
    /// Of the float32 margins: good to about 1e-7.
    package let objective: Double
    package let iterations: Int
    /// How many Hessians were made.
    package let hessians: Int
  }

  /// The direction alone; positive scores mean the positive class.
  package func fitted(threads: Int = 1) throws(FittingError) -> Direction {
    try fit(threads: threads).direction
  }

  /// - Throws: `.tooFew` without one of the classes, `.notFinite`, `.notConverged`.
  package func fit(
    threads: Int = 1, family: KernelFamily = .best
  ) throws(FittingError) -> Fit {
    let positives = labels.count { $0 }
    for (count, name) in [(positives, "positive"), (labels.count - positives, "negative")] {
      guard count > 0 else { throw .tooFew(needed: 1, given: 0, of: name) }
    }
    let pool = WorkerPool(threads: threads)
    let engine = Engine(backend: .own, family: family)
    let design = try CentredFeatures(features, width: width, engine: engine, pool: pool)
    // In the design's units the weights are w / scale.
    var lambda: Double
    switch penalty {
    case .inverse(let c): lambda = 1 / c
    case .standardised(let ridge):
      lambda = ridge * Double(labels.count) * design.variance(pool: pool)
      // Features that are all the same carry no weight, whatever the penalty.
      if lambda == 0 { lambda = 1 }
    }
    lambda *= design.scale * design.scale
    let objective = LogisticObjective(
      design: design, labels: labels, lambda: lambda, engine: engine, pool: pool)
    let share = Double(positives) / Double(labels.count)
    var start = [Double](repeating: 0, count: width + 1)
    start[width] = Elementary.log(share) - Elementary.log(1 - share)
    let optimum = try LogisticNewtonIteration(objective).minimum(from: start)
    let weights =
      isPolished
      ? LogisticPolish(
        features: Activations(width: width, floats: features), labels: labels, design: design,
        lambda: lambda
      ).polished(optimum.point.weights, model: optimum.model)
      : optimum.point.weights
    let vector = weights.dropLast().map { $0 * design.scale }
    // What was taken off were floats.
    let centre = isPolished ? design.mean.map { Double(Float($0)) } : design.mean
    return Fit(
      direction: Direction(
        vector: vector, offset: weights[width] - Vector.dot(centre, vector)),
      objective: optimum.point.value, iterations: optimum.iterations, hessians: optimum.hessians)
  }
}
