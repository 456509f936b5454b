import Determinism

/// Ridge-penalised logistic regression by Newton's method, in Double with sums in a fixed order: the
/// supervised skyline. Not a detector: it is trained on labelled triggers.
///
/// Features are centred and scaled by their joint standard deviation first, so that one penalty suits
/// every layer; the result is expressed in the original features.
package struct LogisticRegression: Sendable {
  package let positive: Activations
  package let negative: Activations
  /// Of the squared norm of the weights on standardised features, per example.
  package let ridge: Double
  package let iterations: Int

  package init(
    positive: Activations, negative: Activations, ridge: Double = 1e-2, iterations: Int = 12
  ) {
    self.positive = positive
    self.negative = negative
    self.ridge = ridge
    self.iterations = iterations
  }

  package func fitted() -> Direction {
    let all = positive + negative
    let width = all.width
    let count = all.count
    let mean = all.mean
    var variance = 0.0
    for row in 0..<count {
      for (column, value) in all[row].enumerated() {
        let centred = value - mean[column]
        variance += centred * centred
      }
    }
    variance /= Double(count * width)
    let scale = variance > 0 ? 1 / variance.squareRoot() : 1
    // Rows of [1, standardised features].
    let size = width + 1
    var design = [Double](repeating: 1, count: count * size)
    for row in 0..<count {
      for (column, value) in all[row].enumerated() {
        design[row * size + column + 1] = (value - mean[column]) * scale
      }
    }
    let weights = newton(design: design, count: count, size: size)
    let vector = weights.dropFirst().map { $0 * scale }
    return Direction(vector: vector, offset: weights[0] - Vector.dot(mean, vector))
  }

  private func newton(design: [Double], count: Int, size: Int) -> [Double] {
    var weights = [Double](repeating: 0, count: size)
    let penalty = ridge * Double(count)
    for _ in 0..<iterations {
      var gradient = [Double](repeating: 0, count: size)
      var hessian = SymmetricMatrix(size: size)
      for row in 0..<count {
        let features = Array(design[row * size..<(row + 1) * size])
        let probability = 1 / (1 + Elementary.exp(-Vector.dot(features, weights)))
        let label = row < positive.count ? 1.0 : 0.0
        for index in 0..<size { gradient[index] += (probability - label) * features[index] }
        hessian.add(features, weight: probability * (1 - probability))
      }
      for index in 1..<size {
        gradient[index] += penalty * weights[index]
        hessian[index, index] += penalty
      }
      hessian[0, 0] += 1e-9 * Double(count)
      let step = hessian.solution(of: gradient)
      weights = Vector.difference(weights, step)
      if Vector.norm(step) < 1e-10 * (1 + Vector.norm(weights)) { break }
    }
    return weights
  }
}
