import Determinism
import Statistics
import Testing

@Suite struct SampleTests {
  @Test func `summaries, quantiles, ranks and d′ equal NumPy's and SciPy's`() throws {
    for golden in try Golden.document("statistics")["samples"]!.array! {
      let x = golden["x"]!.doubles
      let y = golden["y"]!.doubles
      let summary = Summary(x)
      func near(_ ours: Double, _ name: String) {
        let value = golden[name]!.doubles[0]
        #expect(
          (ours - value).magnitude < 1e-12 * max(1, value.magnitude), "\(name): \(ours), \(value)")
      }
      near(summary.mean, "mean")
      near(summary.standardDeviation, "deviation")
      near(try spearman(x, y), "spearman")
      near(try dPrime(positives: x, negatives: y), "dprime")
      for (p, value) in zip(golden["probabilities"]!.doubles, golden["quantiles"]!.doubles) {
        #expect((try quantile(x, p) - value).magnitude < 1e-13 * max(1, value.magnitude))
      }
    }
  }

  @Test func `a summary does not depend on the order, and equal values have no spread`() {
    var stream = RandomStream(seed: 12, "summary")
    var values = (0..<50).map { _ in stream.normal() * 1e6 + 0.1 }
    let summary = Summary(values)
    for _ in 0..<5 {
      stream.shuffle(&values)
      #expect(Summary(values) == summary)
    }
    for value in [0.1, 1 / 3.0, 1e300, -7.7] {
      let constant = Summary(Array(repeating: value, count: 7))
      #expect(constant.mean == value)
      #expect(constant.squares == 0)
    }
    #expect(Summary([]).mean.isNaN)
    #expect(Summary([1, .nan]).mean.isNaN)
    #expect(Summary([3]).mean == 3)
    #expect(Summary([3]).variance.isNaN)
    #expect(Summary([4, 1, 2]).median == 2)
  }

  @Test func `d′ without spread is 0 or infinite, and refuses what it cannot mean`() throws {
    #expect(try dPrime(positives: [1, 1], negatives: [1, 1]) == 0)
    #expect(try dPrime(positives: [2, 2], negatives: [1, 1]) == .infinity)
    #expect(try dPrime(positives: [1, 1], negatives: [2, 2]) == -.infinity)
    #expect(try dPrime(positives: [-2, 0, 2], negatives: [1, 3, 5]) == -1.5)
    #expect(throws: StatisticsError.tooFew(needed: 2, given: 1)) {
      try dPrime(positives: [1], negatives: [1, 2])
    }
    #expect(throws: StatisticsError.notFinite(index: 2)) {
      try dPrime(positives: [1, 2], negatives: [.infinity, 2])
    }
  }

  @Test func `ranks share their mean, and constants have no correlation`() throws {
    #expect(meanRanks(of: [3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
    #expect(meanRanks(of: [0.0, -0.0]) == [1.5, 1.5])
    #expect(try spearman([1, 2, 3], [1, 1, 1]).isNaN)
    #expect(try spearman([1, 2, 3], [-1, -20, -300]) == -1)
    #expect(throws: StatisticsError.lengthsDiffer(scores: 1, labels: 2)) {
      try spearman([1], [1, 2])
    }
    #expect(throws: StatisticsError.tooFew(needed: 1, given: 0)) { try quantile([], 0.5) }
  }
}
