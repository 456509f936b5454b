import Determinism
import Synchronization

/// Random weights over seeds, with half a seed each at the lower and the upper bound.
///
/// 10,000 draws from Dirichlet(1, …, 1, ½, ½): the Bayesian bootstrap (Rubin 1981) with Jeffreys'
/// prior at the ends of the range, so that seeds which were not drawn can lie anywhere in it. For
/// values that are all 0 or 1 it is Jeffreys' interval of a binomial. The draws are fixed for each
/// n.
struct SeedWeights: Sendable {
  static let draws = 10_000
  let seeds: Int
  /// [draw × seed], rows sum to at most 1.
  private let ofSeeds: [Double]
  /// [draw]: the weight of the upper bound. That of the lower one is the rest.
  private let ofUpperBound: [Double]

  private static let made = Mutex<[Int: SeedWeights]>([:])

  /// The draws for a number of seeds; kept for the numbers that studies have.
  static func over(_ seeds: Int) -> SeedWeights {
    if seeds > 64 { return SeedWeights(seeds: seeds) }
    if let weights = made.withLock({ $0[seeds] }) { return weights }
    let weights = SeedWeights(seeds: seeds)
    made.withLock { $0[seeds] = weights }
    return weights
  }

  private init(seeds: Int) {
    self.seeds = seeds
    var stream = RandomStream(seed: 0, "statistics/seed-weights/1", UInt64(seeds))
    var ofSeeds: [Double] = []
    var ofUpperBound: [Double] = []
    ofSeeds.reserveCapacity(Self.draws * seeds)
    ofUpperBound.reserveCapacity(Self.draws)
    var row = [Double](repeating: 0, count: seeds)
    for _ in 0..<Self.draws {
      // Gamma(1) is exponential; Gamma(½) is half a squared normal.
      let lower = stream.normal()
      let upper = stream.normal()
      var total = 0.5 * (lower * lower + upper * upper)
      for seed in 0..<seeds {
        row[seed] = -Elementary.log(1 - stream.uniform())
        total += row[seed]
      }
      for weight in row { ofSeeds.append(weight / total) }
      ofUpperBound.append(0.5 * upper * upper / total)
    }
    self.ofSeeds = ofSeeds
    self.ofUpperBound = ofUpperBound
  }

  /// The central interval of the weighted mean of values in [0, 1].
  func interval(of values: [Double], level: Double) -> (lower: Double, upper: Double) {
    precondition(values.count == seeds, "one value for each seed")
    // Sorted: the order of the seeds does not matter.
    let sorted = values.sorted()
    var means = ofUpperBound
    ofSeeds.withUnsafeBufferPointer { weights in
      for draw in 0..<Self.draws {
        var sum = means[draw]
        let start = draw * seeds
        for seed in 0..<seeds { sum += weights[start + seed] * sorted[seed] }
        means[draw] = sum
      }
    }
    means.sort()
    let tail = (1 - level) / 2
    return (sortedQuantile(means, tail), sortedQuantile(means, 1 - tail))
  }
}
