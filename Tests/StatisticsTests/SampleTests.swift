import Determinism
import Statistics
import Testing

@Suite struct PairedTestTests {
  @Test func `paired tests equal SciPy's`() throws {
    let cases = try Golden.document("statistics")["paired"]!.array!
    #expect(cases.count == 7)
    for golden in cases {
      let d = golden["d"]!.doubles
      func expect(_ ours: Double, _ name: String, _ tolerance: Double = 1e-12) {
        let value = golden[name]!.doubles[0]
        #expect((ours - value).magnitude <= tolerance * max(1, value.magnitude), "\(name) of \(d)")
      }
      expect(try PairedTest.sign(d), "sign")
      expect(try PairedTest.wilcoxon(d).statistic, "statistic")
      expect(try PairedTest.wilcoxon(d).p, "wilcoxon")
      expect(try PairedTest.permutation(d), "permutation")
      expect(try PairedTest.student(d).t, "t")
      expect(try PairedTest.student(d).p, "p")
      let estimate = Estimate.mean(overSeeds: d)
      for (ours, value) in zip([estimate.lower, estimate.upper], golden["interval"]!.doubles) {
        #expect((ours - value).magnitude < 1e-11)
      }
    }
  }

  @Test func `the smallest p of n pairs is 2 over 2ⁿ`() throws {
    let d = [0.1, 0.2, 0.3, 0.4, 0.5]
    #expect(try PairedTest.sign(d) == 0.0625)
    #expect(try PairedTest.permutation(d) == 0.0625)
    #expect(try PairedTest.wilcoxon(d).p == 0.0625)
  }

  @Test func `degenerate differences have their documented answers`() throws {
    #expect(try PairedTest.sign([0, 0]) == 1)
    #expect(try PairedTest.sign([]) == 1)
    #expect(try PairedTest.wilcoxon([0, 0, 0]) == (0, 1))
    #expect(try PairedTest.permutation([0, 0]) == 1)
    #expect(try PairedTest.student([0, 0]) == (0, 1))
    #expect(try PairedTest.student([1, 1]).p.isNaN)
    #expect(throws: StatisticsError.tooFew(needed: 2, given: 1)) { try PairedTest.student([1]) }
    #expect(throws: StatisticsError.tooFew(needed: 1, given: 0)) { try PairedTest.permutation([]) }
    #expect(throws: StatisticsError.notFinite(index: 1)) { try PairedTest.sign([1, .infinity]) }
    // Ties by rounding alone count: 0.1 + 0.2 − 0.3 is not 0 in doubles.
    #expect(try PairedTest.permutation([0.1, 0.2, -0.3]) == 1)
  }

  @Test func `p-values do not depend on sign or order`() throws {
    var stream = RandomStream(seed: 10, "paired")
    for _ in 0..<30 {
      var d = (0..<7).map { _ in Double(stream.below(7)) - 2.5 }
      let p = (
        try PairedTest.permutation(d), try PairedTest.wilcoxon(d).p, try PairedTest.sign(d)
      )
      stream.shuffle(&d)
      let turned = d.map { -$0 }
      #expect(try PairedTest.permutation(turned) == p.0, "\(d)")
      #expect(try PairedTest.wilcoxon(turned).p == p.1, "\(d)")
      #expect(try PairedTest.sign(turned) == p.2, "\(d)")
    }
  }

  @Test func `the minimum detectable effect has the power asked for`() throws {
    for golden in try Golden.document("statistics")["detectable"]!.array! {
      let effect = minimumDetectableEffect(
        pairs: golden["n"]!.int!, power: golden["power"]!.doubles[0])
      let value = golden["effect"]!.doubles[0]
      #expect(
        (effect / value - 1).magnitude < 1e-6, "n = \(golden["n"]!.int!): \(effect), \(value)")
    }
  }
}

@Suite struct MultiplicityTests {
  @Test func `corrections equal SciPy's and Holm's definition`() throws {
    let golden = try Golden.document("statistics")["multiplicity"]!
    let p = golden["p"]!.doubles
    for (ours, value) in zip(Multiplicity.holm(p), golden["holm"]!.doubles) {
      #expect((ours - value).magnitude < 1e-14)
    }
    for (ours, value) in zip(Multiplicity.benjaminiHochberg(p), golden["q"]!.doubles) {
      #expect((ours - value).magnitude < 1e-14)
    }
  }

  @Test func `a test that was not done is not counted`() {
    #expect(Multiplicity.holm([0.01, .nan, 0.04])[0] == 0.02)
    #expect(Multiplicity.holm([0.01, .nan, 0.04])[1].isNaN)
    #expect(Multiplicity.benjaminiHochberg([0.04, .nan, 0.03])[2] == 0.04)
    #expect(Multiplicity.holm([]) == [])
    #expect(Multiplicity.holm([0.9, 0.8]) == [1, 1])
  }
}

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
