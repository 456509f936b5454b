import Determinism
import Records
import Rendering

/// What people wrote about a run: tags, and notes in Markdown, as hostile as anything else.
struct Annotations {
  let index: SiteIndex
  /// The page that they are on.
  let path: String
  let annotations: [AnnotationRecord]
  /// What the run's own record says.
  let recordedTags: [String]
  let recordedNotes: String

  var tags: [Block] {
    let tags = annotations.tags(from: recordedTags)
    guard !tags.isEmpty else { return [] }
    return [
      .paragraph(
        [.muted(["Tags: "])] + tags.flatMap { [Inline.code($0), Inline.text(" ")] }.dropLast())
    ]
  }

  var notes: [Block] {
    let later = annotations.filter { !$0.note.isEmpty }
    guard !recordedNotes.isEmpty || !later.isEmpty else { return [] }
    var blocks: [Block] = [.heading(2, "Notes", anchor: "notes")]
    if !recordedNotes.isEmpty { blocks += prose(recordedNotes, anchor: "notes-") }
    for (number, annotation) in later.enumerated() {
      let moment = Circumstances(object: annotation.circumstances).noted
      blocks.append(.paragraph([.muted([.text("Noted " + (moment ?? "afterwards") + ":")])]))
      blocks += prose(annotation.note, anchor: "note-\(number + 1)-")
    }
    return blocks
  }

  private func prose(_ text: String, anchor: String) -> [Block] {
    let base = String(
      repeating: "../", count: path.utf8.count(where: { $0 == UInt8(ascii: "/") }))
    return Markdown.segments(of: text, anchorPrefix: anchor, base: base) {
      SiteLinks.resolve($0, index)
    }.map { segment in
      switch segment {
      case .prose(let piece): .prose(piece)
      case .figure(let name): .paragraph([.code("{{figure: \(name)}}")])
      }
    }
  }
}
