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
    var markup = ""
    append(to: &markup)
    return markup
  }

  func append(to markup: inout String) {
    for pair in pairs {
      markup.append(" ")
      markup.append(pair.name.description)
      markup.append("=\"")
      markup.append(Escaping.escaped(pair.value))
      markup.append("\"")
    }
  }
}

extension HTML {
  private enum Kind {
    case ordinary
    /// An element of HTML without content.
    case empty
    /// An element of SVG that closes itself when it holds nothing.
    case drawn

    init(_ name: String) {
      switch name {
      case "meta", "link", "br", "hr", "img", "input", "col": self = .empty
      case "path", "line", "rect", "circle", "polyline", "polygon", "stop": self = .drawn
      default: self = .ordinary
      }
    }
  }

  /// `<name attributes>content</name>`.
  package static func element(
    _ name: StaticString, _ attributes: Attributes = [:], _ content: HTML...
  ) -> HTML {
    element(name, attributes, all: content)
  }

  package static func element(
    _ name: StaticString, _ attributes: Attributes = [:], all content: [HTML]
  ) -> HTML {
    let name = name.description
    let kind = Kind(name)
    precondition(kind != .empty || content.isEmpty, "<\(name)> holds nothing")
    var markup = "<"
    markup.append(name)
    attributes.append(to: &markup)
    if content.isEmpty, kind != .ordinary {
      markup.append(kind == .drawn ? "/>" : ">")
      return HTML(rendered: markup)
    }
    markup.append(">")
    for part in content { markup.append(part.markup) }
    markup.append("</")
    markup.append(name)
    markup.append(">")
    return HTML(rendered: markup)
  }
}
