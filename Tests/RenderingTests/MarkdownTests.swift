import Rendering
import Testing

@Suite struct MarkdownTests {
  private func html(_ source: String) -> String {
    Markdown.segments(of: source) { $0 == "glossary" ? .page("glossary/index.html") : nil }
      .map { if case .prose(let piece) = $0 { piece.html.markup } else { "[figure]" } }.joined()
  }

  @Test(arguments: [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java%0Ascript:alert(1))",
    "[x](&#106;avascript:alert(1))", "[x](data:text/html,x)", "[x](//evil.example)",
    "[x](/etc/passwd)", "[x](../../etc/passwd)", "[x](file:///etc/passwd)", "[x](vbscript:x)",
    "![x](http://evil.example/a.png)", "![x](a.png)", "<javascript:alert(1)>", "[x](\\\\evil)",
  ])
  func `a destination that is not allowed is no link`(source: String) {
    let html = html(source)
    #expect(!html.contains("href"))
    #expect(!html.contains("src"))
  }

  @Test func `allowed destinations are links`() {
    #expect(
      html("[a](https://a.example/?q='&b)").contains(
        "<a href=\"https://a.example/?q=&#39;&amp;b\" rel=\"noopener noreferrer\">"))
    #expect(html("[a](glossary)").contains("<a href=\"glossary/index.html\">a</a>"))
    #expect(html("[a](#Some-Place)").contains("<a href=\"#some-place\">a</a>"))
  }

  @Test func `raw HTML is left out of both renderings`() throws {
    let source = "before <b onclick=x>bold</b> <!-- note -->\n\n<script>alert(1)</script>\n\nafter"
    guard case .prose(let piece) = try #require(Markdown.segments(of: source).first) else { return }
    #expect(piece.html.markup == "<p>before bold </p>\n<p>after</p>\n")
    #expect(!piece.markdown.contains("<script"))
    #expect(!piece.markdown.contains("onclick"))
  }

  @Test func `a figure is placed by a paragraph of its own and nowhere else`() {
    let segments = Markdown.segments(
      of:
        "# Title\n\none\n\n{{figure: before-after}}\n\n`{{figure: code}}` and {{figure: inline}} text"
    )
    #expect(segments.count == 3)
    #expect(segments[1] == .figure("before-after"))
  }

  @Test func `equal headings get different anchors`() {
    let html = html("## Limits\n\nx\n\n## Limits")
    #expect(html.contains("id=\"limits\""))
    #expect(html.contains("id=\"limits-2\""))
  }

  static let pathological: [(name: String, source: String)] = [
    ("nested bullets", String(repeating: "- ", count: 25_000) + "x\n"),
    (
      "nested bullets and blank lines",
      String(repeating: "- ", count: 25_000) + "x" + String(repeating: "\n", count: 50_000)
    ),
    ("deep quotes", String(repeating: ">", count: 66_000) + String(repeating: "a*", count: 66_000)),
    (
      "indented lists",
      (0..<500).map { String(repeating: " ", count: 2 * $0) + "- x" }.joined(separator: "\n")
    ),
    (
      "quotes at the limit and blank lines",
      String(repeating: "> ", count: 32) + "x" + String(repeating: "\n", count: 100_000)
    ),
    ("open emphasis", String(repeating: "*a ", count: 65_000)),
    ("nested emphasis", String(repeating: "*a **a ", count: 30_000)),
    ("open brackets", String(repeating: "[", count: 200_000)),
    ("links without end", String(repeating: "[a](<b", count: 30_000)),
    ("images", String(repeating: "![[]()", count: 40_000)),
    ("backticks", (1...600).map { "e" + String(repeating: "`", count: $0) }.joined()),
    ("code of many lengths", String(repeating: "`a``b", count: 40_000)),
    ("references", String(repeating: "[a]: u\n", count: 30_000) + "[a][b][a]"),
    ("entities", String(repeating: "&", count: 200_000)),
    ("html openings", String(repeating: "<!--", count: 60_000)),
    ("question marks", String(repeating: "<?", count: 100_000)),
    ("numbers", String(repeating: "1) ", count: 60_000)),
    ("too long", String(repeating: "word ", count: 80_000)),
  ]

  @Test(arguments: pathological.map(\.name))
  func `a pathological text takes less than a second`(name: String) throws {
    let source = try #require(Self.pathological.first { $0.name == name }).source
    let clock = ContinuousClock()
    let taken = clock.measure { _ = Markdown.segments(of: source) }
    #expect(taken < .seconds(1), "\(name): \(taken)")
  }
}
