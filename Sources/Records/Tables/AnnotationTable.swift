import Determinism
import GRDB

/// Annotations as rows.
enum AnnotationTable {
  static func insert(_ annotation: AnnotationRecord, _ record: Digest, _ db: Database) throws {
    let id = try db.insert(
      into: "annotation",
      [
        "record": .digest(record), "slug": .text(annotation.slug), "run": .digest(annotation.run),
        "note": .text(annotation.note), "added": .json(.array(annotation.added.map { JSON($0) })),
        "removed": .json(.array(annotation.removed.map { JSON($0) })),
        "circumstances": .json(.object(annotation.circumstances)),
      ])
    try AnnotationTagTable.insert(id, annotation.added, db)
  }

  static func load(_ id: Int, _ db: Database) throws -> AnnotationRecord {
    guard
      let row = try db.row(
        """
        SELECT CAST(slug AS BLOB), run, CAST(note AS BLOB), CAST(added AS BLOB),
          CAST(removed AS BLOB), CAST(circumstances AS BLOB) FROM annotation WHERE id = ?
        """, [.integer(id)])
    else { throw ColumnDamage(column: "annotation.id", wanted: "a row") }
    return AnnotationRecord(
      slug: try row.text(0), run: try row.digest(1), note: try row.text(2),
      added: try row.texts(3), removed: try row.texts(4), circumstances: try row.object(5))
  }
}
