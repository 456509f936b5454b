/// Why a document is not JSON, and where: 1-based line and column (in bytes).
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  package let line: Int
  package let column: Int
  package let message: String
  package var description: String { "\(line):\(column): \(message)" }
}

extension JSON {
  /// The deepest nesting that is read.
  package static let maximumDepth = 256

  /// Reads one document. Refused: duplicate keys, trailing commas, NaN literals, lone surrogates,
  /// numbers that overflow, anything after the value. `{"f64":"…"}` becomes the NaN, infinity or
  /// -0.0 it names.
  ///
  /// - Parameter nonFinite: also takes the tokens `NaN`, `Infinity` and `-Infinity`, which Python's `json`
  ///   writes. NaN is the pattern 7ff8000000000000, as it is there.
  package init(parsing bytes: some Sequence<UInt8>, nonFinite: Bool = false) throws(JSONError) {
    var reader = Reader(bytes: Array(bytes))
    reader.takesNonFinite = nonFinite
    self = try reader.document()
  }

  /// Where some values of a document stand: a second reading, for those who found something wrong in the
  /// first and have to say where.
  ///
  /// - Parameter paths: keys from the top, list positions as decimal text.
  /// - Returns: by path, of those that the document has before it stops being JSON.
  package static func places(
    of paths: Set<[String]>, in bytes: [UInt8], nonFinite: Bool = false
  ) -> [[String]: Place] {
    var reader = Reader(bytes: bytes)
    reader.takesNonFinite = nonFinite
    reader.trail = Trail(wanted: paths)
    _ = try? reader.document()
    return (reader.trail?.found ?? [:]).mapValues { found in
      let value = reader.error("", at: found.value)
      let key = reader.error("", at: found.key ?? found.value)
      return Place(
        key: Place.Mark(line: key.line, column: key.column),
        value: Place.Mark(line: value.line, column: value.column))
    }
  }

  /// Where a value stands, and its key; of what has no key, the value twice.
  package struct Place: Equatable, Sendable {
    /// Both from 1, the column in bytes.
    package struct Mark: Equatable, Sendable {
      package let line: Int
      package let column: Int
      package init(line: Int, column: Int) {
        self.line = line
        self.column = column
      }
    }
    package let key: Mark
    package let value: Mark
    package init(key: Mark, value: Mark) {
      self.key = key
      self.value = value
    }
  }

  /// The way to where a reader is, and the offsets of what is looked for.
  private struct Trail {
    let wanted: Set<[String]>
    var path: [String] = []
    var key: Int?
    var found: [[String]: (key: Int?, value: Int)] = [:]
  }

