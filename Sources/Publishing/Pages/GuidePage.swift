import Rendering

/// A page written in Markdown: the glossary, the method, guides for users.
enum GuidePage {
  static func page(
    path: String, kicker: String, source: String, fallbackTitle: String, index: SiteIndex,
    guides: [String], extra: [Block] = []
  ) -> Page {
    let base = String(repeating: "../", count: path.utf8.count(where: { $0 == UInt8(ascii: "/") }))
    let segments = Markdown.segments(of: source, base: base) {
      SiteLinks.resolve($0, index, guides: guides)
    }
    let blocks = segments.map { segment -> Block in
      switch segment {
      case .prose(let piece): .prose(piece)
      case .figure(let name): .paragraph([.code("{{figure: \(name)}}")])
      }
    }
    return Page(
      path: path, title: title(of: source) ?? fallbackTitle, kicker: kicker,
      summary: title(of: source) ?? fallbackTitle, blocks: blocks + extra)
  }

  /// The text of a first line `# Title`.
  static func title(of source: String) -> String? {
    let line = source.utf8.prefix { $0 != 0x0A && $0 != 0x0D }
    guard line.starts(with: "# ".utf8) else { return nil }
    let title = line.dropFirst(2)
    return title.isEmpty ? nil : String(decoding: Array(title), as: UTF8.self)
  }
}
