/// Estimates over draws of something that seeds share, such as the language: the draw is the outer unit.
extension Estimate {
  /// Fewer draws say nothing of the draws that were not made.
  package static let fewestDraws = 3

  /// The mean over draws of the means over their seeds.
  ///
  /// The hull of two intervals: Student's t over the draws' means, which has few degrees of freedom and is
  /// therefore wide, and the interval over all seeds as if they were alike, below which no mean is known; with
  /// bounds each is widened as over seeds (``Estimate/mean(overSeeds:within:level:)``) and has width whatever
  /// the values are. Resampling draws and then seeds (percentiles) falls far short with three to five draws:
  /// `Golden/coverage-draws.csv`.
  ///
  /// - Parameter draws: for each draw the values of its seeds. Fewer than three draws, an empty one or a value
  ///   that is not finite give an interval that decides nothing.
  package static func mean(
    overDraws draws: [[Double]], within bounds: ClosedRange<Double>? = nil, level: Double = 0.95
  ) -> Estimate {
    let all = draws.flatMap { $0 }
    let means = draws.map { Summary($0).mean }
    guard draws.count >= fewestDraws, means.allSatisfy(\.isFinite) else {
      return Estimate(
        value: Summary(means).mean, lower: bounds?.lowerBound ?? -.infinity,
        upper: bounds?.upperBound ?? .infinity, n: draws.count,
        method: draws.count < fewestDraws
          ? "no interval: fewer than three draws" : "no interval: a draw has no finite mean",
        level: level)
    }
    func over(_ values: [Double]) -> Estimate {
      bounds.map { mean(overSeeds: values, within: $0, level: level) }
        ?? mean(overSeeds: values, level: level)
    }
    let (outer, inner) = (over(means), over(all))
    return Estimate(
      value: outer.value, lower: min(outer.lower, inner.lower),
      upper: max(outer.upper, inner.upper), n: draws.count,
      method: "wider of draws and of seeds, each: \(outer.method)", level: level)
  }
}
