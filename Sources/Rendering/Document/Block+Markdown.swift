extension Block {
  var markdown: String {
    switch self {
    case .heading(let level, let text, _):
      return String(repeating: "#", count: max(2, level)) + " " + MarkdownText.escaped(text)
    case .paragraph(let content), .lead(let content): return content.markdown
    case .list(let items, let ordered):
      return items.enumerated().map { index, item in
        (ordered ? "\(index + 1). " : "- ") + item.markdown
      }.joined(separator: "\n")
    case .definitions(let pairs):
      return pairs.map { "- **\($0.term.markdown)**: \($0.meaning.markdown)" }
        .joined(separator: "\n")
    case .table(let table): return table.markdown
    case .figure(let figure): return figure.markdown
    case .code(let text): return Block.fenced(text)
    case .details(let summary, let blocks):
      return "**" + summary.markdown + "**\n\n" + blocks.markdown
    case .notice(let content): return "> " + content.markdown
    case .prose(let piece): return piece.markdown
    case .facts(let facts):
      return facts.map { "- \($0.label.markdown): \($0.value.markdown)" }.joined(separator: "\n")
    case .finder(_, _, let note, _): return MarkdownText.escaped(note)
    case .comparer: return ""
    case .lineage(let steps):
      return steps.enumerated().map { index, step in
        "\(index + 1). **\(step.name.markdown)** "
          + step.facts.map(\.markdown).joined(separator: " · ")
      }.joined(separator: "\n")
    case .transcript(let lines):
      return lines.map { line in
        "- \(line.tags.markdown)  \n  \(line.prompt.markdown)  \n  → \(line.response.markdown)"
      }.joined(separator: "\n")
    }
  }

  /// A code block whose fence is longer than any run of backticks in it.
  private static func fenced(_ text: String) -> String {
    var run = 0
    var longest = 2
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      run = scalar == "`" ? run + 1 : 0
      longest = max(longest, run)
      clean.append(Escaping.isShowable(scalar) ? scalar : "\u{FFFD}")
    }
    let fence = String(repeating: "`", count: longest + 1)
    return fence + "\n" + String(clean) + "\n" + fence
  }
}
