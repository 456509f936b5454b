import Determinism

/// Something that people said of a run afterwards: a note, tags put on or taken off. The run's own record
/// stays as it was; what counts is all annotations in the order of the ledger.
package struct AnnotationRecord: Sendable {
  /// The run's study.
  package let slug: String
  package let run: Digest
  /// Markdown; may be empty.
  package let note: String
  /// Tags put on; sorted by bytes, each once.
  package let added: [String]
  /// Tags taken off; sorted by bytes, each once, none of them among `added`.
  package let removed: [String]
  /// When, and with which program: shown, never compared.
  package let circumstances: JSON.Object

  package init(
    slug: String, run: Digest, note: String = "", added: [String] = [], removed: [String] = [],
    circumstances: JSON.Object
  ) {
    self.slug = slug
    self.run = run
    self.note = note
    self.added = Self.set(added)
    self.removed = Self.set(removed)
    self.circumstances = circumstances
  }

  private static func set(_ tags: [String]) -> [String] {
    Set(tags.map { JSON.Text($0) }).sorted().map(\.value)
  }

  package var document: JSON {
    [
      "record": "annotation", "slug": JSON(slug), "run": JSON(run), "note": JSON(note),
      "added": .array(added.map { JSON($0) }), "removed": .array(removed.map { JSON($0) }),
      "circumstances": .object(circumstances),
    ]
  }

  package init(document: JSON) throws(RecordFormatError) {
    let reader = try DocumentReader(document, at: "")
    try reader.allow(["record", "slug", "run", "note", "added", "removed", "circumstances"])
    self.init(
      slug: try reader.string("slug"), run: try reader.digest("run"),
      note: try reader.string("note"), added: try reader.list("added", "a text") { $0.string },
      removed: try reader.list("removed", "a text") { $0.string },
      circumstances: try reader.members("circumstances"))
    let both = Set(added.map { JSON.Text($0) }).intersection(removed.map { JSON.Text($0) })
    if let tag = both.min() {
      throw RecordFormatError("removed", "'\(tag.value)' is put on as well")
    }
  }
}

extension Sequence where Element == AnnotationRecord {
  /// The tags of a run after all of them, in the ledger's order: sorted by bytes.
  package func tags(from recorded: [String]) -> [String] {
    var tags = Set(recorded.map { JSON.Text($0) })
    for annotation in self {
      tags.formUnion(annotation.added.map { JSON.Text($0) })
      tags.subtract(annotation.removed.map { JSON.Text($0) })
    }
    return tags.sorted().map(\.value)
  }
}

extension Registry {
  /// Appends a note or tags to a run, in the chain of its study.
  ///
  /// - Returns: false when the run has that very note already: whoever was not told that it was recorded may
  ///   send it again. Nothing is appended then.
  @discardableResult
  package func record(_ annotation: AnnotationRecord) throws -> Bool {
    try writing { db in
      let known = try db.row(
        """
        SELECT 1 FROM annotation WHERE run = ? AND note = CAST(? AS TEXT) AND note != ''
          AND added = '[]' AND removed = '[]'
        """, [.digest(annotation.run), .text(annotation.note)])
      if known != nil, annotation.added.isEmpty, annotation.removed.isEmpty { return false }
      try append(.annotation(annotation), slug: annotation.slug, db)
      return true
    }
  }
}
