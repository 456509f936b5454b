import Determinism
import Statistics
import Testing

@Suite struct ROCCurveTests {
  @Test func `curves and areas equal scikit-learn's`() throws {
    let cases = try Golden.document("statistics")["roc"]!.array!
    #expect(cases.count == 7)
    for golden in cases {
      let scores = golden["scores"]!.doubles
      let labels = golden["labels"]!.string!.utf8.map { $0 == UInt8(ascii: "1") }
      let curve = try ROCCurve(scores: scores, labels: labels)
      #expect(ulps(curve.auroc, golden["auroc"]!.doubles[0]) <= 64)
      #expect(curve.thresholds == golden["thresholds"]!.doubles)
      let points = curve.points.dropFirst()
      #expect(zip(points, golden["tpr"]!.doubles).allSatisfy { ulps($0.truePositiveRate, $1) <= 1 })
      #expect(
        zip(points, golden["fpr"]!.doubles).allSatisfy { ulps($0.falsePositiveRate, $1) <= 1 })
      try curve.check()
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `the area is the share of pairs won, ties half, in any order`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "roc/pairs")
    var examples = (0..<60).map { index in
      (score: Double(stream.below(9)) - 4, label: index < 2 ? index == 0 : stream.bool())
    }
    var twice = 0
    for positive in examples where positive.label {
      for negative in examples where !negative.label {
        if positive.score > negative.score { twice += 2 }
        if positive.score == negative.score { twice += 1 }
      }
    }
    let positives = examples.count { $0.label }
    let expected = Double(twice) / Double(2 * positives * (60 - positives))
    let first = try ROCCurve(scores: examples.map(\.score), labels: examples.map(\.label))
    #expect(first.auroc == expected, "seed \(seed)")
    for _ in 0..<5 {
      stream.shuffle(&examples)
      // −0.0 and 0.0 are one score.
      let scores = examples.map { $0.score == 0 && stream.bool() ? -0.0 : $0.score }
      let again = try ROCCurve(scores: scores, labels: examples.map(\.label))
      #expect(again.document == first.document, "seed \(seed)")
    }
    // Turned round, it is the complement.
    let negated = try ROCCurve(
      scores: examples.map { -$0.score }, labels: examples.map(\.label))
    #expect((negated.auroc + first.auroc - 1).magnitude < 1e-15)
  }

  @Test func `equal scores give exactly a half, perfect ones 1 and 0`() throws {
    #expect(try ROCCurve(positives: [3, 3, 3], negatives: [3, 3]).auroc == 0.5)
    #expect(try ROCCurve(positives: [.infinity], negatives: [.infinity]).auroc == 0.5)
    #expect(try ROCCurve(positives: [2, 3], negatives: [0, 1]).auroc == 1)
    #expect(try ROCCurve(positives: [0, 1], negatives: [2, 3]).auroc == 0)
    #expect(try ROCCurve(positives: [-0.0], negatives: [0.0]).thresholds.count == 1)
    #expect(try ROCCurve(positives: [5e-324], negatives: [0]).auroc == 1)
    #expect(
      try ROCCurve(positives: [.infinity, 1e308], negatives: [-.infinity, -1e308]).auroc == 1)
  }

  @Test func `what has no curve is refused, not called 0 or a half`() {
    #expect(throws: StatisticsError.oneClassOnly(positives: 2, negatives: 0)) {
      try ROCCurve(scores: [1, 2], labels: [true, true])
    }
    #expect(throws: StatisticsError.oneClassOnly(positives: 0, negatives: 1)) {
      try ROCCurve(scores: [1], labels: [false])
    }
    #expect(throws: StatisticsError.oneClassOnly(positives: 0, negatives: 0)) {
      try ROCCurve(scores: [], labels: [])
    }
    #expect(throws: StatisticsError.notANumber(index: 2)) {
      try ROCCurve(scores: [1, 2, .nan, .nan], labels: [true, false, true, false])
    }
    #expect(throws: StatisticsError.lengthsDiffer(scores: 1, labels: 2)) {
      try ROCCurve(scores: [1], labels: [true, false])
    }
    let text = StatisticsError.oneClassOnly(positives: 2, negatives: 0).description
    #expect(
      text == "undefined: 2 positive and 0 negative examples; both classes are needed")
  }

  @Test func `the area of large counts does not overflow`() {
    let many = 4_000_000_000
    let curve = ROCCurve(
      thresholds: [1, 0], truePositives: [many / 2, many], falsePositives: [0, many],
      positives: many, negatives: many)
    #expect(curve.auroc == 0.75)
  }

  @Test func `recall at a false positive rate is a stored point, ties against us`() throws {
    let curve = try ROCCurve(
      positives: [9, 8, 7, 5, 5], negatives: [6, 5, 4, 3, 2, 1, 0, -1, -2, -3])
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0) == 0.6)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0.1) == 0.6)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0.19) == 0.6)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0.2) == 1)
    #expect(curve.point(atFalsePositiveRate: 0.1).threshold == 6)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 1) == 1)
    let tied = try ROCCurve(positives: [1, 1], negatives: [1, 0])
    #expect(tied.truePositiveRate(atFalsePositiveRate: 0.4) == 0)
    #expect(tied.point(atFalsePositiveRate: 0).threshold == .infinity)
  }

  @Test func `a curve comes back from its document, and a broken one does not`() throws {
    let curve = try ROCCurve(
      scores: [.infinity, 1, 1, 0.5, -0.0, -.infinity, 5e-324],
      labels: [true, false, true, true, false, false, true])
    #expect(try ROCCurve(document: curve.document) == curve)
    let bytes = curve.document.canonicalBytes
    #expect(try ROCCurve(document: JSON(parsing: bytes)).document.canonicalBytes == bytes)

    func message(_ change: (inout JSON.Object) -> Void) -> String {
      var object = curve.document.object!
      change(&object)
      do throws(StatisticsError) {
        _ = try ROCCurve(document: .object(object))
        return "accepted"
      } catch {
        return error.description
      }
    }
    #expect(message { $0["tp"] = nil } == "a curve needs 'tp', a list")
    #expect(message { $0["fp"] = [-1] } == "'fp' holds counts")
    #expect(message { $0["positives"] = 5 } == "the last point does not flag everything")
    #expect(message { $0["negatives"] = "3" } == "a curve needs 'negatives', a count")
    #expect(
      message { $0["thresholds"] = "zz" } == "'thresholds' is not a row of 16-digit patterns")
    #expect(message { $0["thresholds"] = "" } == "thresholds, tp and fp differ in length")
    #expect(message { $0["tp"] = [1, 2, 1, 4, 4, 4] } == "counts do not rise at point 2")
    #expect(
      message { $0["thresholds"] = JSON(String(repeating: "0", count: 96)) }
        == "thresholds do not fall at point 1")
    #expect(
      message { $0["thresholds"] = JSON(String(repeating: "7ff8000000000000", count: 6)) }
        == "value 0 is NaN")
  }
}
