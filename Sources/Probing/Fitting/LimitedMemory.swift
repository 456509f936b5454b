/// The nearest minimum of a smooth function, by BFGS with the last few steps (Liu and Nocedal 1989) and
/// backtracking. Steps are a function of the values alone: no clock, no chance.
struct LimitedMemory {
  let maximumIterations: Int
  /// Of the gradient's length, at which to stop.
  let target: Double

  /// Steps remembered.
  private static let memory = 10

  struct Minimum {
    let point: [Double]
    let value: Double
    let iterations: Int
  }

  /// - Parameter evaluate: the value at a point, and the gradient there.
  func minimum(
    from start: [Double], _ evaluate: ([Double]) -> (value: Double, gradient: [Double])
  ) -> Minimum {
    var (point, iterations) = (start, 0)
    var (value, gradient) = evaluate(point)
    var pairs: [StepPair] = []
    while iterations < maximumIterations, Vector.norm(gradient) > target {
      iterations += 1
      let scale = pairs.last?.scale ?? 1
      var direction = StepPair.corrected(gradient, by: pairs) { $0.map { scale * $0 } }.map { -$0 }
      if !(Vector.dot(direction, gradient) < 0) {
        pairs = []
        direction = gradient.map { -$0 }
      }
      // The first step has nothing to judge a length by.
      var size = pairs.isEmpty ? min(1, 1 / Vector.norm(gradient)) : 1.0
      let descent = Vector.dot(direction, gradient)
      var next: (point: [Double], value: Double, gradient: [Double])?
      for _ in 0..<40 {
        let there = zip(point, direction).map { $0 + size * $1 }
        let (found, slope) = evaluate(there)
        // Where values differ by their rounding alone the gradient decides.
        let isFlat = (found - value).magnitude <= 1e-14 * value.magnitude
        if found <= value + 1e-4 * size * descent && found < value
          || isFlat && Vector.norm(slope) < Vector.norm(gradient)
        {
          next = (there, found, slope)
          break
        }
        size /= 2
      }
      guard let next else {
        if pairs.isEmpty { break }
        // Another try, down the gradient.
        pairs = []
        continue
      }
      let step = Vector.difference(next.point, point)
      let change = Vector.difference(next.gradient, gradient)
      if let pair = StepPair(step: step, change: change) {
        pairs.append(pair)
        if pairs.count > Self.memory { pairs.removeFirst() }
      }
      (point, value, gradient) = next
    }
    return Minimum(point: point, value: value, iterations: iterations)
  }
}
