import Determinism
import Statistics
import Testing

@Suite struct ThresholdTests {
  @Test(arguments: [0, 0.01, 0.05, 0.07, 0.29, 0.5, 0.99, 1])
  func `the realised rate on the controls is at most the target, and no lower than need be`(
    target: Double
  ) throws {
    var stream = RandomStream(seed: 6, "threshold")
    for size in [1, 2, 7, 99, 100, 101] {
      let controls = (0..<size).map { _ in Double(stream.below(30)) }
      let threshold = try Threshold(controls: controls, falsePositiveRate: target)
      #expect(threshold.controls.value <= target)
      #expect(threshold.controls == (try threshold.flagged(of: controls)))
      // Letting the next distinct control score in would go over.
      let atLimit = controls.count { $0 >= threshold.value }
      #expect(threshold.value == -.infinity || Double(atLimit) / Double(size) > target)
    }
  }

  @Test func `a tie at the limit counts against the detector`() throws {
    let threshold = try Threshold(controls: [1, 1, 1, 0], falsePositiveRate: 0.25)
    #expect(threshold.value == 1)
    #expect(threshold.controls == Proportion(successes: 0, trials: 4))
    #expect(!threshold.flags(1))
    #expect(threshold.flags(1.0.nextUp))
    #expect(try threshold.flagged(of: [1, 2, 0]) == Proportion(successes: 1, trials: 3))
  }

  @Test func `29 of 100 controls may be flagged at 0.29`() throws {
    let threshold = try Threshold(
      controls: (0..<100).map(Double.init), falsePositiveRate: 0.29)
    #expect(threshold.controls.successes == 29)
  }

  @Test func `infinite controls leave nothing to flag, and NaN is refused`() throws {
    let threshold = try Threshold(
      controls: [.infinity, .infinity, 0], falsePositiveRate: 0.5)
    #expect(!threshold.flags(.infinity))
    #expect(throws: StatisticsError.notANumber(index: 1)) {
      try Threshold(controls: [0, .nan], falsePositiveRate: 0.5)
    }
    #expect(throws: StatisticsError.tooFew(needed: 1, given: 0)) {
      try Threshold(controls: [], falsePositiveRate: 0.5)
    }
    #expect(throws: StatisticsError.notANumber(index: 0)) { try threshold.flagged(of: [.nan]) }
  }

  @Test func `the worst data set is named, the first by name among equals`() throws {
    let threshold = try Threshold(controls: [0, 1, 2, 3], falsePositiveRate: 0)
    let worst = try threshold.worstDataset(
      of: ["b": [9, 0], "a": [9, 0], "c": [0, 0, 9], "empty": []])
    #expect(worst?.name == "a")
    #expect(worst?.rate == Proportion(successes: 1, trials: 2))
    #expect(try threshold.worstDataset(of: ["empty": []]) == nil)
  }
}
