import Determinism
import Statistics
import Testing

@Suite struct CalibrationTests {
  @Test func `errors and Platt's curve equal NumPy's and scikit-learn's`() throws {
    let cases = try Golden.document("statistics")["calibrations"]!.array!
    #expect(cases.count == 3)
    for golden in cases {
      let labels = golden["labels"]!.string!.utf8.map { $0 == UInt8(ascii: "1") }
      let calibration = try Calibration(
        probabilities: golden["probabilities"]!.doubles, labels: labels,
        bins: golden["bins"]!.int!)
      #expect((calibration.error - golden["error"]!.doubles[0]).magnitude < 1e-13)
      #expect((calibration.brier - golden["brier"]!.doubles[0]).magnitude < 1e-13)
      let curve = try PlattScaling(scores: golden["scores"]!.doubles, labels: labels)
      // scikit-learn stops its optimiser at about 1e-5.
      #expect((curve.slope / golden["slope"]!.doubles[0] - 1).magnitude < 1e-4)
      #expect((curve.intercept / golden["intercept"]!.doubles[0] - 1).magnitude < 1e-4)
    }
  }

  @Test func `a fitted curve is calibrated in the large, on any scale and in any order`() throws {
    var stream = RandomStream(seed: 13, "platt")
    var examples = (0..<300).map { _ in
      let label = stream.bool()
      return (score: stream.normal() + (label ? 1.5 : 0), label: label)
    }
    let curve = try PlattScaling(scores: examples.map(\.score), labels: examples.map(\.label))
    let probabilities = examples.map { curve.probability(of: $0.score) }
    let positives = Double(examples.count { $0.label })
    #expect((probabilities.reduce(0, +) - positives).magnitude < 1)
    stream.shuffle(&examples)
    let labels = examples.map(\.label)
    #expect(try PlattScaling(scores: examples.map(\.score), labels: labels) == curve)
    let scaled = try PlattScaling(scores: examples.map { 1e6 * $0.score - 7 }, labels: labels)
    #expect((scaled.slope * 1e6 / curve.slope - 1).magnitude < 1e-6)
  }

  @Test func `separable and equal scores have finite curves`() throws {
    let separable = try PlattScaling(
      scores: [0, 1, 2, 10, 11, 12], labels: [false, false, false, true, true, true])
    #expect(separable.slope > 0 && separable.slope.isFinite)
    #expect((separable.probability(of: 6) - 0.5).magnitude < 1e-6)
    #expect(separable.probability(of: .greatestFiniteMagnitude) == 1)
    let equal = try PlattScaling(scores: [3, 3, 3], labels: [true, false, true])
    #expect(equal.slope == 0)
    #expect(equal.probability(of: 3) > 0.5)
  }

  @Test func `the ends of the range, swapped arguments and non-probabilities`() throws {
    let sure = try Calibration(probabilities: [1, 0, 1], labels: [true, false, true])
    #expect(sure.error == 0 && sure.brier == 0 && sure.bins.count == 2)
    let wrong = try Calibration(probabilities: [1, 0], labels: [false, true])
    #expect(wrong.error == 1 && wrong.brier == 1)
    #expect(wrong.bins[1].observed == Proportion(successes: 0, trials: 1))
    #expect(throws: StatisticsError.malformed("value 1 is no probability: 1.5")) {
      try Calibration(probabilities: [0, 1.5], labels: [true, false])
    }
    #expect(throws: StatisticsError.notANumber(index: 0)) {
      try Calibration(probabilities: [.nan], labels: [true])
    }
    #expect(throws: StatisticsError.oneClassOnly(positives: 1, negatives: 0)) {
      try PlattScaling(scores: [1], labels: [true])
    }
  }
}
