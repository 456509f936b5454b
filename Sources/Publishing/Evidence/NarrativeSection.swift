import Rendering

/// Finds a part of a narrative by its heading.
enum NarrativeSection {
  /// The text below the first second-level heading that holds one of the words, up to the next heading of that
  /// level or above, and the heading's own words; nil when there is none.
  static func find(_ words: [String], in source: String) -> (heading: String, text: String)? {
    var found: String?
    var body: [String] = []
    var isFenced = false
    for line in source.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let text = String(decoding: Array(line), as: UTF8.self)
      if text.utf8.starts(with: "```".utf8) { isFenced.toggle() }
      let isHeading =
        !isFenced && (text.utf8.starts(with: "# ".utf8) || text.utf8.starts(with: "## ".utf8))
      if isHeading, found != nil { break }
      if isHeading {
        let lower = text.lowercased()
        if words.contains(where: { lower.contains($0) }) {
          found = String(decoding: Array(line.drop { $0 == 0x23 || $0 == 0x20 }), as: UTF8.self)
        }
      } else if found != nil {
        body.append(text)
      }
    }
    return found.map { (heading: $0, text: body.joined(separator: "\n")) }
  }

  /// What the authors say about limits, quoted; empty when they say nothing under such a heading.
  static func limits(of study: StudyView, _ index: SiteIndex) -> [Block] {
    guard let narrative = study.filledNarrative,
      let section = find(["limit", "cannot show", "caveat"], in: narrative)
    else { return [] }
    let pieces = Markdown.segments(of: section.text).compactMap { segment -> Block? in
      if case .prose(let piece) = segment { .prose(piece) } else { nil }
    }
    return pieces.isEmpty
      ? []
      : [
        .paragraph([
          .text("In the authors' words, under “\(section.heading)”:")
        ])
      ] + pieces
  }
}
