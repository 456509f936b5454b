/// What a template is given. `{{key}}` takes text and escapes it; `{{{key}}}` takes markup; nothing else fits.
package indirect enum TemplateValue: Sendable {
  case text(String)
  case html(HTML)
  case flag(Bool)
  case list([[String: TemplateValue]])

  var kind: String {
    switch self {
    case .text: "text"
    case .html: "markup"
    case .flag: "a flag"
    case .list: "a list"
    }
  }

  /// As swift-mustache takes it.
  var object: Any {
    switch self {
    case .text(let text): text
    case .html(let html): html.markup
    case .flag(let flag): flag
    case .list(let items): items.map { $0.mapValues(\.object) }
    }
  }
}

/// What is wrong with a template, and where.
package struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  package let file: String
  package let line: Int
  package let message: String
  package var description: String { "\(file):\(line): error: \(message)" }
}
