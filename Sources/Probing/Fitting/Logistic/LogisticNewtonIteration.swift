/// Newton's method on a logistic objective, one Hessian for as many steps as it is good for.
struct LogisticNewtonIteration {
  let objective: LogisticObjective

  init(_ objective: LogisticObjective) { self.objective = objective }

  struct Optimum {
    let point: LogisticObjective.Point
    let iterations: Int
    let hessians: Int
    /// Of the Hessian there, good for more steps.
    let model: QuasiNewton
  }

  /// The share of the decrement gᵀ H⁻¹ g, twice the gap to the optimum, above which a step has not gained
  /// enough for the Hessian to be kept.
  private static let refresh = 0.95

  /// Eight examples a feature keep the estimate's eigenvalues within about a third of the Hessian's.
  private var sampling: Int { max(1, objective.labels.count / (8 * objective.design.width)) }

  func minimum(from start: [Double]) throws(FittingError) -> Optimum {
    var point = objective.point(at: start)
    // An estimate is enough to set out with: what it lacks is learnt on the way.
    var model = QuasiNewton(factor: hessian(at: point, sampling: sampling))
    var hessians = 1
    // Decrements: of the step before with the same Hessian, and the smallest so far.
    var before: Double?
    var smallest = Double.infinity
    for iteration in 0..<NewtonLogistic.maximumIterations {
      var step = model.step(of: point.gradient)
      var decrement = Vector.dot(step, point.gradient)
      if let last = before, decrement > Self.refresh * last {
        model = QuasiNewton(factor: hessian(at: point, sampling: 1))
        hessians += 1
        step = model.step(of: point.gradient)
        decrement = Vector.dot(step, point.gradient)
      }
      before = decrement
      // Half the decrement is what the quadratic model would still gain.
      let gap = decrement / 2 / max(point.value, .leastNormalMagnitude)
      let isStalled = decrement > 0.9 * smallest
      if gap <= NewtonLogistic.target || (isStalled && gap <= NewtonLogistic.accepted) {
        return Optimum(
          point: point, iterations: iteration, hessians: hessians, model: model)
      }
      smallest = min(smallest, decrement)
      guard let next = search(from: point, along: step, decrement: decrement) else { break }
      model.learn(
        step: Vector.difference(next.point.weights, point.weights),
        change: Vector.difference(next.point.gradient, point.gradient))
      point = next.point
      // A step cut short says that the model was wrong.
      if next.isCut { before = 0 }
    }
    throw .notConverged(iterations: NewtonLogistic.maximumIterations)
  }

  /// Halves the step until the objective falls enough (Armijo 1966), but for what rounding may hide.
  private func search(
    from point: LogisticObjective.Point, along step: [Double], decrement: Double
  ) -> (point: LogisticObjective.Point, isCut: Bool)? {
    var length = 1.0
    while length > 1e-9 {
      let next = objective.point(at: zip(point.weights, step).map { $0 - length * $1 })
      if next.value <= point.value - 1e-4 * length * decrement + 1e-6 * point.value {
        return (next, length < 1)
      }
      length /= 2
    }
    return nil
  }

  /// The Hessian's factor. It only steers, so where float32 has cost it its definiteness it gets a ridge.
  private func hessian(at point: LogisticObjective.Point, sampling: Int) -> WideCholesky {
    var ridge = 0.0
    while true {
      let matrix = objective.hessian(at: point, sampling: sampling)
      let least = 1e-7 * max(matrix.trace / Double(matrix.size), .leastNormalMagnitude)
      matrix.add(toDiagonal: ridge)
      if let factor = matrix.factorised(engine: objective.engine, pool: objective.pool) {
        return factor
      }
      ridge = max(least, 10 * ridge)
    }
  }
}

/// An old Hessian, and the changes of the gradient since: they make it good for more steps, at the price of some dot
/// products.
struct QuasiNewton {
  private let factor: WideCholesky
  private var pairs: [StepPair] = []

  init(factor: WideCholesky) { self.factor = factor }

  mutating func learn(step: [Double], change: [Double]) {
    if let pair = StepPair(step: step, change: change) { pairs.append(pair) }
  }

  func step(of gradient: [Double]) -> [Double] {
    StepPair.corrected(gradient, by: pairs, factor.solution)
  }
}
