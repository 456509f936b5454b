import Determinism
import GRDB

/// What the database's structure should be: read from an empty one that the migrations make.
struct SchemaFingerprint: Sendable {
  private let expected: [String: String]

  /// Of the structure that this program makes. A connection in memory is a few milliseconds' work.
  static let current = Result { try SchemaFingerprint(migrations: Schema.migrations) }

  init(migrations: [Migration]) throws {
    let queue = try DatabaseQueue()
    expected = try queue.write { db in
      for migration in migrations { try Migrator.apply(migration, db) }
      return try Self.read(db)
    }
  }

  /// Tables, indices, triggers and views by type and name, with the text that made them.
  private static func read(_ db: Database) throws -> [String: String] {
    var objects: [String: String] = [:]
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT type || ' ' || name, ifnull(sql, '') FROM sqlite_schema
        WHERE name NOT LIKE 'sqlite_stat%'
        """)
    for row in rows {
      let name = String.fromDatabaseValue(row[0]) ?? "an object without a name"
      objects[name] = String.fromDatabaseValue(row[1]) ?? ""
    }
    return objects
  }

  /// Of everything that is compared.
  static func digest(of db: Database) throws -> Digest {
    var hasher = Digest.Hasher()
    for (name, text) in try read(db).sorted(by: { JSON.Text($0.key) < JSON.Text($1.key) }) {
      hasher.update("\(name)\u{0}\(text)\u{0}".utf8)
    }
    return hasher.finish()
  }

  /// What is missing, added or changed, sorted by name.
  func differences(in db: Database) throws -> [String] {
    let found = try Self.read(db)
    if found == expected { return [] }
    return Set(found.keys).union(expected.keys).sorted().compactMap { name in
      if found[name] == expected[name] { return nil }
      if found[name] == nil { return "\(name) is missing" }
      return expected[name] == nil ? "\(name) was added" : "\(name) was changed"
    }
  }

  func difference(in db: Database) throws -> String? { try differences(in: db).first }
}
