/// Text into Markdown that reads back as that text.
package enum MarkdownText {
  /// The place of links while a twin is made: `MarkdownText.rebased` turns it into a relative path.
  static let root = "\u{1}"

  /// Escapes what CommonMark gives a meaning; line breaks become spaces; controls are replaced.
  package static func escaped(_ text: String) -> String {
    // Most texts of a page stand for themselves.
    if text.utf8.allSatisfy(isPlain) { return text }
    var escaped = String.UnicodeScalarView()
    var atStart = true
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "<", ">", "&", "|", "~", "#", "$":
        escaped.append("\\")
        escaped.append(scalar)
      case "\n", "\t", "\r": escaped.append(" ")
      case "+", "-", "=", "!":
        if atStart { escaped.append("\\") }
        escaped.append(scalar)
      case "@", ":", "/":
        // Keeps a code host from linking bare addresses.
        escaped.append(scalar)
      default: escaped.append(Escaping.isShowable(scalar) ? scalar : "\u{FFFD}")
      }
      atStart = false
    }
    return String(escaped)
  }

  /// Letters, digits and marks that mean nothing, wherever they stand.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: ","),
      UInt8(ascii: "."), UInt8(ascii: "%"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: ":"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  /// A code span, with a fence longer than any run of backticks inside; `|` would end a table's cell.
  package static func code(_ text: String) -> String {
    var clean = String.UnicodeScalarView()
    var run = 0
    var longest = 0
    for scalar in text.unicodeScalars {
      run = scalar == "`" ? run + 1 : 0
      longest = max(longest, run)
      if scalar == "\n" || scalar == "\t" || scalar == "\r" {
        clean.append(" ")
      } else if scalar == "|" {
        clean.append("\u{2223}")
      } else {
        clean.append(Escaping.isShowable(scalar) ? scalar : "\u{FFFD}")
      }
    }
    let fence = String(repeating: "`", count: longest + 1)
    let inner = String(clean)
    guard !inner.isEmpty else { return "" }
    return longest > 0 ? "\(fence) \(inner) \(fence)" : "\(fence)\(inner)\(fence)"
  }

  /// A destination; spaces and parentheses would end it.
  static func destination(_ link: Link) -> String {
    var bytes: [UInt8] = []
    for byte in link.reference(from: root).utf8 {
      switch byte {
      case 0x20, 0x28, 0x29, 0x3C, 0x3E, 0x5C, 0x7C, 0x0A, 0x0D, 0x22:
        bytes.append(0x25)
        for digit in [byte >> 4, byte & 15] {
          bytes.append(digit < 10 ? 0x30 + digit : 0x41 + digit - 10)
        }
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The finished text of a page that lies `base` below the root.
  static func rebased(_ text: String, base: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 64)
    for (index, part) in text.utf8.split(separator: 1, omittingEmptySubsequences: false)
      .enumerated()
    {
      if index > 0 { bytes.append(contentsOf: base.utf8) }
      bytes.append(contentsOf: part)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
