/// Attributes in the order they are written. Names are literals; values are escaped when rendered.
package struct Attributes: Sendable, ExpressibleByDictionaryLiteral {
  private(set) var pairs: [(name: StaticString, value: String)]

  package init(dictionaryLiteral elements: (StaticString, String)...) {
    pairs = elements.map { (name: $0.0, value: $0.1) }
  }

  package mutating func append(_ name: StaticString, _ value: String) {
    pairs.append((name: name, value: value))
  }

  var markup: String {
    pairs.map { " \($0.name)=\"\(Escaping.escaped($0.value))\"" }.joined()
  }
}

extension HTML {
  /// Elements of HTML without content.
  private static let empty: Set<String> = ["meta", "link", "br", "hr", "img", "input", "col"]
  /// Elements of SVG that close themselves when they hold nothing.
  private static let drawn: Set<String> = [
    "path", "line", "rect", "circle", "polyline", "polygon", "stop",
  ]

  /// `<name attributes>content</name>`.
  package static func element(
    _ name: StaticString, _ attributes: Attributes = [:], _ content: HTML...
  ) -> HTML {
    element(name, attributes, all: content)
  }

  package static func element(
    _ name: StaticString, _ attributes: Attributes = [:], all content: [HTML]
  ) -> HTML {
    let name = "\(name)"
    if empty.contains(name) {
      precondition(content.isEmpty, "<\(name)> holds nothing")
      return HTML(rendered: "<\(name)\(attributes.markup)>")
    }
    if drawn.contains(name), content.isEmpty {
      return HTML(rendered: "<\(name)\(attributes.markup)/>")
    }
    let inner = content.map(\.markup).joined()
    return HTML(rendered: "<\(name)\(attributes.markup)>\(inner)</\(name)>")
  }
}
