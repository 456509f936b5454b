import Determinism

/// A test over the ways to swap the members of pairs, or to change the signs of differences.
package struct PermutationTest: Equatable, Sendable {
  package let p: Double
  /// Over all 2ⁿ patterns; else over drawn ones, of which the pattern seen is one (Phipson and Smyth 2010).
  package let isExact: Bool

  /// All patterns of up to this many pairs are looked at, and as many drawn of more.
  package static let exactPairs = 16

  /// - Parameters:
  ///   - name: with the number of pairs it is the stream of drawn patterns.
  ///   - reaches: whether a pattern is at least as extreme as the one seen, which swaps nothing.
  init(pairs n: Int, name: String, _ reaches: (_ isSwapped: (Int) -> Bool) -> Bool) {
    isExact = n <= Self.exactPairs
    if isExact {
      let count = (0..<1 << n).count { pattern in reaches { pattern >> $0 & 1 == 1 } }
      p = Double(count) / Double(1 << n)
    } else {
      var stream = RandomStream(seed: 0, "statistics/permutation/\(name)", UInt64(n))
      let draws = 1 << Self.exactPairs
      var count = 1
      for _ in 1..<draws {
        let pattern = (0..<n).map { _ in stream.bool() }
        if reaches({ pattern[$0] }) { count += 1 }
      }
      p = Double(count) / Double(draws)
    }
  }
}
