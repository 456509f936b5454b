/// A page of the site before it has bytes.
package struct Page: Sendable {
  /// Of the HTML, from the root: `studies/x/index.html`.
  package let path: String
  package let title: String
  /// Above the title: what kind of page it is.
  package let kicker: String
  package let summary: String
  package let blocks: [Block]

  package init(path: String, title: String, kicker: String, summary: String, blocks: [Block]) {
    self.path = path
    self.title = title
    self.kicker = kicker
    self.summary = summary
    self.blocks = blocks
  }

  /// `../` for every folder between the page and the root.
  package var base: String {
    String(repeating: "../", count: path.utf8.count(where: { $0 == UInt8(ascii: "/") }))
  }

  package var twinPath: String { String(path.dropLast(4)) + "md" }

  /// The whole HTML document.
  package func html(
    navigation: [(label: String, path: String)], footer: [Inline], templates: TemplateSet
  ) throws(TemplateError) -> HTML {
    let context: [String: TemplateValue] = [
      "title": .text(title), "kicker": .text(kicker), "summary": .text(summary),
      "base": .text(base),
      "navigation": .list(
        navigation.map {
          [
            "label": .text($0.label), "href": .text(base + $0.path),
            "current": .flag($0.path.utf8.elementsEqual(path.utf8)),
          ]
        }),
      "content": .html(try blocks.html(base: base, templates: templates)),
      "twin": .text("index.md"), "footer": .html(footer.html(base: base)),
    ]
    return try templates.render("page", context)
  }

  /// The Markdown twin.
  package func markdown(footer: [Inline]) -> String {
    let parts =
      ["# " + MarkdownText.escaped(title), blocks.markdown, "---", footer.markdown]
    return MarkdownText.rebased(parts.joined(separator: "\n\n") + "\n", base: base)
  }
}
