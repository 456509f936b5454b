/// Sorting of scores by their bits: no comparison, no branch that scores could mislead.
///
/// A Double is mapped to an unsigned integer of the same order (all bits flipped if it is negative, else its
/// sign alone), and the integers are sorted by digits of 11 bits, lowest first (LSD radix sort). The upper
/// three digits come first on their own: they leave few scores out of place, which insertion puts right.
/// Where it finds more (scores that differ in their last bits only), all six digits follow.
enum RadixSort {
  private static let digitBits = 11
  private static let buckets = 1 << digitBits
  /// Where the digits begin; the third of the lower ones overlaps the first of the upper.
  private static let lowerDigits: [UInt64] = [0, 11, 22]
  private static let upperDigits: [UInt64] = [31, 42, 53]
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
    guard keys.count >= smallest else { return keys.sort() }
    let first = keys[0]
    let differing = keys.reduce(0) { $0 | ($1 ^ first) }
    sort(&keys, by: upperDigits, differing)
    if differing & (1 << upperDigits[0] - 1) == 0 || insert(&keys, atMost: 8 * keys.count) {
      return
    }
    sort(&keys, by: lowerDigits + upperDigits, differing)
  }

  /// One stable round for each digit in which keys differ.
  private static func sort(_ keys: inout [UInt64], by digits: [UInt64], _ differing: UInt64) {
    let mask = UInt64(buckets - 1)
    var starts = [Int](repeating: 0, count: buckets)
    var other = [UInt64](repeating: 0, count: keys.count)
    for shift in digits where differing &>> shift & mask != 0 {
      starts.withUnsafeMutableBufferPointer { starts in
        starts.update(repeating: 0)
        for key in keys { starts[Int(key &>> shift & mask)] &+= 1 }
        var start = 0
        for bucket in 0..<buckets {
          let count = starts[bucket]
          starts[bucket] = start
          start &+= count
        }
        other.withUnsafeMutableBufferPointer { other in
          for key in keys {
            let bucket = Int(key &>> shift & mask)
            other[starts[bucket]] = key
            starts[bucket] &+= 1
          }
        }
      }
      swap(&keys, &other)
    }
  }

  /// Insertion sort, given up after so many moves: then false, and the keys are in some order.
  private static func insert(_ keys: inout [UInt64], atMost limit: Int) -> Bool {
    keys.withUnsafeMutableBufferPointer { keys in
      var moves = 0
      for index in 1..<keys.count where keys[index - 1] > keys[index] {
        let key = keys[index]
        var place = index
        while place > 0, keys[place - 1] > key {
          keys[place] = keys[place - 1]
          place -= 1
        }
        keys[place] = key
        moves += index - place
        if moves > limit { return false }
      }
      return true
    }
  }
}
