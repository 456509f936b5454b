/// Corrections for many tests. NaN marks a test that was not done: it stays NaN and is not counted.
package enum Multiplicity {
  /// Holm's step-down adjusted p-values: reject those ≤ α and the chance of any false rejection is
  /// ≤ α.
  package static func holm(_ p: [Double]) -> [Double] {
    let order = ranked(p)
    var adjusted = p
    var running = 0.0
    for (rank, index) in order.enumerated() {
      running = max(running, min(1, Double(order.count - rank) * p[index]))
      adjusted[index] = running
    }
    return adjusted
  }

  /// Benjamini and Hochberg's q-values: reject those ≤ q and the expected share of false rejections
  /// is ≤ q, for independent or positively dependent tests.
  package static func benjaminiHochberg(_ p: [Double]) -> [Double] {
    let order = ranked(p)
    var adjusted = p
    var running = 1.0
    for (rank, index) in order.enumerated().reversed() {
      running = min(running, p[index] * Double(order.count) / Double(rank + 1))
      adjusted[index] = running
    }
    return adjusted
  }

  private static func ranked(_ p: [Double]) -> [Int] {
    precondition(p.allSatisfy { $0.isNaN || (0...1).contains($0) }, "p-values lie in [0, 1]")
    return p.indices.filter { !p[$0].isNaN }.sorted { (p[$0], $0) < (p[$1], $1) }
  }
}
