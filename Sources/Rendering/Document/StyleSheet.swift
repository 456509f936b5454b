/// As much of CSS as the style of drawings is written in: rules, conditions around them, variables.
enum StyleSheet {
  struct Block {
    /// Selectors, or what stands behind `@`.
    let prelude: String
    /// Between its braces.
    let body: String
  }

  /// What stands between `/* drawings: */` and `/* :drawings */`, on lines of their own.
  static func marked(_ sheet: String) -> String {
    var marked = ""
    var isInside = false
    for line in sheet.split(separator: "\n", omittingEmptySubsequences: true) {
      if line.utf8.elementsEqual("/* drawings: */".utf8) {
        isInside = true
      } else if line.utf8.elementsEqual("/* :drawings */".utf8) {
        isInside = false
      } else if isInside {
        marked += line + "\n"
      }
    }
    return marked
  }

  /// Blocks in their order; of nested ones the outer. What is not closed ends with the text.
  static func blocks(of text: String) -> [Block] {
    var blocks: [Block] = []
    var prelude: [UInt8] = []
    var body: [UInt8] = []
    var depth = 0
    for byte in withoutComments(text) {
      switch byte {
      case UInt8(ascii: "{"):
        if depth > 0 { body.append(byte) }
        depth += 1
      case UInt8(ascii: "}"):
        depth = max(0, depth - 1)
        if depth > 0 {
          body.append(byte)
        } else {
          blocks.append(
            Block(
              prelude: trimmed(String(decoding: prelude, as: UTF8.self)),
              body: String(decoding: body, as: UTF8.self)))
          (prelude, body) = ([], [])
        }
      default: if depth > 0 { body.append(byte) } else { prelude.append(byte) }
      }
    }
    return blocks
  }

  private static func withoutComments(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var kept: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: "/*".utf8) {
        index += 2
        while index < bytes.count, !bytes[index...].starts(with: "*/".utf8) { index += 1 }
        index += 2
      } else {
        kept.append(bytes[index])
        index += 1
      }
    }
    return kept
  }

  static func declarations(in body: String) -> [(name: String, value: String)] {
    split(body, at: ";").compactMap { entry in
      let parts = entry.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      guard parts.count == 2 else { return nil }
      return (trimmed(Substring(parts[0])), trimmed(Substring(parts[1])))
    }
  }

  /// Parts without the space around them, and without empty ones; a separator in parentheses or quotes is none.
  static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
    let separator = UInt8(ascii: separator)
    var parts: [[UInt8]] = [[]]
    var depth = 0
    var isQuoted = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == UInt8(ascii: "(") { depth += 1 }
      if !isQuoted, byte == UInt8(ascii: ")") { depth -= 1 }
      if byte == separator, depth <= 0, !isQuoted {
        parts.append([])
      } else {
        parts[parts.count - 1].append(byte)
      }
    }
    return parts.map { trimmed(String(decoding: $0, as: UTF8.self)) }.filter { !$0.isEmpty }
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let bytes = Array(text.utf8.drop(while: isSpace))
    let end = bytes.lastIndex { !isSpace($0) } ?? -1
    return String(decoding: bytes[..<(end + 1)], as: UTF8.self)
  }

  // MARK: Classes

  /// Every word of a `class` attribute.
  static func classes(in markup: String) -> Set<String> {
    var classes: Set<String> = []
    let opening = Array(" class=\"".utf8)
    let bytes = Array(markup.utf8)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == opening[0], bytes[index...].starts(with: opening) else {
        index += 1
        continue
      }
      let value = bytes[(index + opening.count)...].prefix { $0 != UInt8(ascii: "\"") }
      for word in value.split(separator: 0x20) {
        classes.insert(String(decoding: word, as: UTF8.self))
      }
      index += opening.count + value.count
    }
    return classes
  }

  /// `bar` and `pale` of `svg .bar.pale`.
  static func classes(ofSelector selector: String) -> Set<String> {
    let parts = selector.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return Set(
      parts.dropFirst().map { part in
        String(
          decoding: part.prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
          }, as: UTF8.self)
      })
  }

  // MARK: Values

  /// Variables that refer to each other in a circle have no value; no sheet nests deeper.
  private static let deepest = 16

  static func uses(_ variable: String, in value: String) -> Bool {
    guard let call = call(of: "var", in: value) else { return false }
    let parts = split(call.inner, at: ",")
    return parts.first == variable || uses(variable, in: call.inner)
      || uses(variable, in: call.after)
  }

  /// The value without `var()` and `color-mix()`; nil where a variable has none.
  static func resolved(_ value: String, _ environment: [String: String], depth: Int = 0) -> String?
  {
    guard depth < deepest else { return nil }
    guard let call = call(of: "var", in: value) else { return mixed(value) }
    let comma = call.inner.utf8.firstIndex(of: UInt8(ascii: ","))
    let name = trimmed(call.inner[..<(comma ?? call.inner.endIndex)])
    let fallback = comma.map { trimmed(call.inner[call.inner.utf8.index(after: $0)...]) }
    let found =
      environment[name].flatMap { resolved($0, environment, depth: depth + 1) }
      ?? fallback.flatMap { resolved($0, environment, depth: depth + 1) }
    guard let found else { return nil }
    return resolved(call.before + found + call.after, environment, depth: depth + 1)
  }

  /// `color-mix(in srgb, #d0500a 34%, #fdfcfa)` as the colour that it is; what is not of that form stays.
  private static func mixed(_ value: String) -> String {
    guard let call = call(of: "color-mix", in: value) else { return value }
    let parts = split(call.inner, at: ",")
    guard parts.count == 3, parts[0] == "in srgb" else { return value }
    let first = parts[1].utf8.split(separator: 0x20).map { String(Substring($0)) }
    guard first.count == 2, first[1].utf8.last == UInt8(ascii: "%"),
      let percent = Double(first[1].dropLast()), (0...100).contains(percent),
      let one = channels(first[0]), let other = channels(parts[2])
    else { return value }
    let digits = Array("0123456789abcdef")
    let mixed = zip(one, other).map { one, other -> String in
      let level = Int(((percent * one + (100 - percent) * other) / 100).rounded())
      return "\(digits[level / 16])\(digits[level % 16])"
    }
    return call.before + "#" + mixed.joined() + call.after
  }

  /// 0 to 255 each, of `#rgb` and `#rrggbb`.
  private static func channels(_ colour: String) -> [Double]? {
    guard colour.utf8.first == UInt8(ascii: "#") else { return nil }
    let digits = colour.unicodeScalars.dropFirst().compactMap { Character($0).hexDigitValue }
    guard digits.count == colour.unicodeScalars.count - 1 else { return nil }
    switch digits.count {
    case 3: return digits.map { Double(17 * $0) }
    case 6: return stride(from: 0, to: 6, by: 2).map { Double(16 * digits[$0] + digits[$0 + 1]) }
    default: return nil
    }
  }

  /// The first call of a function, what stands in its parentheses, and around it.
  private static func call(
    of function: String, in value: String
  ) -> (before: String, inner: String, after: String)? {
    let bytes = Array(value.utf8)
    let opening = Array("\(function)(".utf8)
    guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: opening) }) else {
      return nil
    }
    var depth = 1
    var end = start + opening.count
    while end < bytes.count {
      if bytes[end] == UInt8(ascii: "(") { depth += 1 }
      if bytes[end] == UInt8(ascii: ")") { depth -= 1 }
      if depth == 0 { break }
      end += 1
    }
    func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    return (
      text(bytes[..<start]), text(bytes[(start + opening.count)..<end]),
      text(bytes[min(end + 1, bytes.count)...])
    )
  }
}
