import Rendering
import Testing

/// Text that breaks out where escaping compares Characters or forgets a place.
let payloads = [
  "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)",
  "' onfocus='alert(1)", "\"\u{301} onload=alert(1) x=\"\u{301}", "<\u{301}script>", ">\u{FE0F}<b>",
  "\"\u{200D}><svg/onload=alert(1)>", "`${alert(1)}`", "</title><script>", "<!--<script>",
  "]]><script>", "&lt;script&gt;", "&#x3C;img&#x3E;", "\u{202E}gnp.exe", "\u{0}nul\u{8}back",
  "\u{2028}line", "javascript:alert(1)", "{{title}} {{{content}}} {{> page}}", "| a | b |\n| --- |",
]

@Suite struct EscapingTests {
  @Test(arguments: payloads)
  func `no byte of markup survives in escaped text`(payload: String) {
    let bytes = Array(Escaping.escaped(payload).utf8)
    for forbidden in "<>\"'`".utf8 { #expect(!bytes.contains(forbidden)) }
    for index in bytes.indices where bytes[index] == UInt8(ascii: "&") {
      let reference = bytes[index...].prefix(6)
      #expect(
        ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;"].contains {
          reference.starts(with: $0.utf8)
        })
    }
    for scalar in Escaping.escaped(payload).unicodeScalars { #expect(Escaping.isShowable(scalar)) }
  }

  @Test func `ordinary text is left alone`() {
    #expect(Escaping.escaped("naïve Ωmega 東京 é") == "naïve Ωmega 東京 é")
    #expect(Escaping.escaped("a < b & c") == "a &lt; b &amp; c")
  }

  @Test(arguments: payloads)
  func `an attribute cannot be left`(payload: String) {
    let markup = HTML.element("a", ["title": payload], HTML(payload)).markup
    #expect(markup.utf8.count(where: { $0 == UInt8(ascii: "\"") }) == 2)
    #expect(markup.utf8.count(where: { $0 == UInt8(ascii: "<") }) == 2)
    #expect(markup.utf8.count(where: { $0 == UInt8(ascii: ">") }) == 2)
  }

  @Test(arguments: payloads)
  func `a Markdown twin shows the text itself`(payload: String) throws {
    let source = MarkdownText.escaped("x" + payload)
    let pieces = Markdown.segments(of: source)
    guard case .prose(let piece) = try #require(pieces.first) else {
      Issue.record("no prose")
      return
    }
    let spaced = String(
      String.UnicodeScalarView(payload.unicodeScalars.map { $0 == "\n" ? " " : $0 }))
    let shown = Escaping.escaped("x" + spaced).utf8
    #expect(pieces.count == 1)
    #expect(piece.html.markup.utf8.elementsEqual("<p>".utf8 + Array(shown) + Array("</p>\n".utf8)))
  }
}
