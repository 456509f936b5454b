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

  @Test func `log scores and errors are scikit-learn's, at any prevalence`() throws {
    for golden in try Golden.document("calibration").array! {
      let name = golden["name"]!.string!
      let odds = golden["odds"]!.doubles
      let labels = golden["labels"]!.string!.utf8.map { $0 == UInt8(ascii: "1") }
      func expect(_ found: Double, _ wanted: Double, _ what: String) {
        // scikit-learn clips probabilities to within 2⁻⁵² of the ends.
        #expect((found - wanted).magnitude <= 1e-12 + 1e-10 * wanted, "\(name), \(what): \(found)")
      }
      // Scores that are log odds already.
      let curve = PlattScaling(slope: 1, intercept: 0)
      let calibration = try Calibration(
        probabilities: odds.map(curve.probability), labels: labels)
      expect(calibration.error, golden["error"]!.doubles[0], "error")
      let share = Double(labels.count { $0 }) / Double(labels.count)
      expect(
        try LogScore.value(logOdds: odds, labels: labels), golden["scores"]!["own"]!.doubles[0],
        "its own share")
      for prevalence in [0.01, 0.5] {
        let there = curve.reweighted(from: share, to: prevalence)
        expect(
          try LogScore.value(
            logOdds: odds.map(there.logOdds), labels: labels, prevalence: prevalence),
          golden["scores"]!["\(prevalence)"]!.doubles[0], "\(prevalence)")
      }
    }
  }

  @Test func `certainty that was wrong costs everything, and a class without examples is an error`()
    throws
  {
    #expect(try LogScore.value(logOdds: [.infinity, -.infinity], labels: [true, false]) == 0)
    #expect(try LogScore.value(logOdds: [.infinity, 3], labels: [false, true]) == .infinity)
    #expect(try LogScore.value(logOdds: [1000, -1000], labels: [false, false]) == 500)
    #expect(try LogScore.value(logOdds: [-2, -2], labels: [true, false], prevalence: 0) < 0.13)
    #expect(throws: StatisticsError.oneClassOnly(positives: 0, negatives: 2)) {
      try LogScore.value(logOdds: [0, 0], labels: [false, false], prevalence: 0.01)
    }
    #expect(throws: StatisticsError.notANumber(index: 1)) {
      try LogScore.value(logOdds: [0, .nan], labels: [false, true])
    }
    #expect(throws: StatisticsError.tooFew(needed: 1, given: 0)) {
      try LogScore.value(logOdds: [], labels: [])
    }
    #expect(throws: StatisticsError.lengthsDiffer(scores: 1, labels: 2)) {
      try LogScore.value(logOdds: [1], labels: [true, false])
    }
    #expect(throws: StatisticsError.malformed("1.5 is no prevalence")) {
      try LogScore.value(logOdds: [1, 1], labels: [true, false], prevalence: 1.5)
    }
    #expect(throws: StatisticsError.notFinite(index: 1)) {
      try PlattScaling(scores: [1, .infinity], labels: [true, false])
    }
  }
}
