import Determinism

/// The members of a JSON object, or the elements of a list, as places in its text: what is not asked for is
/// passed over without a tree being built of it, in as much memory as the text has.
///
/// What is passed over is looked at as far as its end needs: brackets are counted, not paired.
struct JSONMembers {
  struct Member {
    /// Empty in a list.
    let key: String
    let value: Range<Int>
  }

  private let text: [UInt8]
  private var at: Int
  private let end: Int
  private var isList = false
  private var isFirst = true

  /// - Parameter range: of the object or list in the text.
  /// - Throws: the place, within the text, of what is neither.
  init(_ text: [UInt8], in range: Range<Int>? = nil) throws(Problem) {
    self.text = text
    (at, end) = (range?.lowerBound ?? 0, range?.upperBound ?? text.count)
    skipSpace()
    guard at < end, text[at] == UInt8(ascii: "{") || text[at] == UInt8(ascii: "[") else {
      throw Problem(offset: at, message: "expected a JSON object")
    }
    isList = text[at] == UInt8(ascii: "[")
    at += 1
  }

  struct Problem: Error, Equatable {
    let offset: Int
    let message: String
  }

  /// nil after the last one.
  mutating func next() throws(Problem) -> Member? {
    skipSpace()
    let closing = isList ? UInt8(ascii: "]") : UInt8(ascii: "}")
    guard at < end else { throw Problem(offset: at, message: "the document ends within a value") }
    if text[at] == closing { return nil }
    if !isFirst {
      guard text[at] == UInt8(ascii: ",") else {
        throw Problem(offset: at, message: "expected ',' or '\(isList ? "]" : "}")'")
      }
      at += 1
      skipSpace()
    }
    isFirst = false
    var key = ""
    if !isList {
      let start = at
      guard at < end, text[at] == UInt8(ascii: "\"") else {
        throw Problem(offset: at, message: "expected a key in quotes")
      }
      try skipText()
      key = try parsed(start..<at).string ?? ""
      skipSpace()
      guard at < end, text[at] == UInt8(ascii: ":") else {
        throw Problem(offset: at, message: "expected ':'")
      }
      at += 1
      skipSpace()
    }
    let start = at
    try skipValue()
    return Member(key: key, value: start..<at)
  }

  /// The value at a place.
  func parsed(_ range: Range<Int>) throws(Problem) -> JSON {
    do { return try JSON(parsing: text[range], nonFinite: true) } catch {
      // Line and column are of the part: back to bytes of the whole.
      var line = range.lowerBound
      for _ in 1..<max(1, error.line) {
        line = (text[line..<range.upperBound].firstIndex(of: 0x0A) ?? line) + 1
      }
      throw Problem(offset: line + error.column - 1, message: error.message)
    }
  }

  private mutating func skipSpace() {
    while at < end, text[at] == 0x20 || text[at] == 0x0A || text[at] == 0x0D || text[at] == 0x09 {
      at += 1
    }
  }

  private mutating func skipText() throws(Problem) {
    let start = at
    at += 1
    while at < end {
      switch text[at] {
      case UInt8(ascii: "\""):
        at += 1
        return
      case UInt8(ascii: "\\"): at += 2
      default: at += 1
      }
    }
    throw Problem(offset: start, message: "a string without its closing quote")
  }

  private mutating func skipValue() throws(Problem) {
    let start = at
    var depth = 0
    while at < end {
      switch text[at] {
      case UInt8(ascii: "\""):
        try skipText()
        if depth == 0 { return }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        at += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // The one around it.
        if depth == 0 { return try isValue(start) }
        depth -= 1
        at += 1
        if depth == 0 { return }
      case UInt8(ascii: ",") where depth == 0: return try isValue(start)
      default: at += 1
      }
    }
    throw Problem(offset: start, message: "the document ends within a value")
  }

  private func isValue(_ start: Int) throws(Problem) {
    guard at > start else { throw Problem(offset: at, message: "not a JSON value") }
  }
}

extension JSONMembers {
  /// The wanted members of an object, as a tree.
  ///
  /// - Parameter limit: bytes of the longest value that a tree is built of.
  static func object(
    _ text: [UInt8], in range: Range<Int>? = nil, atMost limit: Int,
    where isWanted: (String) -> Bool
  ) throws(Problem) -> JSON.Object {
    var members = try JSONMembers(text, in: range)
    guard !members.isList else {
      throw Problem(offset: range?.lowerBound ?? 0, message: "expected a JSON object")
    }
    var pairs: [(String, JSON)] = []
    while let member = try members.next() {
      guard isWanted(member.key) else { continue }
      guard member.value.count <= limit else {
        throw Problem(
          offset: member.value.lowerBound,
          message:
            "'\(member.key.prefix(40))' has \(member.value.count) bytes; at most \(limit >> 20) MiB are read"
        )
      }
      pairs.append((member.key, try members.parsed(member.value)))
    }
    return JSON.Object(pairs)
  }
}
