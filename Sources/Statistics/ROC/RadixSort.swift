/// Sorting of scores by their bits: no comparison, no branch that scores could mislead.
///
/// A Double is mapped to an unsigned integer of the same order (all bits flipped if it is negative, else its
/// sign alone), and the integers are sorted by digits of 11 bits, lowest first (LSD radix sort). Digits in
/// which no two keys differ are skipped: scores that once were floats need four rounds instead of six.
enum RadixSort {
  private static let digitBits = 11
  private static let buckets = 1 << digitBits
  private static let digits = 6
  /// Below this the histograms cost more than comparisons.
  private static let smallest = 384

  /// Keys in rising order of their scores; −0.0 and 0.0 have one key. No score is NaN.
  static func keys(of scores: some Collection<Double>) -> [UInt64] {
    var keys: [UInt64] = []
    keys.reserveCapacity(scores.count)
    for score in scores { keys.append(key(of: score)) }
    sort(&keys)
    return keys
  }

  static func key(of score: Double) -> UInt64 {
    let bits = (score + 0.0).bitPattern
    return bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) >> 63) | 1 << 63)
  }

  static func score(of key: UInt64) -> Double {
    Double(bitPattern: key ^ (UInt64(bitPattern: ~(Int64(bitPattern: key) >> 63)) | 1 << 63))
  }

  /// Into rising order. O(n).
  static func sort(_ keys: inout [UInt64]) {
    let count = keys.count
    guard count >= smallest else { return keys.sort() }
    let first = keys[0]
    let differing = keys.reduce(0) { $0 | ($1 ^ first) }
    var counts = [Int](repeating: 0, count: buckets)
    var other = [UInt64](repeating: 0, count: count)
    for digit in 0..<digits {
      let shift = UInt64(digit * digitBits)
      guard differing &>> shift & UInt64(buckets - 1) != 0 else { continue }
      counts.withUnsafeMutableBufferPointer { counts in
        counts.update(repeating: 0)
        keys.withUnsafeBufferPointer { from in
          for key in from { counts[Int(key &>> shift & UInt64(buckets - 1))] &+= 1 }
          var start = 0
          for bucket in 0..<buckets {
            let here = counts[bucket]
            counts[bucket] = start
            start &+= here
          }
          other.withUnsafeMutableBufferPointer { to in
            for key in from {
              let bucket = Int(key &>> shift & UInt64(buckets - 1))
              to[counts[bucket]] = key
              counts[bucket] &+= 1
            }
          }
        }
      }
      swap(&keys, &other)
    }
  }
}
