import Determinism
import Statistics
import Synchronization

/// Random weights over seeds with any prior weight at 0 and at 1: the family that the chosen method is of.
struct Reweighting: Sendable {
  private static let draws = 4_000
  private static let made = Mutex<[String: Reweighting]>([:])

  /// [draw][seed], and the weight of 1 last.
  private let weights: [[Double]]

  static func over(_ seeds: Int, lower: Double, upper: Double) -> Reweighting {
    let key = "\(seeds)/\(lower)/\(upper)"
    if let known = made.withLock({ $0[key] }) { return known }
    var stream = RandomStream(seed: 1, "reweighting/\(key)")
    let weights = (0..<draws).map { _ in
      let atLower = lower == 0 ? 0 : stream.gamma(lower)
      let atUpper = upper == 0 ? 0 : stream.gamma(upper)
      let row = (0..<seeds).map { _ in -Elementary.log(1 - stream.uniform()) } + [atUpper]
      let total = row.reduce(atLower, +)
      return row.map { $0 / total }
    }
    let new = Reweighting(weights: weights)
    made.withLock { $0[key] = new }
    return new
  }

  func interval(_ values: [Double]) -> IntervalMethod.Interval {
    let sorted = values.sorted() + [1]
    let means = weights.map { row in
      var sum = 0.0
      for index in row.indices { sum += row[index] * sorted[index] }
      return sum
    }
    return (try! quantile(means, 0.025), try! quantile(means, 0.975))
  }
}
