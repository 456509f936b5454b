/// Canonical JSON: UTF-8, keys sorted by bytes, no white space, integers exact, doubles the
/// shortest text that reads back (with `.0` or an exponent), NaN, infinities and -0.0 as
/// `{"f64":"<16 hex>"}`.
extension JSON {
  package var canonicalBytes: [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes)
    return bytes
  }

  package var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

  /// The same document indented by two spaces, for people and for diffs.
  package var prettyText: String {
    var bytes: [UInt8] = []
    writePretty(into: &bytes, depth: 0)
    bytes.append(UInt8(ascii: "\n"))
    return String(decoding: bytes, as: UTF8.self)
  }

  private func writePretty(into bytes: inout [UInt8], depth: Int) {
    func newline(_ depth: Int) {
      bytes.append(UInt8(ascii: "\n"))
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
    switch self {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newline(depth + 1)
        element.writePretty(into: &bytes, depth: depth + 1)
      }
      newline(depth)
      bytes.append(UInt8(ascii: "]"))
    case .object(let object) where !object.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newline(depth + 1)
        JSON.write(text: member.key.value, into: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        member.value.writePretty(into: &bytes, depth: depth + 1)
      }
      newline(depth)
      bytes.append(UInt8(ascii: "}"))
    default: write(into: &bytes)
    }
  }

  private func write(into bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let integer): bytes.append(contentsOf: integer.digits.utf8)
    case .double(let bits): JSON.write(double: bits.value, into: &bytes)
    case .string(let text): JSON.write(text: text.value, into: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(into: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSON.write(text: member.key.value, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(into: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Whether JSON's own notation keeps every bit of the double.
  static func hasPlainForm(_ value: Double) -> Bool {
    value.isFinite && !(value == 0 && value.sign == .minus)
  }

  private static func write(double value: Double, into bytes: inout [UInt8]) {
    guard hasPlainForm(value) else {
      bytes.append(contentsOf: "{\"f64\":\"\(Hexadecimal.text(of: value.bitPattern))\"}".utf8)
      return
    }
    bytes.append(contentsOf: value.description.utf8)
  }

  private static func write(text: String, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    // Nearly every text is its own form: one copy, and not a byte at a time.
    let plain: Void? =
      text.utf8.withContiguousStorageIfAvailable { utf8 in
        utf8.allSatisfy(isPlain) ? bytes.append(contentsOf: utf8) : nil
      } ?? nil
    if plain != nil {
      bytes.append(UInt8(ascii: "\""))
      return
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0..<0x20: bytes.append(contentsOf: "\\u00\(Hexadecimal.text(of: [byte]))".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Whether a byte of a text stands for itself.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}
