/// Markup that is safe to place in a page. A `String` becomes `HTML` only by being escaped.
///
/// There is no way from text to markup but `HTML(_:)`, which escapes, and `element`, whose names are
/// literals of this program and whose attribute values are escaped.
package struct HTML: Equatable, Sendable {
  package private(set) var markup: String

  package init() { markup = "" }

  /// The text, escaped.
  package init(_ text: String) { markup = Escaping.escaped(text) }

  /// Markup written in this program's source.
  package init(literal: StaticString) { markup = "\(literal)" }

  /// Markup that a renderer of this module made; never text from a record or a file.
  init(rendered markup: String) { self.markup = markup }

  package var isEmpty: Bool { markup.isEmpty }

  package static func += (left: inout HTML, right: HTML) { left.markup += right.markup }

  package static func + (left: HTML, right: HTML) -> HTML {
    HTML(rendered: left.markup + right.markup)
  }

  package static func joined(_ parts: some Sequence<HTML>, separator: HTML = HTML()) -> HTML {
    HTML(rendered: parts.map(\.markup).joined(separator: separator.markup))
  }
}

extension HTML: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
  /// A literal is text as well, and is escaped.
  package init(stringLiteral value: String) { self.init(value) }
  package init(arrayLiteral elements: HTML...) { self = .joined(elements) }
}
