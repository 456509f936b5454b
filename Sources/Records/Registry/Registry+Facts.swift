import Determinism
import GRDB

extension Registry {
  /// What a registry's file and folder are, for those who look after them.
  package struct Facts: Sendable {
    package let sqliteVersion: String
    /// Whether the file is in WAL mode: another program put it there.
    package let isWAL: Bool
    /// Bytes of the database, and of its pages that hold nothing.
    package let databaseSize: Int
    package let unusedSize: Int
    package let objects: Int
    package let objectsSize: Int
    /// Records by kind, in the order of the kinds; those there are none of left out.
    package let records: [(kind: String, count: Int)]
    package let backups: [String]
    package let resumePoints: Int
    /// Whether some process is writing at this moment.
    package let isBeingWritten: Bool
  }

  package func facts() throws -> Facts {
    let (held, _) = objects.contents()
    let lock = try FileLock(existing: "\(database).lock")
    let isFree = try lock?.lock(.exclusive, waiting: false) ?? true
    lock?.unlock()
    return try reading { db in
      let pageSize = try db.integer("PRAGMA page_size") ?? 0
      return Facts(
        sqliteVersion: try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "unknown",
        isWAL: try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal",
        databaseSize: pageSize * (try db.integer("PRAGMA page_count") ?? 0),
        unusedSize: pageSize * (try db.integer("PRAGMA freelist_count") ?? 0),
        objects: held.count,
        objectsSize: held.reduce(0) { $0 + (Path.size(of: objects.path(of: $1)) ?? 0) },
        records: try kinds.map { kind in
          (kind: kind.rawValue, count: try db.integer("SELECT count(*) FROM \(kind.table)") ?? 0)
        }.filter { $0.count > 0 },
        backups: Path.names(in: "\(path)/backups"),
        resumePoints: Path.names(in: "\(path)/resume").count, isBeingWritten: !isFree)
    }
  }
}
