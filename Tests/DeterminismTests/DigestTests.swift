import Determinism
import Testing

@Suite struct DigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `a digest is SHA-256`(text: String, hex: String) {
    #expect(Digest(of: text).hex == hex)
    #expect(Digest(of: Array(text.utf8)).hex == hex)
    #expect(Digest(of: text.utf8.lazy.map { $0 }).hex == hex)
    #expect(Digest(hex: hex) == Digest(of: text))
    #expect(Digest(of: text).short == hex.prefix(10))
  }

  @Test func `pieces digest like the whole`() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for cut in [0, 1, 63, 64, 65, 999, 1_000] {
      var hasher = Digest.Hasher()
      hasher.update(bytes[..<cut])
      bytes[cut...].withUnsafeBytes { hasher.update($0) }
      #expect(hasher.finish() == Digest(of: bytes))
    }
  }

  @Test(arguments: [
    "", "00", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
    String(repeating: "A", count: 64), String(repeating: "g", count: 64),
    String(repeating: "0", count: 62) + "é", String(repeating: "0", count: 63) + "0\u{301}",
  ])
  func `only 64 lower-case digits are a digest`(text: String) {
    #expect(Digest(hex: text) == nil)
  }

  @Test func `hexadecimal keeps every byte and pattern`() {
    let all = (0...255).map { UInt8($0) }
    #expect(Hexadecimal.bytes(of: Hexadecimal.text(of: all)) == all)
    #expect(Hexadecimal.text(of: 0x0123_4567_89ab_cdef as UInt64) == "0123456789abcdef")
    #expect(Hexadecimal.pattern(of: "fff0000000000001") == 0xfff0_0000_0000_0001)
    #expect(Hexadecimal.pattern(of: "fff") == nil)
    #expect(Hexadecimal.bytes(of: "0") == nil)
    #expect(Hexadecimal.bytes(of: "0G") == nil)
  }

  @Test func `a digest is its 32 bytes`() throws {
    for index in 0..<50 {
      let digest = Digest(of: "\(index)")
      #expect(digest.bytes.count == 32)
      #expect(Digest(bytes: digest.bytes) == digest)
      #expect(Digest(hex: digest.hex) == digest)
      #expect(Hexadecimal.text(of: digest.bytes) == digest.hex)
    }
    let rising = try #require(Digest(bytes: Array(0..<32)))
    #expect(rising.bytes == Array(0..<32))
    #expect(rising.hex.hasPrefix("000102030405060708090a"))
    for count in [0, 31, 33, 64] {
      #expect(Digest(bytes: Array(repeating: 7, count: count)) == nil)
    }
  }

  @Test func `digests sort by their bytes`() {
    let digests = (0..<50).map { Digest(of: "\($0)") }
    #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
  }
}
