/// A template's text, read once for its tags: what it asks for, and where.
///
/// The language is the plain part of Mustache: variables, sections, inverted sections, partials, comments.
/// Changing delimiters or the content type, lambdas, inheritance and dynamic partials are refused, so that a
/// template cannot switch escaping off for text.
struct TemplateSource: Sendable {
  enum Tag: Sendable {
    case text(String)
    case markup(String)
    case section(String, inverted: Bool, [Located])
    case partial(String)
  }

  struct Located: Sendable {
    let tag: Tag
    let line: Int
  }

  let file: String
  let text: String
  let tags: [Located]

  init(file: String, text: String) throws(TemplateError) {
    self.file = file
    self.text = text
    var scanner = Scanner(file: file, bytes: Array(text.utf8))
    tags = try scanner.tags(until: nil)
  }

  private struct Scanner {
    let file: String
    let bytes: [UInt8]
    var position = 0
    var line = 1

    init(file: String, bytes: [UInt8]) {
      self.file = file
      self.bytes = bytes
    }

    func error(_ message: String) -> TemplateError {
      TemplateError(file: file, line: line, message: message)
    }

    /// The content of the next tag, or nil at the end of the text.
    mutating func nextTag() throws(TemplateError) -> [UInt8]? {
      while position < bytes.count {
        if bytes[position...].starts(with: [0x7B, 0x7B]) { break }
        if bytes[position] == 0x0A { line += 1 }
        position += 1
      }
      guard position < bytes.count else { return nil }
      let isTriple = position + 2 < bytes.count && bytes[position + 2] == 0x7B
      let close: [UInt8] = isTriple ? [0x7D, 0x7D, 0x7D] : [0x7D, 0x7D]
      position += 2
      let start = position
      while position < bytes.count, !bytes[position...].starts(with: close) { position += 1 }
      guard position < bytes.count else { throw error("a tag without its closing braces") }
      let content = Array(bytes[start..<position])
      position += close.count
      defer { line += content.count(where: { $0 == 0x0A }) }
      return content
    }

    mutating func tags(until section: String?) throws(TemplateError) -> [Located] {
      var found: [Located] = []
      let opened = line
      while let content = try nextTag() {
        let at = line
        let name = { (dropped: Int) in TemplateSource.trimmed(content.dropFirst(dropped)) }
        switch content.first {
        case UInt8(ascii: "!"): continue
        case UInt8(ascii: "#"), UInt8(ascii: "^"):
          let key = try key(name(1))
          let inner = try tags(until: key)
          let isInverted = content[0] == UInt8(ascii: "^")
          found.append(Located(tag: .section(key, inverted: isInverted, inner), line: at))
        case UInt8(ascii: "/"):
          let key = name(1)
          guard let section, key.utf8.elementsEqual(section.utf8) else {
            throw error("'{{/\(key)}}' closes no open section of that name")
          }
          return found
        case UInt8(ascii: "{"), UInt8(ascii: "&"):
          found.append(Located(tag: .markup(try key(name(1))), line: at))
        case UInt8(ascii: ">"): found.append(Located(tag: .partial(try key(name(1))), line: at))
        default: found.append(Located(tag: .text(try key(name(0))), line: at))
        }
      }
      if let section {
        throw TemplateError(
          file: file, line: opened, message: "section '\(section)' is never closed")
      }
      return found
    }

    func key(_ text: String) throws(TemplateError) -> String {
      let isKey = { (byte: UInt8) in
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
      }
      guard !text.utf8.isEmpty, text.utf8.allSatisfy(isKey) else {
        throw error("'{{\(text)}}' is not a tag that templates may use")
      }
      return text
    }
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    var bytes = bytes
    while bytes.first == 0x20 { bytes.removeFirst() }
    while bytes.last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
