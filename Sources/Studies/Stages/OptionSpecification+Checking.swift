import Determinism

extension OptionSpecification.Kind {
  /// The form that enters stage keys: `1` where a number is wanted is `1.0`, `1e3` where an integer is
  /// wanted is `1000`.
  package func normalised(_ value: JSON) -> JSON {
    switch (self, value) {
    case (.number, .integer): value.double.map { JSON($0) } ?? value
    case (.integer, .double(let bits)):
      Int(exactly: bits.value).map { JSON($0) } ?? value
    case (.list(let kind), .array(let elements)): .array(elements.map(kind.normalised))
    default: value
    }
  }

  /// What is wrong with a value, in words, or nil.
  package func problem(with value: JSON) -> String? {
    switch self {
    case .integer(let range):
      guard case .integer(let integer) = normalised(value) else {
        return expected("an integer", value)
      }
      if let int = integer.int, range.contains(int) { return nil }
      return "\(Wording.shown(integer.digits)) is not in \(Self.text(of: range))"
    case .number(let range):
      guard case .double(let bits) = normalised(value) else { return expected("a number", value) }
      if range.contains(bits.value) { return nil }
      return "\(JSON(bits.value).canonicalText) is not in \(range.lowerBound)…\(range.upperBound)"
    case .flag: return value.bool == nil ? expected("true or false", value) : nil
    case .text(let choices):
      guard let text = value.string else { return expected("a text", value) }
      if choices.isEmpty || choices.contains(text) { return nil }
      return Wording.unknown("value", text, among: choices)
    case .list(let kind):
      guard let elements = value.array else { return expected("a list", value) }
      for (index, element) in elements.enumerated() {
        if let problem = kind.problem(with: element) { return "element \(index + 1): \(problem)" }
      }
      return nil
    }
  }

  /// What to write, where that can be said.
  package var hint: String? {
    if case .text(let choices) = self { return Wording.known("choices", choices) }
    return nil
  }

  /// Type and range for tables and documents.
  package var text: String {
    switch self {
    case .integer(let range): "integer, \(Self.text(of: range))"
    case .number(let range): "number, \(range.lowerBound)…\(range.upperBound)"
    case .flag: "true or false"
    case .text(let choices): choices.isEmpty ? "text" : choices.joined(separator: " | ")
    case .list(let kind): "list of \(kind.text)"
    }
  }

  private static func text(of range: ClosedRange<Int>) -> String {
    "\(range.lowerBound)…\(range.upperBound == .max ? "2^63-1" : "\(range.upperBound)")"
  }

  private func expected(_ what: String, _ value: JSON) -> String {
    "expected \(what), found \(value.described)"
  }
}

extension JSON {
  /// The value as an error names it.
  package var described: String {
    switch self {
    case .null: "nothing"
    case .bool(let value): "\(value)"
    case .integer(let integer): Wording.shown(integer.digits)
    case .double: canonicalText
    case .string(let text): "the text '\(Wording.shown(text.value))'"
    case .array: "a list"
    case .object: "a mapping"
    }
  }

  /// Equal, or the same number written as an integer and as a double; lists element by element.
  package func isSameValue(as other: JSON) -> Bool {
    if self == other { return true }
    if let left = array, let right = other.array {
      return left.count == right.count && zip(left, right).allSatisfy { $0.isSameValue(as: $1) }
    }
    guard let left = double, let right = other.double else { return false }
    return left == right
  }
}
