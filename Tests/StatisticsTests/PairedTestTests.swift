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
