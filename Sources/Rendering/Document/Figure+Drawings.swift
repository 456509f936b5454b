/// A drawing as a file of its own, for readers of the Markdown twin and for papers.
package struct Drawing: Sendable {
  /// From the folder of its page.
  package let path: String
  package let svg: String

  /// - Parameters:
  ///   - head: attributes of the root, as markup.
  ///   - body: everything in it, with its end.
  static func standalone(_ head: String, _ style: String, _ body: String) -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" \(head)>\n<style>\n\(style)</style>\n\(body)\n"
  }
}

extension Figure {
  /// - Parameter style: what the drawing is styled by, in place of the page's style sheet.
  func drawings(style: DrawingStyle) -> [Drawing] {
    panels.enumerated().compactMap { number, panel in
      let markup = panel.drawing.markup
      let opening = "<svg "
      // A panel may hold something else than one drawing.
      guard markup.utf8.starts(with: opening.utf8) else { return nil }
      let rest = markup.utf8.dropFirst(opening.utf8.count)
      guard let close = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
      let head = String(Substring(rest[..<close]))
      let body = String(Substring(rest[rest.index(after: close)...]))
      return Drawing(
        path: path(number), svg: Drawing.standalone(head, style.text(for: body, on: .screen), body))
    }
  }

  private func path(_ number: Int) -> String { "figures/\(id)-\(number + 1).svg" }

  /// The panels as images by link, each under its title.
  var images: [String] {
    panels.enumerated().filter { $0.element.drawing.markup.utf8.starts(with: "<svg ".utf8) }.map {
      let name = panels.count == 1 || $1.title.isEmpty ? title : "\(title): \($1.title)"
      let heading = $1.title.isEmpty ? "" : "\(MarkdownText.escaped($1.title))\n\n"
      return "\(heading)![\(MarkdownText.escaped(name))](\(path($0)))"
    }
  }
}

extension [Block] {
  /// Those that are folded in, too.
  var figures: [Figure] {
    flatMap { block -> [Figure] in
      switch block {
      case .figure(let figure): [figure]
      case .details(_, let blocks): blocks.figures
      default: []
      }
    }
  }
}

extension Page {
  /// Every drawing of its figures, as the twin links it.
  package func drawings(_ templates: TemplateSet) -> [Drawing] {
    blocks.figures.flatMap { $0.drawings(style: templates.drawingStyle) }
  }
}
