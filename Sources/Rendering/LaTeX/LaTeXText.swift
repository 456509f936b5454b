/// Text for LaTeX that compiles in any class, with no package loaded: on Unicode scalars.
package enum LaTeXText {
  /// Text as it is read, for running text, arguments and table cells, in any font encoding of LaTeX.
  ///
  /// What TeX would take as a command becomes the character; neighbours that fonts draw as one (`--`, `''`) stay apart.
  /// Scalars that pdflatex knows are written with commands of LaTeX itself, all others as `[U+1F600]`: controls,
  /// and what reorders text, too. Line ends are spaces, so that no text ends a paragraph.
  package static func escaped(_ text: String) -> String {
    var escaped = ""
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      if scalar == last, "-'`,".unicodeScalars.contains(scalar) { escaped += "{}" }
      escaped += command(for: scalar)
      last = scalar
    }
    return escaped
  }

  private static func command(for scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\": return "\\textbackslash{}"
    // Written out: BibTeX counts braces, escaped or not.
    case "{": return "\\textbraceleft{}"
    case "}": return "\\textbraceright{}"
    case "%", "#", "&", "_": return "\\" + String(scalar)
    // As text it may come from a font that is there as a bitmap only.
    case "$": return "\\ensuremath{\\$}"
    case "^": return "\\textasciicircum{}"
    case "~": return "\\textasciitilde{}"
    // The usual fonts have other letters in their places.
    case "<": return "\\textless{}"
    case ">": return "\\textgreater{}"
    case "|": return "\\textbar{}"
    case "\"": return "\\texttt{\\char34}"
    case "`": return "{`}"
    case "\t", "\n", "\r": return " "
    default: break
    }
    if scalar.value >= 0x20, scalar.value < 0x7F { return String(scalar) }
    if let known = commands[scalar] ?? accented[scalar] { return known }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "[U+\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits)]"
  }

  private static let commands: [Unicode.Scalar: String] = {
    let math: [Unicode.Scalar: String] = [
      "≥": "\\geq", "≤": "\\leq", "≠": "\\neq", "≈": "\\approx", "±": "\\pm", "×": "\\times",
      "÷": "\\div", "·": "\\cdot", "−": "-", "∞": "\\infty", "′": "'", "″": "''", "°": "^\\circ",
      "→": "\\rightarrow", "←": "\\leftarrow", "↔": "\\leftrightarrow", "⇒": "\\Rightarrow",
      "∈": "\\in", "∉": "\\notin", "∪": "\\cup", "∩": "\\cap", "∆": "\\Delta", "∑": "\\sum",
      "√": "\\surd", "∂": "\\partial", "∇": "\\nabla", "∥": "\\Vert", "⊥": "\\bot", "∝": "\\propto",
      "¬": "\\neg", "µ": "\\mu", "●": "\\bullet", "•": "\\bullet", "○": "\\circ",
      "◇": "\\diamond", "▲": "\\triangle", "✕": "\\times",
      "α": "\\alpha", "β": "\\beta", "γ": "\\gamma", "δ": "\\delta", "ε": "\\varepsilon",
      "ζ": "\\zeta", "η": "\\eta", "θ": "\\theta", "ι": "\\iota", "κ": "\\kappa",
      "λ": "\\lambda", "μ": "\\mu", "ν": "\\nu", "ξ": "\\xi", "ο": "o", "π": "\\pi",
      "ρ": "\\rho", "σ": "\\sigma", "ς": "\\varsigma", "τ": "\\tau", "υ": "\\upsilon",
      "φ": "\\varphi", "χ": "\\chi", "ψ": "\\psi", "ω": "\\omega", "Γ": "\\Gamma",
      "Δ": "\\Delta", "Θ": "\\Theta", "Λ": "\\Lambda", "Ξ": "\\Xi", "Π": "\\Pi",
      "§": "\\S", "¶": "\\P", "£": "\\pounds", "†": "\\dagger", "‡": "\\ddagger",
      "Σ": "\\Sigma", "Φ": "\\Phi", "Ψ": "\\Psi", "Ω": "\\Omega", "ℓ": "\\ell",
    ]
    var commands = math.mapValues { "\\ensuremath{\($0)}" }
    for (index, scalar) in "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻".unicodeScalars.enumerated() {
      let digits = Array("0123456789+-")
      commands[scalar] = "\\ensuremath{^{\(digits[index])}}"
    }
    for (index, scalar) in "₀₁₂₃₄₅₆₇₈₉".unicodeScalars.enumerated() {
      commands[scalar] = "\\ensuremath{_{\(index)}}"
    }
    let texts: [Unicode.Scalar: String] = [
      "—": "\\textemdash{}", "–": "\\textendash{}", "…": "\\ldots{}", "“": "\\textquotedblleft{}",
      "”": "\\textquotedblright{}", "‘": "\\textquoteleft{}", "’": "\\textquoteright{}",
      "\u{2011}": "-", "\u{2010}": "-", "\u{A0}": "~", "\u{202F}": "\\,", "\u{2009}": "\\,",
      "\u{2007}": "~", "\u{200B}": "", "\u{AD}": "\\-", "½": "1/2", "¼": "1/4", "¾": "3/4",
      "©": "(c)", "¡": "!`", "¿": "?`", "ß": "\\ss{}", "æ": "\\ae{}", "Æ": "\\AE{}",
      "œ": "\\oe{}", "Œ": "\\OE{}", "ø": "\\o{}", "Ø": "\\O{}", "å": "\\aa{}", "Å": "\\AA{}",
      "ł": "\\l{}", "Ł": "\\L{}", "ı": "\\i{}",
    ]
    return commands.merging(texts) { first, _ in first }
  }()

  /// Letters with a mark, by the command that sets it.
  private static let accented: [Unicode.Scalar: String] = {
    let marks: [(command: String, letters: String, bare: String)] = [
      ("'", "áéíóúýćńśźÁÉÍÓÚÝĆŃŚŹ", "aeiouycnszAEIOUYCNSZ"), ("`", "àèìòùÀÈÌÒÙ", "aeiouAEIOU"),
      ("^", "âêîôûÂÊÎÔÛ", "aeiouAEIOU"), ("\"", "äëïöüÿÄËÏÖÜ", "aeiouyAEIOU"),
      ("~", "ãñõÃÑÕ", "anoANO"), ("v", "čďěňřšťžČĎĚŇŘŠŤŽ", "cdenrstzCDENRSTZ"),
      ("c", "çşÇŞ", "csCS"), ("H", "őűŐŰ", "ouOU"), ("=", "āēīōūĀĒĪŌŪ", "aeiouAEIOU"),
      (".", "żŻİ", "zZI"), ("u", "ăğĂĞ", "agAG"), ("r", "ůŮ", "uU"),
    ]
    var letters: [Unicode.Scalar: String] = [:]
    for mark in marks {
      for (letter, bare) in zip(mark.letters.unicodeScalars, mark.bare.unicodeScalars) {
        letters[letter] = "\\\(mark.command){\(bare == "i" ? "\\i" : String(bare))}"
      }
    }
    return letters
  }()
}