  package init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }

  /// The double that `{"f64":"…"}` stands for: one of those that JSON cannot write. A pattern of
  /// any other double is an ordinary object, so that one value has one canonical form.
  private static func pattern(in object: Object) -> Double? {
    guard object.count == 1, let hex = object["f64"]?.string,
      let bits = Hexadecimal.pattern(of: hex)
    else { return nil }
    let value = Double(bitPattern: bits)
    return hasPlainForm(value) ? nil : value
  }

  /// A text from a document as an error shows it: escaped, and cut when it is long.
  fileprivate static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let shown = String(String.UnicodeScalarView(scalars.prefix(60)))
    return JSON(scalars.count > 60 ? shown + "…" : shown).canonicalText
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0
    var takesNonFinite = false
    var trail: Trail?

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSON {
      skipSpace()
      let value = try value(depth: 0)
      skipSpace()
      guard position == bytes.count else { throw error("text after the value") }
      return value
    }

    /// A value one step further down.
    mutating func value(
      depth: Int, under step: @autoclosure () -> String, key: Int? = nil
    ) throws(JSONError) -> JSON {
      guard trail != nil else { return try value(depth: depth) }
      trail?.path.append(step())
      trail?.key = key
      defer { trail?.path.removeLast() }
      return try value(depth: depth)
    }

    func error(_ message: String, at position: Int? = nil) -> JSONError {
      let before = bytes.prefix(position ?? self.position)
      let line = before.count(where: { $0 == 0x0A }) + 1
      let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
      return JSONError(line: line, column: column, message: message)
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        position += 1
      }
    }

    mutating func expect(_ byte: Character, _ what: String) throws(JSONError) {
      guard next == byte.asciiValue else { throw error("expected \(what)") }
      position += 1
    }

    mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
      let wanted = Array("\(text)".utf8)
      guard bytes.count - position >= wanted.count,
        bytes[position..<position + wanted.count].elementsEqual(wanted)
      else { throw error("not a JSON value") }
      position += wanted.count
      return value
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
      guard depth <= JSON.maximumDepth else {
        throw error("nested more than \(JSON.maximumDepth) deep")
      }
      if let trail, trail.wanted.contains(trail.path) {
        self.trail?.found[trail.path] = (trail.key, position)
      }
      switch next {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(Text(try text()))
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      case UInt8(ascii: "n"): return try word("null", .null)
      case UInt8(ascii: "N") where takesNonFinite: return try word("NaN", .double(Bits(.nan)))
      case UInt8(ascii: "I") where takesNonFinite:
        return try word("Infinity", .double(Bits(.infinity)))
      case UInt8(ascii: "-")
      where takesNonFinite && position + 1 < bytes.count
        && bytes[position + 1] == UInt8(ascii: "I"):
        return try word("-Infinity", .double(Bits(-.infinity)))
      case let digit? where digit == UInt8(ascii: "-") || (0x30...0x39).contains(digit):
        return try number()
      case nil: throw error("the document ends where a value should be")
      default: throw error("not a JSON value")
      }
    }

    mutating func array(depth: Int) throws(JSONError) -> JSON {
      position += 1
      skipSpace()
      var elements: [JSON] = []
      if next == UInt8(ascii: "]") {
        position += 1
        return .array(elements)
      }
      while true {
        skipSpace()
        elements.append(try value(depth: depth + 1, under: "\(elements.count)"))
        skipSpace()
        if next == UInt8(ascii: ",") {
          position += 1
          continue
        }
        try expect("]", "',' or ']'")
        return .array(elements)
      }
    }

    mutating func object(depth: Int) throws(JSONError) -> JSON {
      position += 1
      skipSpace()
      var members: [Object.Member] = []
      var starts: [Int] = []
      if next == UInt8(ascii: "}") {
        position += 1
        return .object(Object())
      }
      while true {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
        starts.append(position)
        let key = Text(try text())
        skipSpace()
        try expect(":", "':'")
        skipSpace()
        let start = starts[starts.count - 1]
        let value = try value(depth: depth + 1, under: key.value, key: start)
        members.append(Object.Member(key: key, value: value))
        skipSpace()
        if next == UInt8(ascii: ",") {
          position += 1
          continue
        }
        try expect("}", "',' or '}'")
        let (object, repeated) = Object.sorting(members)
        if let repeated {
          let name = JSON.quoted(members[repeated].key.value)
          throw error("duplicate key \(name)", at: starts[repeated])
        }
        return JSON.pattern(in: object).map { .double(Bits($0)) } ?? .object(object)
      }
    }

    mutating func number() throws(JSONError) -> JSON {
      let start = position
      var isInteger = true
      if next == UInt8(ascii: "-") { position += 1 }
      let firstDigit = position
      try digits()
      if bytes[firstDigit] == UInt8(ascii: "0"), position - firstDigit > 1 {
        throw error("a number does not begin with 0", at: start)
      }
      if next == UInt8(ascii: ".") {
        isInteger = false
        position += 1
        try digits()
      }
      if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
        isInteger = false
        position += 1
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
        try digits()
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      if isInteger, text != "-0" { return .integer(Integer(unchecked: text)) }
      guard let value = Double(text), value.isFinite else {
        throw error("\(JSON.quoted(text)) does not fit a double", at: start)
      }
      return .double(Bits(value))
    }

    mutating func digits() throws(JSONError) {
      let start = position
      while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        position += 1
      }
      guard position > start else { throw error("expected a digit") }
    }

    mutating func text() throws(JSONError) -> String {
      let start = position
      position += 1
      let end = bytes[position...].firstIndex { byte in
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
      }
      // Up to the quote, the escape or the error: what stands for itself.
      var content = Array(bytes[position..<(end ?? bytes.count)])
      position = end ?? bytes.count
      while let byte = next {
        switch byte {
        case UInt8(ascii: "\""):
          position += 1
          guard let text = String(validating: content, as: UTF8.self) else {
            throw error("not valid UTF-8", at: start)
          }
          return text
        case UInt8(ascii: "\\"): try escape(into: &content)
        case 0..<0x20: throw error("a control character must be escaped")
        default:
          content.append(byte)
          position += 1
        }
      }
      throw error("a string without its closing quote", at: start)
    }

    mutating func escape(into content: inout [UInt8]) throws(JSONError) {
      let start = position
      position += 1
      guard let byte = next else { throw error("an escape without its character") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
      case UInt8(ascii: "b"): content.append(0x08)
      case UInt8(ascii: "f"): content.append(0x0C)
      case UInt8(ascii: "n"): content.append(0x0A)
      case UInt8(ascii: "r"): content.append(0x0D)
      case UInt8(ascii: "t"): content.append(0x09)
      case UInt8(ascii: "u"):
        var unit = try hexUnit(start)
        if (0xD800..<0xDC00).contains(unit) {
          guard next == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
          else { throw error("half of a surrogate pair", at: start) }
          position += 2
          let low = try hexUnit(start)
          guard (0xDC00..<0xE000).contains(low) else {
            throw error("half of a surrogate pair", at: start)
          }
          unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(unit) else {
          throw error("half of a surrogate pair", at: start)
        }
        content.append(contentsOf: String(Character(scalar)).utf8)
      default: throw error("unknown escape", at: start)
      }
    }

    mutating func hexUnit(_ start: Int) throws(JSONError) -> UInt32 {
      guard position + 4 <= bytes.count else {
        throw error("\\u needs four hexadecimal digits", at: start)
      }
      var unit: UInt32 = 0
      for digit in bytes[position..<position + 4] {
        let lower = (0x41...0x46).contains(digit) ? digit | 0x20 : digit
        guard let value = Hexadecimal.value(of: lower) else {
          throw error("\\u needs four hexadecimal digits", at: start)
        }
        unit = unit << 4 | UInt32(value)
      }
      position += 4
      return unit
    }
  }
}
