import Determinism
import Testing

@testable import Statistics

@Suite struct RadixSortTests {
  /// Doubles of every kind but NaN, some of them often.
  static func scores(_ count: Int, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, "radix")
    let special: [Double] = [
      0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .greatestFiniteMagnitude, 1, -1,
    ]
    return (0..<count).map { _ in
      switch stream.below(5) {
      case 0: return stream.element(of: special)
      case 1: return Double(stream.below(20)) - 10
      case 2: return Double(Float(stream.normal()))
      case 3: return stream.normal()
      default:
        let any = Double(bitPattern: stream.next())
        return any.isNaN ? 0.5 : any
      }
    }
  }

  @Test(arguments: [0, 1, 2, 383, 384, 1000, 5000])
  func `keys are in the order of their scores`(count: Int) {
    let scores = Self.scores(count, seed: UInt64(count))
    let sorted = RadixSort.keys(of: scores).map(RadixSort.score(of:))
    // As one value: the testing library takes long to describe how long arrays differ.
    #expect(sorted.elementsEqual(scores.map { $0 + 0.0 }.sorted()))
    #expect(sorted.allSatisfy { $0 != 0 || $0.sign == .plus })
  }

  /// Too many out of place after the upper digits for insertion to put right.
  @Test(arguments: [40, 51])
  func `scores that differ in their last bits only are sorted, too`(bits: Int) {
    var stream = RandomStream(seed: UInt64(bits), "last bits")
    let unit = Double(sign: .plus, exponent: -bits, significand: 1)
    let scores = stream.shuffled((0..<4000).map { 1 + Double($0) * unit })
    let sorted = RadixSort.keys(of: scores).map(RadixSort.score(of:))
    #expect(sorted.elementsEqual(scores.sorted()))
    #expect(sorted.first == 1)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a curve is the one that comparisons give, to the last bit`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "labels")
    for count in [5, 900, 3000] {
      let scores = Self.scores(count, seed: seed)
      let labels = scores.indices.map { $0 < 2 ? $0 == 0 : stream.bool(probability: 0.3) }
      let curve = try ROCCurve(scores: scores, labels: labels)
      let distinct = Set(scores.map { $0 + 0.0 }).sorted(by: >)
      let isSame = curve.thresholds.elementsEqual(distinct) { $0.bitPattern == $1.bitPattern }
      try #require(isSame, "seed \(seed)")
      for (index, threshold) in distinct.enumerated() where index % 37 == 0 {
        let flagged = scores.indices.filter { scores[$0] >= threshold }
        #expect(curve.truePositives[index] == flagged.count { labels[$0] }, "seed \(seed)")
        #expect(curve.falsePositives[index] == flagged.count { !labels[$0] }, "seed \(seed)")
      }
      try curve.check()
    }
  }

  @Test func `an index in an error counts the positives first`() {
    #expect(throws: StatisticsError.notANumber(index: 3)) {
      try ROCCurve(positives: [1, 2], negatives: [0, .nan])
    }
    #expect(throws: StatisticsError.oneClassOnly(positives: 0, negatives: 2)) {
      try ROCCurve(positives: [], negatives: [0, 1])
    }
  }
}

@Suite struct ReplicatesTests {
  /// Backwards, to show that the order of execution does not matter.
  static func backwards(_ count: Int, _ body: (Int) -> Void) {
    for index in (0..<count).reversed() { body(index) }
  }

  @Test func `replicates are a function of seed, name and index`() {
    func draw(_ count: Int, name: String = "a", forEach: ForEach = Replicates.inTurn) -> [Double] {
      Replicates(count, seed: 3, name: name, forEach: forEach) { index, stream in
        Double(index) + stream.uniform()
      }.values
    }
    let values = draw(100)
    #expect(values.indices.allSatisfy { Int(values[$0]) == $0 })
    #expect(draw(100, forEach: Self.backwards) == values)
    #expect(draw(10) == Array(values[..<10]))
    #expect(draw(100, name: "b") != values)
    #expect(draw(0).isEmpty)
  }

  @Test func `a bootstrap knows the standard error of a mean`() {
    var stream = RandomStream(seed: 12, "sample")
    let sample = (0..<200).map { _ in stream.normal() * 3 }
    let replicates = Replicates(bootstrapping: sample.count, 2000, seed: 5, name: "mean") {
      $0.reduce(0) { $0 + sample[$1] } / Double($0.count)
    }
    let exact = Summary(sample).standardError
    // The standard error of a standard deviation from 2,000 draws is 1.6% of it.
    #expect((replicates.standardError / exact - 1).magnitude < 0.08)
    let again = Replicates(
      bootstrapping: sample.count, 2000, seed: 5, name: "mean", forEach: Self.backwards
    ) { $0.reduce(0) { $0 + sample[$1] } / Double($0.count) }
    #expect(again == replicates)
  }
}
