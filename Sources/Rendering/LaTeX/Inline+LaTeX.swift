extension Inline {
  /// For running text and table cells. Links are their words: what they lead to is a page of the site.
  package var latex: String {
    switch self {
    case .text(let text), .badge(_, let text), .token(_, let text), .tinted(let text, _, _, _):
      LaTeXText.escaped(text)
    case .strong(let content): "\\textbf{\(content.latex)}"
    case .emphasis(let content), .muted(let content): "\\textit{\(content.latex)}"
    case .code(let text): "\\texttt{\(LaTeXText.escaped(text))}"
    case .link(let content, _): content.latex
    case .abbreviated(let short, _): "\\texttt{\(LaTeXText.escaped(short))}"
    case .graphic(_, let alternative): LaTeXText.escaped(alternative)
    case .swatch: ""
    }
  }
}

extension [Inline] {
  package var latex: String { map(\.latex).joined() }
}
