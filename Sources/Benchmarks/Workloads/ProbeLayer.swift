import Determinism
import Probing
import Statistics

/// Activations of one layer, and every call of `Probing` that a benchmark makes.
///
/// Even rows are negative, odd ones positive; the classes lie farther apart from layer to layer. Columns
/// differ in size, as those of a residual stream do.
struct ProbeLayer: Sendable {
  let positive: Activations
  let negative: Activations
  let positiveScores: [Double]
  let negativeScores: [Double]

  init(_ layer: Int, of task: ProbeTask) {
    let strength = 0.1 + 0.1 * Double(layer)
    let stream = 2000 + 10 * layer
    let means = (0..<task.width).map {
      strength * (SharedNumbers.uniform($0, stream: stream + 4) - 0.5)
    }
    let sizes = (0..<task.width).map { 2 / (1 + Double($0) / 64) }
    func activations(_ label: Int) -> Activations {
      var floats: [Float] = []
      floats.reserveCapacity(task.examples / 2 * task.width)
      guard task.kind != .roc else { return Activations(width: 1, floats: []) }
      for row in stride(from: label, to: task.examples, by: 2) {
        for column in 0..<task.width {
          let noise = SharedNumbers.noise(row * task.width + column, stream: stream)
          let mean = label == 1 ? means[column] : -means[column]
          floats.append(Float((noise + mean) * sizes[column]))
        }
      }
      return Activations(width: task.width, floats: floats)
    }
    func scores(_ label: Int) -> [Double] {
      stride(from: label, to: task.examples, by: 2).map {
        SharedNumbers.noise($0, stream: stream + 5) + strength * Double(label)
      }
    }
    negative = activations(0)
    positive = activations(1)
    negativeScores = scores(0)
    positiveScores = scores(1)
  }

  /// With C = 1: ½ |w|² + Σ log(1 + e^∓(w·x + b)), w on the features as they are.
  func logistic(threads: Int) -> Direction {
    let fit = NewtonLogistic(positive: positive, negative: negative, penalty: .inverse(1))
    guard let direction = try? fit.fitted(threads: threads) else {
      preconditionFailure("two finite classes have an optimum")
    }
    return direction
  }

  /// The difference of the means, and the scores of all examples by it.
  func meanDifference() -> (positive: [Double], negative: [Double]) {
    let direction = MeanDifference(positive: positive, negative: negative).fitted()
    return (direction.scores(of: positive), direction.scores(of: negative))
  }

  func area() -> Double {
    guard
      let curve = try? ROCCurve(positives: positiveScores, negatives: negativeScores)
    else { preconditionFailure("two classes of finite scores") }
    return curve.auroc
  }

  /// What the fit has brought to its minimum.
  func objective(of direction: Direction) -> Double {
    func cost(_ margin: Double) -> Double {
      // log(1 + e^−m) without overflow.
      let tail = Elementary.log(1 + Elementary.exp(-margin.magnitude))
      return margin < 0 ? tail - margin : tail
    }
    let costs =
      direction.scores(of: positive).reduce(0.0) { $0 + cost($1) }
      + direction.scores(of: negative).reduce(0.0) { $0 + cost(-$1) }
    return Vector.dot(direction.vector, direction.vector) / 2 + costs
  }
}
