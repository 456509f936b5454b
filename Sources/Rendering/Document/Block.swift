/// A part of a page. A page is a list of these; HTML and the Markdown twin are two renderings of it.
package indirect enum Block: Sendable {
  /// Level 2 and 3; the page's title is the only 1.
  case heading(Int, String, anchor: String? = nil)
  case paragraph([Inline])
  /// The answer or lead: larger.
  case lead([Inline])
  case list([[Inline]], ordered: Bool = false)
  /// Terms and what they are.
  case definitions([(term: [Inline], meaning: [Inline])])
  case table(Table)
  case figure(Figure)
  case code(String)
  /// A folded part with its summary.
  case details(summary: [Inline], [Block])
  /// A note that the reader must see: what follows for them.
  case notice([Inline])
  /// Prose of a narrative or guide, already rendered from its source.
  case prose(Markdown.Piece)
  /// Small facts side by side: value and label.
  case facts([(value: [Inline], label: [Inline])])
  /// A line of stages, each with its facts.
  case lineage([LineageStep])
  /// Several lines of one transcript.
  case transcript([TranscriptLine])
  /// Where the page's script offers a search in data of its own; nothing without it.
  ///
  /// - Parameter chooser: the page, from the root, that compares what is ticked.
  case finder(shards: [Link], columns: [String], note: String, chooser: String)
  /// Where the page's script puts what was chosen side by side, from data of its own; nothing without it.
  ///
  /// - Parameter id: what stands before `=` in the page's address.
  case comparer(id: String, folder: String)

  package struct LineageStep: Sendable {
    package let name: [Inline]
    package let facts: [[Inline]]
    package init(name: [Inline], facts: [[Inline]]) {
      self.name = name
      self.facts = facts
    }
  }

  package struct TranscriptLine: Sendable {
    package let tags: [Inline]
    package let prompt: [Inline]
    package let response: [Inline]
    package init(tags: [Inline], prompt: [Inline], response: [Inline]) {
      self.tags = tags
      self.prompt = prompt
      self.response = response
    }
  }
}

extension [Block] {
  /// - Parameter templates: for the frame of figures.
  package func html(base: String, templates: TemplateSet) throws(TemplateError) -> HTML {
    var html = HTML()
    for block in self {
      html += try block.html(base: base, templates: templates)
      html += HTML(literal: "\n")
    }
    return html
  }

  package var markdown: String { map(\.markdown).joined(separator: "\n\n") }
}
