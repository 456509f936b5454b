/// A piece of running text, rendered to HTML and to Markdown alike.
package indirect enum Inline: Equatable, Sendable {
  case text(String)
  case strong([Inline])
  case emphasis([Inline])
  /// Small and muted: units, n, remarks.
  case muted([Inline])
  case code(String)
  case link([Inline], to: Link)
  /// A word with a shape and a colour: a result, a verdict, a state. The kind names a CSS class.
  case badge(BadgeKind, String)
  /// Shown short, whole on hover.
  case abbreviated(String, full: String)
  /// A small drawing, and what it says in words.
  case graphic(HTML, alternative: String)
  /// The marker of a series in its colour.
  case swatch(Style)
  /// Text with a class of its own in a transcript.
  case token(TokenKind, String)
  /// A token on the background of its score, which a pointer finds in words; underlined where the trigger stands.
  case tinted(String, Tint, title: String = "", isTrigger: Bool = false)

  package enum BadgeKind: String, Sendable, CaseIterable {
    case good, bad, open, none, partial

    /// Says the same as the colour.
    var shape: String {
      switch self {
      case .good: "●"
      case .bad: "✕"
      case .open: "◐"
      case .none: "○"
      case .partial: "◑"
      }
    }
  }

  package enum TokenKind: String, Sendable, CaseIterable {
    case prompt, response, trigger, defection
  }

  /// The first ten digits of a digest; all of them on hover.
  package static func digest(_ hex: String) -> Inline {
    .abbreviated(String(decoding: hex.utf8.prefix(10), as: UTF8.self), full: hex)
  }
}

extension Inline: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .text(value) }
}

extension Inline {
  package func html(base: String) -> HTML {
    switch self {
    case .text(let text): return HTML(text)
    case .strong(let content): return .element("strong", [:], content.html(base: base))
    case .emphasis(let content): return .element("em", [:], content.html(base: base))
    case .muted(let content): return .element("small", [:], content.html(base: base))
    case .code(let text): return .element("code", [:], HTML(text))
    case .link(let content, let link):
      var attributes: Attributes = ["href": link.reference(from: base)]
      if case .external = link { attributes.append("rel", "noopener noreferrer") }
      return .element("a", attributes, content.html(base: base))
    case .badge(let kind, let word):
      return .element(
        "span", ["class": "badge \(kind.rawValue)"],
        .element("span", ["class": "shape", "aria-hidden": "true"], HTML(kind.shape)), HTML(word))
    case .abbreviated(let short, let full):
      return .element("code", ["class": "digest", "title": full], HTML(short))
    case .graphic(let drawing, _): return drawing
    case .swatch(let style):
      return .element(
        "span", ["class": "mark \(style.colourClass)", "aria-hidden": "true"],
        HTML(style.marker.character))
    case .token(let kind, let text):
      return .element("span", ["class": "tok \(kind.rawValue)"], HTML(text))
    case .tinted(let text, let tint, let title, let isTrigger):
      var attributes: Attributes = [
        "class": "tok \(tint.cssClass)" + (isTrigger ? " trigger" : "")
      ]
      if !title.isEmpty { attributes.append("title", title) }
      return .element("span", attributes, HTML(text))
    }
  }

  package var markdown: String {
    switch self {
    case .text(let text): MarkdownText.escaped(text)
    case .strong(let content): "**" + content.markdown + "**"
    case .emphasis(let content): "*" + content.markdown + "*"
    case .muted(let content): content.markdown
    case .code(let text): MarkdownText.code(text)
    case .link(let content, let link):
      "[" + content.markdown + "](" + MarkdownText.destination(link.twin) + ")"
    case .badge(let kind, let word): kind.shape + " " + MarkdownText.escaped(word)
    case .abbreviated(let short, _): MarkdownText.code(short)
    case .graphic(_, let alternative): MarkdownText.escaped(alternative)
    case .swatch: ""
    case .token(let kind, let text):
      kind == .defection
        ? "**" + MarkdownText.escaped(text) + "**" : MarkdownText.escaped(text)
    case .tinted(let text, _, _, _): MarkdownText.escaped(text)
    }
  }
}

extension [Inline] {
  package func html(base: String) -> HTML { .joined(map { $0.html(base: base) }) }
  package var markdown: String { map(\.markdown).joined() }
}
