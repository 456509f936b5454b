import Determinism
import Testing

@testable import Statistics

@Suite struct DeLongTests {
  /// Every pair compared, variances of the shares as Sun and Xu (2014) write them out.
  private func naive(_ high: [Double], _ low: [Double]) -> (area: Double, spread: Double) {
    func wins(_ a: Double, _ b: Double) -> Double { a > b ? 1 : a == b ? 0.5 : 0 }
    let ofHigh = high.map { a in low.reduce(0) { $0 + wins(a, $1) } / Double(low.count) }
    let ofLow = low.map { b in high.reduce(0) { $0 + wins($1, b) } / Double(high.count) }
    let variance =
      Summary(ofHigh).squares / Double(high.count - 1) / Double(high.count)
      + Summary(ofLow).squares / Double(low.count - 1) / Double(low.count)
    return (Summary(ofHigh).mean, 1.959963984540054 * variance.squareRoot())
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `the interval from counts is that from all pairs, ties and all`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "delong")
    let high = (0..<30).map { _ in Double(stream.below(12)) + 2 }
    let low = (0..<45).map { _ in Double(stream.below(12)) }
    let found = try ROCCurve(positives: high, negatives: low).delong()
    let expected = naive(high, low)
    #expect((found.value - expected.area).magnitude < 1e-12)
    #expect((found.upper - min(1, expected.area + expected.spread)).magnitude < 1e-12, "\(seed)")
    #expect((found.lower - max(0, expected.area - expected.spread)).magnitude < 1e-12, "\(seed)")
  }

  @Test
  func `constant scores are one half, a perfect area has no width, one example decides nothing`()
    throws
  {
    let constant = try ROCCurve(positives: [1, 1, 1], negatives: [1, 1]).delong()
    #expect(constant.value == 0.5 && constant.lower == 0.5 && constant.upper == 0.5)
    let perfect = try ROCCurve(positives: [2, 3], negatives: [0, 1]).delong()
    #expect((perfect.value, perfect.lower, perfect.upper) == (1, 1, 1))
    let single = try ROCCurve(positives: [2], negatives: [0, 1]).delong()
    #expect((single.lower, single.upper) == (0, 1))
    let infinite = try ROCCurve(positives: [.infinity, 1], negatives: [-.infinity, 1]).delong()
    #expect(infinite.value == 0.875)
  }

  private func coverage(separation: Double, bootstrap: Bool) throws -> Double {
    let truth = Normal.cumulative(separation / 2.0.squareRoot())
    var covered = 0
    let samples = bootstrap ? 300 : 2000
    for sample in 0..<samples {
      var stream = RandomStream(seed: 11, "delong-coverage/\(separation)", UInt64(sample))
      let high = (0..<40).map { _ in stream.normal() + separation }
      let low = (0..<40).map { _ in stream.normal() }
      let estimate =
        bootstrap
        ? try Estimate.auroc(
          scores: high + low, labels: (0..<80).map { $0 < 40 }, units: Array(0..<80),
          replicates: 200, seed: UInt64(sample), name: "b")
        : try ROCCurve(positives: high, negatives: low).delong()
      if estimate.lower <= truth, truth <= estimate.upper { covered += 1 }
    }
    return Double(covered) / Double(samples)
  }

  @Test(arguments: [(0.0, 0.935), (1.0, 0.93), (1.812, 0.90), (2.66, 0.845)])
  func `it covers nearly as often as it says, less at the ceiling`(
    separation: Double, least: Double
  )
    throws
  {
    let share = try coverage(separation: separation, bootstrap: false)
    #expect(share >= least && share <= 0.97, "\(share) at \(separation)")
  }

  @Test func `so does the bootstrap`() throws {
    let share = try coverage(separation: 1, bootstrap: true)
    #expect((0.90...0.98).contains(share), "\(share)")
  }

  @Test func `a unit is drawn with all its examples`() throws {
    // Copies of an example are no news: with them as units the interval is that of the originals.
    var stream = RandomStream(seed: 2, "units")
    let scores = (0..<40).map { _ in stream.normal() }
    let labels = (0..<40).map { $0 % 2 == 0 }
    func interval(_ copies: Int, grouped: Bool) throws -> Estimate {
      let all = (0..<copies).flatMap { _ in Array(0..<40) }
      return try Estimate.auroc(
        scores: all.map { scores[$0] }, labels: all.map { labels[$0] },
        units: grouped ? all : Array(all.indices), replicates: 300, seed: 1, name: "u")
    }
    let single = try interval(1, grouped: true)
    let copied = try interval(5, grouped: true)
    #expect((single.lower, single.upper) == (copied.lower, copied.upper))
    #expect(copied.n == 40)
    let wrong = try interval(5, grouped: false)
    #expect(wrong.upper - wrong.lower < 0.7 * (single.upper - single.lower))
  }
}
