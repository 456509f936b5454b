/// Where the variance of runs comes from: the draw of the language, the seed, and the rest.
///
/// By the method of moments (analysis of variance); an estimate below zero, which says that the component is
/// lost in the noise, is clamped to zero.
package struct VarianceComponents: Equatable, Sendable {
  package let draws: Double
  /// NaN of a one-way analysis, where each draw has seeds of its own: they are the rest.
  package let seeds: Double
  package let rest: Double

  /// The share of the draws, 0 where nothing varies.
  package var shareOfDraws: Double {
    let total = draws + (seeds.isNaN ? 0 : seeds) + rest
    return total == 0 ? 0 : draws / total
  }

  /// Each draw with seeds of its own, perhaps not equally many.
  ///
  /// - Throws: `.tooFew` below two draws, or when no draw has two seeds; `.notFinite`.
  package init(nested draws: [[Double]]) throws(StatisticsError) {
    guard draws.count >= 2 else { throw .tooFew(needed: 2, given: draws.count) }
    guard draws.allSatisfy({ !$0.isEmpty }) else { throw .tooFew(needed: 1, given: 0) }
    try Self.check(draws)
    let all = Summary(draws.flatMap { $0 })
    let within = draws.reduce(0) { $0 + Summary($1).squares }
    let freedom = all.count - draws.count
    guard freedom > 0 else { throw .tooFew(needed: draws.count + 1, given: all.count) }
    let between = draws.reduce(0) { sum, draw in
      let gap = Summary(draw).mean - all.mean
      return sum + Double(draw.count) * gap * gap
    }
    let n = Double(all.count)
    let groups = Double(draws.count)
    // What a group counts, where they are not equally large.
    let size = (n - draws.reduce(0) { $0 + Double($1.count * $1.count) } / n) / (groups - 1)
    let rest = within / Double(freedom)
    self.draws = max(0, (between / (groups - 1) - rest) / size)
    seeds = .nan
    self.rest = rest
  }

  /// The same seeds in each draw, one value for each pair.
  ///
  /// - Parameter table: [draw][seed].
  /// - Throws: `.tooFew` below two draws or seeds, `.lengthsDiffer`, `.notFinite`.
  package init(crossed table: [[Double]]) throws(StatisticsError) {
    guard table.count >= 2 else { throw .tooFew(needed: 2, given: table.count) }
    let width = table[0].count
    guard width >= 2 else { throw .tooFew(needed: 2, given: width) }
    if let other = table.first(where: { $0.count != width }) {
      throw .lengthsDiffer(scores: width, labels: other.count)
    }
    try Self.check(table)
    let (a, b) = (Double(table.count), Double(width))
    let ofDraws = table.map { Summary($0).mean }
    let ofSeeds = (0..<width).map { seed in Summary(table.map { $0[seed] }).mean }
    let mean = Summary(ofDraws).mean
    var squares = 0.0
    for (draw, row) in table.enumerated() {
      for (seed, value) in row.enumerated() {
        let gap = value - ofDraws[draw] - ofSeeds[seed] + mean
        squares += gap * gap
      }
    }
    let rest = squares / ((a - 1) * (b - 1))
    draws = max(0, Summary(ofDraws).variance - rest / b)
    seeds = max(0, Summary(ofSeeds).variance - rest / a)
    self.rest = rest
  }

  private static func check(_ table: [[Double]]) throws(StatisticsError) {
    if let index = table.joined().enumerated().first(where: { !$0.element.isFinite })?.offset {
      throw .notFinite(index: index)
    }
  }

  /// The middle 95% of a number over 2,000 tables whose draws were drawn with replacement, and within each its
  /// seeds (the same ones in every draw, where they are crossed). With three draws it is a rough guide only.
  package static func interval(
    of table: [[Double]], crossed: Bool, level: Double = 0.95,
    _ number: (VarianceComponents) -> Double
  ) throws(StatisticsError) -> (lower: Double, upper: Double) {
    let check = crossed ? try VarianceComponents(crossed: table) : try Self(nested: table)
    _ = number(check)
    let drawn = Replicates(2_000, seed: 0, name: "statistics/variance-components") { _, stream in
      let shared = crossed ? table[0].map { _ in stream.below(table[0].count) } : []
      let sample = table.map { _ in
        let draw = stream.element(of: table)
        return crossed ? shared.map { draw[$0] } : draw.map { _ in stream.element(of: draw) }
      }
      let components = crossed ? try? Self(crossed: sample) : try? Self(nested: sample)
      return components.map(number) ?? .nan
    }
    let sorted = drawn.values.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { throw .tooFew(needed: 1, given: 0) }
    return (sortedQuantile(sorted, (1 - level) / 2), sortedQuantile(sorted, (1 + level) / 2))
  }
}
