/// A stream of random numbers that is a function of its seed and its name alone.
///
/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): block n
/// is a keyed permutation of n, so there is no state to save but a position, and streams of other
/// names never overlap. The standard library's generators and shuffles may change between Swift
/// versions.
package struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private let lane: (UInt32, UInt32)
  private var block: UInt64
  private var buffer: (UInt64, UInt64) = (0, 0)
  private var buffered = 0

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - name: what the stream is for, e.g. `"pretrain/batch"`.
  ///   - index: one of many streams with that name: a step, a sequence.
  package init(seed: UInt64, _ name: String, _ index: UInt64 = 0) {
    var bytes = Array("dormouse.stream/1\u{0}\(seed)\u{0}\(index)\u{0}".utf8)
    bytes.append(contentsOf: name.utf8)
    let digest = Digest(of: bytes).bytes
    func word(_ at: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(digest[at + $1]) << UInt32(8 * $1) }
    }
    key = (word(0), word(4))
    lane = (word(8), word(12))
    block = 0
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    if buffered == 0 {
      let out = Self.philox(
        (
          UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), lane.0, lane.1
        ),
        key)
      block += 1
      buffer = (UInt64(out.1) << 32 | UInt64(out.0), UInt64(out.3) << 32 | UInt64(out.2))
      buffered = 2
    }
    buffered -= 1
    return buffered == 1 ? buffer.0 : buffer.1
  }

  /// Uniform on [0, 1), a multiple of 2⁻⁵³.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform on 0 ..< bound, without bias (Lemire's multiplication with rejection).
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "below(_:) needs a positive bound")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  package mutating func bool(probability: Double = 0.5) -> Bool { uniform() < probability }

  package mutating func element<Element>(of elements: [Element]) -> Element {
    elements[below(elements.count)]
  }

  /// Fisher–Yates, from the end.
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, below(last + 1))
    }
  }

  package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var copy = elements
    shuffle(&copy)
    return copy
  }

  /// Standard normal (Box–Muller, the cosine half), with elementary functions of our own.
  package mutating func normal() -> Double {
    let radius = 1 - uniform()
    let angle = uniform()
    return (-2 * Elementary.log(radius)).squareRoot() * Elementary.cos(2 * Double.pi * angle)
  }

  /// One block: ten rounds of the permutation of `counter` under `key`.
  package static func philox(
    _ counter: (UInt32, UInt32, UInt32, UInt32), _ key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var c = counter
    var k = key
    for round in 0..<10 {
      if round > 0 {
        k.0 &+= 0x9E37_79B9
        k.1 &+= 0xBB67_AE85
      }
      let first = c.0.multipliedFullWidth(by: 0xD251_1F53)
      let second = c.2.multipliedFullWidth(by: 0xCD9E_8D57)
      c = (
        second.high ^ c.1 ^ k.0, second.low,
        first.high ^ c.3 ^ k.1, first.low
      )
    }
    return c
  }
}
