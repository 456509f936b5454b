import Determinism
import GRDB

/// Tombstones as rows.
enum TombstoneTable {
  static func insert(_ tombstone: TombstoneRecord, _ record: Digest, _ db: Database) throws {
    try db.insert(
      into: "tombstone",
      [
        "record": .digest(record), "slug": .text(tombstone.slug),
        "artifacts": .json(tombstone.artifactsDocument),
        "circumstances": .json(.object(tombstone.circumstances)),
      ])
  }

  static func load(_ id: Int, _ db: Database) throws -> TombstoneRecord {
    guard
      let row = try db.row(
        """
        SELECT CAST(slug AS BLOB), CAST(artifacts AS BLOB), CAST(circumstances AS BLOB)
        FROM tombstone WHERE id = ?
        """, [.integer(id)])
    else { throw ColumnDamage(column: "tombstone.id", wanted: "a row") }
    let listed = try row.json(1).array
    let artifacts = listed?.compactMap(TombstoneRecord.removed)
    guard let artifacts, artifacts.count == listed?.count else {
      throw ColumnDamage(column: "artifacts", wanted: "a list of digests with sizes")
    }
    return TombstoneRecord(
      slug: try row.text(0), artifacts: artifacts, circumstances: try row.object(2))
  }
}
