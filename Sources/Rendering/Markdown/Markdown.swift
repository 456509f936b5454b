/// Prose that somebody wrote: a study's narrative, a guide. Hostile until it has been through here.
package enum Markdown {
  /// Rendered prose, and the same for the page's Markdown twin.
  package struct Piece: Equatable, Sendable {
    package let html: HTML
    package let markdown: String
    init(html: HTML, markdown: String) {
      self.html = html
      self.markdown = markdown
    }
  }

  package enum Segment: Equatable, Sendable {
    case prose(Piece)
    /// A paragraph that is only `{{figure: name}}`.
    case figure(String)
  }

  /// libcmark 0.30 takes 20 s for 100 kB of nested lists and 6 s for 40,000 images: the caps hold before it is
  /// called.
  package static let maximumSize = 256 * 1024
  package static let maximumDepth = 32
  package static let maximumBrackets = 4096

  /// Renders CommonMark without raw HTML and without images.
  ///
  /// - Parameters:
  ///   - anchorPrefix: before the ids of headings, so that they never meet the page's own.
  ///   - base: the way from the page to the site's root.
  ///   - resolve: the page that a relative destination means; nil leaves its words without a link.
  /// - Returns: prose and places of figures in turn. A first heading of level 1 is left out: the page has its
  ///   title. Source that is too large or too deeply nested comes back as one preformatted text.
  package static func segments(
    of source: String, anchorPrefix: String = "", base: String = "",
    resolve: @escaping (String) -> Link? = { _ in nil }
  ) -> [Segment] {
    guard source.utf8.count <= maximumSize else {
      let limit = NumberText.size(maximumSize)
      return [.prose(preformatted(source, why: "longer than \(limit), shown in part as it is"))]
    }
    guard source.utf8.count(where: { $0 == UInt8(ascii: "[") }) <= maximumBrackets else {
      return [.prose(preformatted(source, why: "full of brackets, shown as it is"))]
    }
    guard NestingDepth.isWithin(maximumDepth, source) else {
      return [.prose(preformatted(source, why: "nested too deeply, shown as it is"))]
    }
    var walker = CommonMarkWalker(anchorPrefix: anchorPrefix, base: base, resolve: resolve)
    var segments: [Segment] = []
    for part in PipeTable.parts(of: source) {
      switch part {
      case .prose(let text): segments += walker.segments(of: text)
      case .table(let table): segments.append(.prose(walker.piece(of: table)))
      }
    }
    return segments
  }

  private static func preformatted(_ source: String, why: String) -> Piece {
    let shown = String(decoding: source.utf8.prefix(16 * 1024), as: UTF8.self)
    let blocks: (HTML, String) = (
      .element("p", ["class": "notice"], HTML("This text is \(why)."))
        + .element("pre", ["tabindex": "0"], HTML(shown)),
      "> This text is \(why).\n\n" + Block.code(shown).markdown
    )
    return Piece(html: blocks.0, markdown: blocks.1)
  }
}
