/// The one escaping function of the site, on Unicode scalars.
///
/// Never on `Character`: `"` followed by U+0301 is one Character, and a comparison with `"\""` misses it.
package enum Escaping {
  /// Text for element content and for attribute values in double quotes.
  ///
  /// `& < > " '` and the backtick become references. Scalars that HTML forbids or that reorder what a reader
  /// sees (controls, noncharacters, bidirectional overrides) become U+FFFD.
  package static func escaped(_ text: String) -> String {
    if isPlain(text) { return text }
    var escaped: [UInt8] = []
    escaped.reserveCapacity(text.utf8.count + text.utf8.count / 4)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped.append(contentsOf: "&amp;".utf8)
      case "<": escaped.append(contentsOf: "&lt;".utf8)
      case ">": escaped.append(contentsOf: "&gt;".utf8)
      case "\"": escaped.append(contentsOf: "&quot;".utf8)
      case "'": escaped.append(contentsOf: "&#39;".utf8)
      case "`": escaped.append(contentsOf: "&#96;".utf8)
      default:
        if scalar.value < 0x80, isShowable(scalar) {
          escaped.append(UInt8(scalar.value))
        } else {
          escaped.append(contentsOf: UTF8.encode(isShowable(scalar) ? scalar : "\u{FFFD}")!)
        }
      }
    }
    return String(decoding: escaped, as: UTF8.self)
  }

  private static func isPlain(_ text: String) -> Bool {
    // Drawings are long texts: the bytes themselves, where they lie in one piece.
    text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isPlain) }
      ?? text.utf8.allSatisfy(isPlain)
  }

  /// ASCII that stands for itself everywhere.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
      UInt8(ascii: "'"), UInt8(ascii: "`"):
      false
    default: (0x20..<0x7F).contains(byte) || byte == 0x0A || byte == 0x09
    }
  }

  /// Whether a scalar may reach a page as it is.
  package static func isShowable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: true
    case 0..<0x20, 0x7F..<0xA0: false
    // Bidirectional embeddings, overrides and isolates.
    case 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: false
    case 0x2028, 0x2029, 0xFDD0...0xFDEF: false
    default: scalar.value & 0xFFFE != 0xFFFE
    }
  }
}
