import Determinism
import GRDB
import Glibc

/// Brings a database of an older format up to date: a verified backup first, then every migration in
/// one transaction: what is killed leaves the old format or the new one.
struct Migrator {
  let folder: String
  let database: String
  let migrations: [Migration]

  static func apply(_ migration: Migration, _ db: Database) throws {
    for statement in migration.statements { try db.execute(sql: statement) }
    try migration.fill(db)
    try db.execute(sql: "PRAGMA user_version = \(migration.version)")
  }

  func perform(on queue: DatabaseQueue) throws {
    try queue.writeWithoutTransaction { db in
      let version = try db.integer("PRAGMA user_version") ?? 0
      let missing = migrations.filter { $0.version > version }
      guard !missing.isEmpty else { return }
      try backUp(db, version: version)
      try db.inTransaction(.immediate) {
        for migration in missing { try Self.apply(migration, db) }
        return .commit
      }
    }
  }

  /// `backups/registry-v<version>.sqlite`, complete and equal in content before anything is changed.
  private func backUp(_ db: Database, version: Int) throws {
    let backups = "\(folder)/backups"
    try DurableFile.makeFolder(backups)
    let target = "\(backups)/registry-v\(version).sqlite"
    let draft = "\(target).new"
    unlink(draft)
    try translating(draft) { try db.run("VACUUM INTO CAST(? AS TEXT)", [.text(draft)]) }
    var configuration = Configuration()
    configuration.readonly = true
    let copy = try DatabaseQueue(path: draft, configuration: configuration)
    let original = try Self.content(db)
    try copy.read { copied in
      let answer = try String.fetchOne(copied, sql: "PRAGMA integrity_check") ?? "no answer"
      guard answer == "ok" else {
        throw RegistryError.damaged(path: draft, what: "the backup before migration: \(answer)")
      }
      guard try Self.content(copied) == original else {
        throw RegistryError.damaged(path: draft, what: "the backup differs from the registry")
      }
    }
    try copy.close()
    let descriptor = open(draft, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DurableFile.failure(draft, "open the backup") }
    let synced = fsync(descriptor)
    close(descriptor)
    guard synced == 0, rename(draft, target) == 0 else {
      throw DurableFile.failure(target, "make the backup durable")
    }
    try DurableFile.synchronize(folder: backups)
  }

  /// A digest of every row of every table.
  static func content(_ db: Database) throws -> Digest {
    var hasher = Digest.Hasher()
    let tables = try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    for table in tables {
      hasher.update("\u{0}\(table)\u{0}".utf8)
      let quoted = table.replacing("\"", with: "\"\"")
      let columns = try String.fetchAll(
        db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table]
      ).map { "quote(\"\($0.replacing("\"", with: "\"\""))\")" }
      let sql =
        "SELECT \(columns.joined(separator: " || ',' || ")) AS r FROM \"\(quoted)\" ORDER BY r"
      let rows = try String.fetchCursor(db, sql: sql)
      while let row = try rows.next() { hasher.update("\(row)\n".utf8) }
    }
    return hasher.finish()
  }
}
