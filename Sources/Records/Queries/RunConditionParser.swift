import Determinism
import Studies

/// Why a condition cannot be read, and where.
package struct QueryError: Error, Equatable, Sendable {
  /// The whole condition.
  package let text: String
  /// In bytes.
  package let place: Range<Int>
  package let message: String
  package let hint: String?

  package init(_ text: String, _ place: Range<Int>, _ message: String, hint: String? = nil) {
    self.text = text
    self.place = place
    self.message = message
    self.hint = hint
  }

  /// 1-based, in Unicode scalars.
  package var column: Int { scalars(before: place.lowerBound) + 1 }

  /// The condition on one line, and a caret under the fault.
  package var illustration: [String] {
    let line = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    let width = max(1, scalars(before: place.upperBound) - scalars(before: place.lowerBound))
    return [
      line,
      String(repeating: " ", count: column - 1) + String(repeating: "^", count: width),
    ]
  }

  private func scalars(before byte: Int) -> Int {
    text.utf8.prefix(byte).count { $0 & 0xC0 != 0x80 }
  }
}

/// Reads the filter language; the guide `queries` has the grammar.
package struct RunConditionParser {
  private enum Token: Equatable {
    case word(String), quoted(String), symbol(String), end
  }

  /// Parentheses and `not` within each other.
  private static let deepest = 100
  private static let longest = 1 << 16

  private let text: String
  private let bytes: [UInt8]
  private var next = Token.end
  private var place = 0..<0
  private var position = 0

  private init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  package static func parse(_ text: String) throws(QueryError) -> RunCondition {
    var parser = RunConditionParser(text)
    guard parser.bytes.count <= longest else {
      throw QueryError("", 0..<0, "the condition is longer than 64 KiB")
    }
    try parser.advance()
    let condition = try parser.alternatives(depth: 0)
    guard parser.next == .end else {
      throw parser.error("expected 'and', 'or' or the end", hint: parser.connective)
    }
    return condition
  }

  // MARK: Words

  private func error(_ message: String, hint: String? = nil) -> QueryError {
    QueryError(text, place, message, hint: hint)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static let reserved: Set<UInt8> = Set("()=!<>~,\"'".utf8)

  private mutating func advance() throws(QueryError) {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    let start = position
    defer { place = start..<position }
    guard position < bytes.count else {
      next = .end
      return
    }
    switch bytes[position] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): next = .quoted(try quoted())
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "~"):
      position += 1
      next = .symbol(String(decoding: bytes[start..<position], as: UTF8.self))
    case let byte where Self.reserved.contains(byte):
      while position < bytes.count, Array("=!<>~".utf8).contains(bytes[position]) { position += 1 }
      next = .symbol(String(decoding: bytes[start..<position], as: UTF8.self))
    default:
      while position < bytes.count, !Self.isSpace(bytes[position]),
        !Self.reserved.contains(bytes[position])
      {
        position += 1
      }
      next = .word(String(decoding: bytes[start..<position], as: UTF8.self))
    }
  }

  /// In either kind of quotes; a backslash keeps the byte after it as it is.
  private mutating func quoted() throws(QueryError) -> String {
    let start = position
    let quote = bytes[position]
    var content: [UInt8] = []
    position += 1
    while position < bytes.count, bytes[position] != quote {
      if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
      content.append(bytes[position])
      position += 1
    }
    guard position < bytes.count else {
      throw QueryError(
        text, start..<start + 1, "the quotation does not end",
        hint: "close it with \(String(decoding: [quote], as: UTF8.self))")
    }
    position += 1
    return String(decoding: content, as: UTF8.self)
  }

  private func isKeyword(_ keyword: String) -> Bool {
    if case .word(let word) = next { word.lowercased() == keyword } else { false }
  }

  private mutating func take(_ keyword: String) throws(QueryError) -> Bool {
    guard isKeyword(keyword) else { return false }
    try advance()
    return true
  }

  private mutating func take(symbol: String) throws(QueryError) -> Bool {
    guard next == .symbol(symbol) else { return false }
    try advance()
    return true
  }

  private static let keywords: Set<String> = ["and", "or", "not", "in", "is", "null", "exists"]

  // MARK: Grammar

  private mutating func alternatives(depth: Int) throws(QueryError) -> RunCondition {
    var parts = [try conjunction(depth: depth)]
    while try take("or") { parts.append(try conjunction(depth: depth)) }
    return parts.count == 1 ? parts[0] : .or(parts)
  }

  private mutating func conjunction(depth: Int) throws(QueryError) -> RunCondition {
    var parts = [try negation(depth: depth)]
    while try take("and") { parts.append(try negation(depth: depth)) }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private mutating func negation(depth: Int) throws(QueryError) -> RunCondition {
    guard depth < Self.deepest else {
      throw error("nested more than \(Self.deepest) deep", hint: "leave out parentheses")
    }
    if try take("not") { return .not(try negation(depth: depth + 1)) }
    guard next == .symbol("(") else { return try comparison() }
    let opening = place
    try advance()
    let inner = try alternatives(depth: depth + 1)
    guard try take(symbol: ")") else {
      if next == .end {
        throw QueryError(text, opening, "the parenthesis is not closed", hint: "add ')' at the end")
      }
      throw error("expected 'and', 'or' or ')'", hint: connective)
    }
    return inner
  }

  /// What people write for `and` and `or` elsewhere.
  private var connective: String? {
    guard case .word(let word) = next else { return nil }
    return ["&&": "write 'and'", "&": "write 'and'", "||": "write 'or'", "|": "write 'or'"][word]
  }

  private mutating func comparison() throws(QueryError) -> RunCondition {
    let (key, keyPlace) = try key()
    func condition(_ test: RunCondition.Test) -> RunCondition {
      .comparison(RunCondition.Comparison(key: key, place: keyPlace, test: test))
    }
    if try take("exists") { return condition(.exists) }
    if try take("is") {
      let negated = try take("not")
      guard try take("null") else {
        throw error("expected 'null' after 'is'", hint: "'is null' asks whether a run lacks it")
      }
      return negated ? condition(.exists) : .not(condition(.exists))
    }
    if isKeyword("not") || isKeyword("in") {
      let negated = try take("not")
      guard try take("in") else { throw error("expected 'in' after 'not'") }
      let listed = condition(.equals(try list(for: key)))
      return negated ? .not(listed) : listed
    }
    guard case .symbol(let symbol) = next, symbol != "(", symbol != ")", symbol != "," else {
      throw error(
        "expected an operator after '\(key.text)'",
        hint: "one of = != < <= > >= ~ in, is null, exists")
    }
    let symbolPlace = place
    try advance()
    switch symbol {
    case "=", "==": return condition(.equals([try literal(for: key, exactly: true)]))
    case "!=": return .not(condition(.equals([try literal(for: key, exactly: true)])))
    case "~": return condition(.contains(try literal(for: key, exactly: false)))
    default:
      if let order = RunCondition.Order(rawValue: symbol) {
        return condition(.ordered(order, try literal(for: key, exactly: false)))
      }
      let meant = ["=>": ">=", "=<": "<=", "<>": "!=", "=~": "~", "!": "!="][symbol]
      throw QueryError(
        text, symbolPlace, "unknown operator '\(symbol)'",
        hint: meant.map { "write \($0)" }
          ?? (symbol == "!~" ? "write: not \(key.text) ~ …" : "one of = != < <= > >= ~"))
    }
  }

  private mutating func key() throws(QueryError) -> (RunKey, Range<Int>) {
    let name: String
    switch next {
    case .word(let word) where !Self.keywords.contains(word.lowercased()): name = word
    case .quoted(let text): name = text
    case .end:
      throw error(
        "expected a key at the end", hint: "e.g. state = completed, or metric.auroc > 0.9")
    case .word(let word):
      throw error("expected a key, not '\(word)'", hint: "a key of that name goes in quotes")
    case .symbol(let symbol): throw error("expected a key, not '\(symbol)'")
    }
    guard let key = RunKey(name) else {
      throw error("'\(name)' names no key", hint: "a name follows the prefix: config.seed")
    }
    let keyPlace = place
    try advance()
    return (key, keyPlace)
  }

  private mutating func list(for key: RunKey) throws(QueryError) -> [Literal] {
    guard try take(symbol: "(") else {
      throw error("expected '(' after 'in'", hint: "\(key.text) in (a, b)")
    }
    var literals = [try literal(for: key, exactly: true)]
    while try take(symbol: ",") { literals.append(try literal(for: key, exactly: true)) }
    guard try take(symbol: ")") else { throw error("expected ',' or ')'") }
    return literals
  }

  private mutating func literal(for key: RunKey, exactly: Bool) throws(QueryError) -> Literal {
    let literal: Literal
    switch next {
    case .word("null"), .word("NULL"):
      throw error("nothing is equal to null", hint: "\(key.text) is null")
    case .word(let word) where !Self.keywords.contains(word.lowercased()):
      literal = Literal(word, isQuoted: false)
    case .quoted(let text): literal = Literal(text, isQuoted: true)
    case .end: throw error("expected a value at the end")
    case .word(let word):
      throw error("expected a value, not '\(word)'", hint: "a text of that name goes in quotes")
    case .symbol(let symbol): throw error("expected a value, not '\(symbol)'")
    }
    guard let words = key.words else {
      try advance()
      return literal
    }
    let lower = literal.text.lowercased()
    if exactly, !words.contains(lower) {
      let near = Spelling.nearest(to: lower, among: words).map { "; did you mean '\($0)'?" } ?? ""
      throw error(
        "\(key.text) is never '\(literal.text)'\(near)",
        hint:
          "one of \(words.map { $0.utf8.contains(0x20) ? "'\($0)'" : $0 }.joined(separator: ", "))"
      )
    }
    try advance()
    return Literal(lower, isQuoted: true)
  }
}
