import Determinism

/// A condition on a run, as `RunConditionParser` reads it.
///
/// Two-valued: a comparison with something that the run does not have is false, and `not` turns it round.
package indirect enum RunCondition: Sendable {
  case comparison(Comparison)
  case not(RunCondition)
  case and([RunCondition])
  case or([RunCondition])

  package struct Comparison: Sendable {
    package let key: RunKey
    /// Where the key stands in the text, in bytes.
    package let place: Range<Int>
    package let test: Test
  }

  package enum Test: Sendable {
    /// Equal to one of them.
    case equals([Literal])
    case ordered(Order, Literal)
    case contains(Literal)
    case exists
  }

  package enum Order: String, Sendable, CaseIterable {
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="

    /// - Parameter order: -1, 0 or 1.
    func holds(_ order: Int) -> Bool {
      switch self {
      case .less: order < 0
      case .atMost: order <= 0
      case .greater: order > 0
      case .atLeast: order >= 0
      }
    }
  }

  /// - Parameter value: what the run has under a key; nil when it has nothing.
  package func holds(_ value: (RunKey) throws -> JSON?) rethrows -> Bool {
    switch self {
    case .comparison(let comparison):
      guard let found = try value(comparison.key), found != .null else { return false }
      return comparison.holds(found)
    case .not(let inner): return try !inner.holds(value)
    case .and(let parts): return try parts.allSatisfy { try $0.holds(value) }
    case .or(let parts): return try parts.contains { try $0.holds(value) }
    }
  }

  package var comparisons: [Comparison] {
    switch self {
    case .comparison(let comparison): [comparison]
    case .not(let inner): inner.comparisons
    case .and(let parts), .or(let parts): parts.flatMap(\.comparisons)
    }
  }

  /// Comparisons that must all hold.
  var necessary: [Comparison] {
    switch self {
    case .comparison(let comparison): [comparison]
    case .and(let parts): parts.flatMap(\.necessary)
    case .not, .or: []
    }
  }
}

/// What a key is compared with.
package struct Literal: Sendable {
  package let text: String
  /// In quotes it is a text, whatever it looks like.
  package let isQuoted: Bool
  /// Of one without quotes that reads as a number.
  let number: ExactNumber?

  package init(_ text: String, isQuoted: Bool) {
    self.text = text
    self.isQuoted = isQuoted
    number = isQuoted ? nil : ExactNumber(text)
  }
}

extension RunCondition.Comparison {
  /// - Parameter value: not null.
  func holds(_ value: JSON) -> Bool {
    // Of a list, some element.
    if case .array(let elements) = value {
      if case .exists = test { return true }
      return elements.contains { holds($0) }
    }
    switch test {
    case .exists: return true
    case .equals(let literals): return literals.contains { equals(value, $0) }
    case .contains(let literal):
      let text = value.string ?? value.canonicalText
      return literal.text.isEmpty || Array(text.utf8).contains(Array(literal.text.utf8))
    case .ordered(let order, let literal):
      return Self.order(value, literal).map(order.holds) ?? false
    }
  }

  private func equals(_ value: JSON, _ literal: Literal) -> Bool {
    switch value {
    case .bool(let flag): return !literal.isQuoted && literal.text == (flag ? "true" : "false")
    case .string(let text):
      if text == JSON.Text(literal.text) { return true }
      // The first digits of an id name it.
      if [.fact(.id), .fact(.parent)].contains(key), literal.text.utf8.count >= 4 {
        return text.value.utf8.starts(with: literal.text.utf8)
      }
    default: break
    }
    if literal.number?.isNaN ?? false { return Self.number(value)?.isNaN ?? false }
    return Self.order(value, literal) == 0
  }

  /// Numbers by size, texts by their bytes; a text that is a number, as importers of other trackers keep them,
  /// counts as one beside a number. Nil when the two have no order.
  private static func order(_ value: JSON, _ literal: Literal) -> Int? {
    if let number = literal.number {
      return Self.number(value).flatMap { ExactNumber.order($0, number) }
    }
    guard case .string(let text) = value else { return nil }
    let other = JSON.Text(literal.text)
    return text < other ? -1 : other < text ? 1 : 0
  }

  static func number(_ value: JSON) -> ExactNumber? {
    ExactNumber(value) ?? value.string.flatMap { ExactNumber($0) }
  }
}
