import Crypto

/// A SHA-256 digest: the name of everything that is addressed by its content.
package struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
  // A registry holds millions: in an array each would be an allocation of its own.
  private let words: Words

  private struct Words: Hashable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    init() {}

    /// - Parameter bytes: 32 of them.
    init(_ bytes: UnsafeRawBufferPointer) {
      func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
      }
      (first, second, third, fourth) = (word(0), word(1), word(2), word(3))
    }

    /// Appends the next 4 bits, 256 of them in all.
    mutating func shift(in digit: UInt8) {
      first = first << 4 | second >> 60
      second = second << 4 | third >> 60
      third = third << 4 | fourth >> 60
      fourth = fourth << 4 | UInt64(digit)
    }
  }

  /// The 32 bytes.
  package var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
      let raw = UnsafeMutableRawBufferPointer(bytes)
      raw.storeBytes(of: words.first.bigEndian, toByteOffset: 0, as: UInt64.self)
      raw.storeBytes(of: words.second.bigEndian, toByteOffset: 8, as: UInt64.self)
      raw.storeBytes(of: words.third.bigEndian, toByteOffset: 16, as: UInt64.self)
      raw.storeBytes(of: words.fourth.bigEndian, toByteOffset: 24, as: UInt64.self)
      count = 32
    }
  }

  /// The digest of a sequence of bytes.
  package init(of bytes: some Sequence<UInt8>) {
    var hasher = Hasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// The digest of a text's UTF-8 bytes.
  package init(of text: String) { self.init(of: Array(text.utf8)) }

  /// The digest of a document's canonical bytes.
  package init(of json: JSON) { self.init(of: json.canonicalBytes) }

  /// Takes 32 bytes; another number of them is nil.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    words = bytes.withUnsafeBytes(Words.init)
  }

  fileprivate init(_ digest: SHA256Digest) { words = digest.withUnsafeBytes(Words.init) }

  /// Reads 64 lower-case hexadecimal digits; anything else is nil.
  package init?(hex: some StringProtocol) {
    var words = Words()
    var count = 0
    for digit in hex.utf8 {
      guard count < 64, let value = Hexadecimal.value(of: digit) else { return nil }
      words.shift(in: value)
      count += 1
    }
    guard count == 64 else { return nil }
    self.words = words
  }

  /// 64 lower-case hexadecimal digits.
  package var hex: String { Hexadecimal.text(of: bytes) }

  /// The first ten digits, for people to read.
  package var short: String { String(hex.prefix(10)) }

  package var description: String { hex }

  package static func < (left: Digest, right: Digest) -> Bool {
    let (l, r) = (left.words, right.words)
    return (l.first, l.second, l.third, l.fourth) < (r.first, r.second, r.third, r.fourth)
  }

  /// Digests bytes that arrive in pieces.
  package struct Hasher: Sendable {
    private var state = SHA256()

    package init() {}

    package mutating func update(_ bytes: some Sequence<UInt8>) {
      let done: Void? = bytes.withContiguousStorageIfAvailable {
        state.update(bufferPointer: UnsafeRawBufferPointer($0))
      }
      if done == nil { Array(bytes).withUnsafeBytes { state.update(bufferPointer: $0) } }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
      state.update(bufferPointer: bytes)
    }

    package consuming func finish() -> Digest { Digest(state.finalize()) }
  }
}

/// Lower-case hexadecimal, on bytes.
package enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  package static func text(of bytes: some Sequence<UInt8>) -> String {
    // A record with a million points is written so: byte by byte through `Sequence` is ten times slower.
    bytes.withContiguousStorageIfAvailable(encode) ?? Array(bytes).withUnsafeBufferPointer(encode)
  }

  private static func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
      for (index, byte) in bytes.enumerated() {
        text[2 * index] = digits[Int(byte >> 4)]
        text[2 * index + 1] = digits[Int(byte & 15)]
      }
      return 2 * bytes.count
    }
  }

  /// 16 digits of a 64-bit pattern, most significant first.
  package static func text(of pattern: UInt64) -> String {
    text(of: pattern.bigEndianBytes)
  }

  package static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  /// Bytes of an even number of digits, or nil.
  package static func bytes(of text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  package static func pattern(of text: some StringProtocol) -> UInt64? {
    guard let bytes = bytes(of: text), bytes.count == 8 else { return nil }
    return bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
