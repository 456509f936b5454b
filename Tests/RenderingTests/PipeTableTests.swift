import Testing

@testable import Rendering

struct PipeTableTests {
  private func html(_ source: String) -> String {
    Markdown.segments(of: source).map { segment in
      if case .prose(let piece) = segment { piece.html.markup } else { "FIGURE" }
    }.joined()
  }

  private func twin(_ source: String) -> String {
    Markdown.segments(of: source).map { segment in
      if case .prose(let piece) = segment { piece.markdown } else { "FIGURE" }
    }.joined(separator: "\n\n")
  }

  @Test func `a table between paragraphs becomes a table, its cells CommonMark`() {
    let page = html("Before\n\n| a *b* | `c` |\n|---|:-:|\n| **d** | e\\|f |\n| g |\n\nAfter\n")
    #expect(
      page.contains("<th scope=\"col\">a <em>b</em></th><th scope=\"col\"><code>c</code></th>"))
    #expect(page.contains("<td><strong>d</strong></td><td>e|f</td>"))
    #expect(page.contains("<td>g</td><td></td>"))
    #expect(page.contains("<p>Before</p>") && page.contains("<p>After</p>"))
  }

  @Test func `its twin is a table that reads back as the same`() {
    let source = "| a | b |\n|---|---|\n| x\\|y | `z` |\n"
    let once = twin(source)
    #expect(once == "| a | b |\n| --- | --- |\n| x\\|y | `z` |")
    #expect(twin(once) == once)
  }

  @Test(arguments: [
    "| a | b |\nno rule\n", "| a | b |\n|---|\n", "```\n| a |\n|---|\n```\n",
    "    | a |\n    |---|\n",
    "a | b\n---|---\n", "| a |\n| --x |\n",
  ])
  func `what is no table stays prose`(source: String) {
    #expect(!html(source).contains("<table"))
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "[x](javascript:alert(1))",
    "\"\u{301}><img src=x onerror=alert(1)>",
    "- list", "# heading", "> quote", "{{figure: x}}", "<b>", "![i](http://x/y.png)",
  ])
  func `a hostile cell is text`(cell: String) {
    let page = html("| h |\n|---|\n| \(cell) |\n")
    #expect(page.contains("<table"))
    for forbidden in [
      "<script", "javascript:", "<img", "<b>", "<ul", "<h1", "<h2", "<blockquote", "FIGURE",
    ] {
      #expect(!page.contains(forbidden), "\(forbidden) in \(page)")
    }
  }

  @Test func `a huge table is cut into prose in no time`() {
    let row = "|" + String(repeating: " x |", count: 30)
    let rule = "|" + String(repeating: "---|", count: 30)
    let source = ([row, rule] + Array(repeating: row, count: 1900)).joined(separator: "\n")
    let page = html(String(source.prefix(200_000)))
    #expect(page.contains("<table"))
  }
}
