import Determinism
import Statistics
import TensorCore
import Testing

@testable import Probing

struct ScoringTests {
  @Test func `the worst set's false positive rate is reported, not the mean`() throws {
    let report = try DetectorReport(
      positives: [10, 11, 12, 13],
      negatives: ["swap": [0, 1, 2, 3], "benign-task": [12, 12, 2, 1]],
      calibration: (0..<100).map { Double($0) / 20 })
    #expect(report.recall == 1)
    #expect(report.worstFalsePositiveRate == 0.5)
    #expect(report.sets["swap"]?.curve.auroc == 1)
    #expect(report.sets["swap"]?.falsePositiveRate == 0)
  }

  @Test func `constant scores are chance`() throws {
    let report = try DetectorReport(
      positives: [1, 1, 1], negatives: ["swap": [1, 1, 1]], calibration: [1, 1])
    #expect(report.sets["swap"]?.curve.auroc == 0.5)
    #expect(report.sets["swap"]?.dPrime == 0)
    #expect(report.recall == 0)
  }

  @Test(arguments: 0..<20)
  func `the corners of a curve keep its area and its ends`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "corners")
    let positives = (0..<40).map { _ in (stream.normal() + 1) * 8 }.map { $0.rounded() }
    let negatives = (0..<60).map { _ in stream.normal() * 8 }.map { $0.rounded() }
    let curve = try ROCCurve(positives: positives, negatives: negatives)
    let corners = curve.corners
    try corners.check()
    #expect(corners.thresholds.count < curve.thresholds.count, "seed \(seed)")
    #expect(corners.auroc == curve.auroc, "seed \(seed)")
    #expect(corners.positives == 40 && corners.negatives == 60)
  }

  @Test func `a perfect curve has two corners`() throws {
    let curve = try ROCCurve(positives: [5, 6, 7, 8], negatives: [1, 2, 3, 4])
    #expect(curve.corners.thresholds == [5, 1])
  }

  @Test func `an observation that ties with the null does not beat it`() {
    let null = NullDistribution([3, 1, 2, 2])
    #expect(null.share(below: 2) == 0.25)
    #expect(null.share(below: 4) == 1)
    #expect(null.maximum == 3)
  }

  @Test func `random directions are a function of seed, name and index`() {
    let left = RandomDirections(count: 5, width: 8, seed: 1, name: "L3").directions
    let longer = RandomDirections(count: 9, width: 8, seed: 1, name: "L3").directions
    #expect(left == Array(longer.prefix(5)))
    #expect(left[0] != left[1])
    #expect(left != RandomDirections(count: 5, width: 8, seed: 1, name: "L2").directions)
  }

  @Test func `random directions on clouds that differ in nothing are near chance`() throws {
    var stream = RandomStream(seed: 7, "null")
    func cloud() -> Activations {
      Activations(width: 16, floats: (0..<100 * 16).map { _ in Float(stream.normal()) })
    }
    let random = RandomDirections(count: 200, width: 16, seed: 2, name: "test")
    let null = try RandomNull(random, positives: cloud(), negatives: cloud())
    #expect(try null.folded.quantile(0.5) < 0.56)
    #expect(null.folded.sorted.allSatisfy { (0.5...1).contains($0) })
    #expect(try null.separation.quantile(0.5) < 0.25)
  }

  @Test(arguments: 2...4)
  func `the null is the same for any number of threads`(threads: Int) throws {
    var stream = RandomStream(seed: 8, "null")
    func cloud() -> Activations {
      Activations(width: 6, floats: (0..<30 * 6).map { _ in Float(stream.normal()) })
    }
    let (high, low) = (cloud(), cloud())
    let random = RandomDirections(count: 50, width: 6, seed: 3, name: "threads")
    let alone = try RandomNull(random, positives: high, negatives: low)
    let pool = WorkerPool(threads: threads)
    let null = try RandomNull(random, positives: high, negatives: low, forEach: pool.forEach)
    #expect(null.folded.sorted == alone.folded.sorted)
    #expect(null.separation.sorted == alone.separation.sorted)
    let bad = Activations(width: 6, floats: [Float](repeating: .nan, count: 12))
    #expect(throws: StatisticsError.notANumber(index: 0)) {
      try RandomNull(random, positives: bad, negatives: low, forEach: pool.forEach)
    }
  }

  @Test func `the lens at the last layer is layer norm, unembedding and log-odds`() {
    let lens = LogitLens(
      gain: [1, 2], bias: [0.5, 0], unembedding: [[1, 0], [0, 1], [1, 1]], epsilon: 0)
    // Row (3, 1): mean 2, deviation 1, normed (1, −1) → (1.5, −2).
    let logits = lens.logits(of: [3, 1])
    #expect(logits == [1.5, -2, -0.5])
    let activations = Activations(width: 2, floats: [3, 1])
    let odds = lens.scores(of: activations, tokens: [1])[0]
    let expected = -2 - Elementary.log(Elementary.exp(1.5) + Elementary.exp(-0.5))
    #expect(abs(odds - expected) < 1e-12)
  }

  @Test func `log-odds of everything is infinite and of nothing minus infinite`() {
    #expect(LogOdds.of([0, 1], logits: [1, 2]) == .infinity)
    #expect(LogOdds.of([], logits: [1, 2]) == -.infinity)
  }
}
