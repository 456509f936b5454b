import Determinism
import Testing

@Suite struct RandomStreamTests {
  struct KnownAnswer: Sendable {
    let counter: [UInt32]
    let key: [UInt32]
    let output: [UInt32]
  }

  @Test(arguments: [
    KnownAnswer(
      counter: [0, 0, 0, 0], key: [0, 0],
      output: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    KnownAnswer(
      counter: [.max, .max, .max, .max], key: [.max, .max],
      output: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    KnownAnswer(
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
      key: [0xa409_3822, 0x299f_31d0],
      output: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ])
  func `a block equals the known answers of Random123`(known: KnownAnswer) {
    let c = known.counter
    let out = RandomStream.philox((c[0], c[1], c[2], c[3]), (known.key[0], known.key[1]))
    #expect([out.0, out.1, out.2, out.3] == known.output)
  }

  @Test func `seed, name and index each make another stream, equal ones the same`() {
    func head(_ seed: UInt64, _ name: String, _ index: UInt64 = 0) -> [UInt64] {
      var stream = RandomStream(seed: seed, name, index)
      return (0..<8).map { _ in stream.next() }
    }
    let streams = [
      head(1, "a"), head(2, "a"), head(1, "b"), head(1, "a", 1), head(1, ""), head(0, "1a"),
      head(11, "a", 0), head(1, "a", 11), head(1, "a\u{0}"), head(1, "0\u{0}a"),
      head(.max, "a", .max), head(1, "é"), head(1, "e\u{301}"),
    ]
    #expect(Set(streams).count == streams.count)
    #expect(Set(streams.flatMap { $0 }).count == 8 * streams.count)
    #expect(head(1, "a") == streams[0])
  }

  @Test func `neighbouring streams are uncorrelated`() {
    // 64 bits of agreement, 4,000 pairs: mean 32, standard error 4/√4000 = 0.063; six of those.
    var agreement = 0
    for seed in 0..<4_000 as Range<UInt64> {
      var one = RandomStream(seed: seed, "x")
      var other = RandomStream(seed: seed + 1, "x")
      agreement += 64 - (one.next() ^ other.next()).nonzeroBitCount
    }
    #expect((Double(agreement) / 4_000 - 32).magnitude < 0.38)
  }

  @Test func `the first numbers, a shuffle and normals never change`() {
    var stream = RandomStream(seed: 1, "golden")
    #expect((0..<3).map { _ in stream.next() } == GoldenStream.words)
    #expect(RandomStream(seed: 1, "golden/shuffle").shuffledCopy(20) == GoldenStream.shuffle)
    var normals = RandomStream(seed: 1, "golden/normal")
    #expect((0..<3).map { _ in normals.normal().bitPattern } == GoldenStream.normals)
    var below = RandomStream(seed: 1, "golden/below")
    #expect((0..<10).map { _ in below.below(1000) } == GoldenStream.below)
  }

  @Test(arguments: [2, 3, 7, 10, 100, 255])
  func `below is uniform by chi-square`(bound: Int) {
    var stream = RandomStream(seed: 9, "chi-square", UInt64(bound))
    let draws = 200 * bound
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<draws { counts[stream.below(bound)] += 1 }
    let chiSquare = counts.reduce(0.0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 }
    // Mean ν, variance 2ν; five deviations and a little for the skew of few classes.
    let freedom = Double(bound - 1)
    #expect(chiSquare < freedom + 5 * (2 * freedom).squareRoot() + 10, "seed 9")
  }

  @Test func `below has no bias for a bound that divides 2⁶⁴ badly`() {
    // 3 · 2⁶¹: without rejection the residues mod 3 of the product would come 3 : 3 : 2.
    let bound = 3 << 61
    var stream = RandomStream(seed: 2, "bias")
    var thirds = [0, 0, 0]
    for _ in 0..<6_000 { thirds[stream.below(bound) % 3] += 1 }
    let chiSquare = thirds.reduce(0.0) { $0 + Double(($1 - 2_000) * ($1 - 2_000)) / 2_000 }
    #expect(chiSquare < 20, "\(thirds)")
  }

  @Test func `a shuffle is a permutation, and every order comes up`() {
    var stream = RandomStream(seed: 3, "orders")
    var seen: [[Int]: Int] = [:]
    for _ in 0..<2_400 { seen[stream.shuffled([0, 1, 2, 3]), default: 0] += 1 }
    #expect(seen.count == 24)
    #expect(seen.values.allSatisfy { (50...150).contains($0) })
    #expect(stream.shuffled([Int]()) == [])
    #expect(stream.shuffled(Array(0..<50)).sorted() == Array(0..<50))
  }

  @Test func `uniform lies in [0, 1) and normals have mean 0 and variance 1`() {
    var stream = RandomStream(seed: 4, "moments")
    var sum = 0.0
    var normalSum = 0.0
    var normalSquares = 0.0
    for _ in 0..<20_000 {
      let u = stream.uniform()
      #expect(u >= 0 && u < 1)
      sum += u
      let z = stream.normal()
      #expect(z.isFinite)
      normalSum += z
      normalSquares += z * z
    }
    // Six standard errors.
    #expect((sum / 20_000 - 0.5).magnitude < 0.0123)
    #expect((normalSum / 20_000).magnitude < 0.0425)
    #expect((normalSquares / 20_000 - 1).magnitude < 0.06)
  }
}

extension RandomStream {
  func shuffledCopy(_ count: Int) -> [Int] {
    var copy = self
    return copy.shuffled(Array(0..<count))
  }
}

/// What streams gave when the format was fixed: a changed number changes every archived run.
enum GoldenStream {
  static let words: [UInt64] = [
    15_100_424_043_474_567_540, 10_234_771_042_939_502_337, 975_063_366_397_795_144,
  ]
  static let shuffle: [Int] = [
    1, 3, 18, 9, 7, 15, 12, 4, 19, 10, 8, 16, 0, 13, 6, 11, 5, 14, 17, 2,
  ]
  static let normals: [UInt64] = [
    13_825_867_185_471_683_476, 4_609_285_412_581_851_608, 13_817_604_005_171_354_566,
  ]
  static let below: [Int] = [167, 700, 599, 450, 425, 870, 961, 234, 404, 737]
}
