import Determinism
import GRDB
import Studies
import Synchronization

/// A registry on disk: `registry.sqlite`, `objects/`, `locks/`, `resume/`.
///
/// Many processes may use one registry at once. Every write is one transaction under one `flock`, in a
/// rollback journal with `synchronous = FULL`: it is durable when the call returns, or the registry is as
/// it was before and an error says why.
package final class Registry: RegistryInterface {
  package enum Access: Sendable {
    /// Makes the registry if there is none.
    case create
    /// There must be one.
    case existing
    /// There must be one; nothing is written, not even a lock file.
    case readOnly
  }

  /// The folder.
  package let path: String
  package let origin: Digest
  let access: Access
  let queue: DatabaseQueue
  let objects: ObjectStore
  /// `user_version` of the database.
  package let format: Int
  /// That of the databases that this program makes.
  package static var newestFormat: Int { Schema.version(of: Schema.migrations) }
  private let applied: [Migration]
  private let writeLock: FileLock?
  /// `schema_version` of the structure that was last found to be ours.
  private let comparedStructure = Mutex<Int?>(nil)
  /// Of the database file that was opened.
  private let identity: [UInt64]?
  /// Held for as long as this process works on a run.
  let runLocks = Mutex<[Digest: FileLock]>([:])

  /// - Throws: `RegistryError`.
  package convenience init(at path: String, access: Access = .create) throws {
    try self.init(at: path, access: access, migrations: Schema.migrations)
  }

  init(at path: String, access: Access, migrations: [Migration]) throws {
    let opening = Opening(folder: path, access: access, migrations: migrations)
    let (queue, writeLock) = try opening.perform()
    self.queue = queue
    self.writeLock = writeLock
    identity = Path.identity(of: opening.database)
    self.path = path
    self.access = access
    // One that is opened for reading only stays in the format that it has.
    let format = try translating(opening.database) {
      try queue.read { try $0.integer("PRAGMA user_version") ?? 0 }
    }
    self.format = format
    applied = migrations.filter { $0.version <= format }
    // Writers ask before every transaction: not while they hold the lock for the first time.
    if access != .readOnly, applied.count == Schema.migrations.count {
      _ = try SchemaFingerprint.current.get()
    }
    objects = ObjectStore(folder: "\(path)/objects")
    origin = try translating(opening.database) {
      try queue.read { db in
        guard let row = try db.row("SELECT origin, origin_sha256 FROM registry"),
          try Digest(of: row.bytes(0)) == row.digest(1)
        else { throw ColumnDamage(column: "registry.origin", wanted: "what was drawn at first") }
        return try row.digest(0)
      }
    }
  }

  /// What the database's structure should be; a few milliseconds' work that readers need not do.
  var structure: SchemaFingerprint {
    get throws {
      try applied.count == Schema.migrations.count
        ? SchemaFingerprint.current.get() : SchemaFingerprint(migrations: applied)
    }
  }

  var database: String { "\(path)/registry.sqlite" }

  /// Kinds of record that the database has tables for.
  var kinds: [AnyRecord.Kind] { AnyRecord.Kind.allCases.filter { $0.since <= format } }
  var valueTables: [ValueTables] { ValueTables.all.filter { $0.since <= format } }

  /// A consistent view: one read transaction.
  func reading<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try translating(database) { try queue.read(body) }
  }

  /// One write transaction under the write lock, on the structure that this program made.
  func writing<Result>(_ body: (Database) throws -> Result) throws -> Result {
    guard let writeLock else { throw RegistryError.readOnly(path: path) }
    return try translating(database) {
      try queue.writeWithoutTransaction { db in
        try writeLock.lock(.exclusive)
        defer { writeLock.unlock() }
        // SQLite would go on writing into a file that nobody can open any more, and call it committed.
        guard Path.identity(of: database) == identity else {
          throw RegistryError.damaged(path: database, what: "removed or replaced while it was open")
        }
        var result: Result?
        try db.inTransaction(.immediate) {
          try requireStructure(db)
          result = try body(db)
          return .commit
        }
        return result!
      }
    }
  }
}

extension Registry {
  /// Every statement that changes the structure changes `schema_version`: what was compared once is not
  /// compared again before it does.
  private func requireStructure(_ db: Database) throws {
    let version = try db.integer("PRAGMA schema_version")
    if version == comparedStructure.withLock({ $0 }) { return }
    // Making the structure anew to compare with takes longer than registering a run.
    let isKnown = try SchemaFingerprint.digest(of: db).hex == Schema.structure
    if !isKnown, let object = try structure.difference(in: db) {
      throw RegistryError.alteredSchema(path: database, object: object)
    }
    comparedStructure.withLock { $0 = version }
  }
}

/// Turns what SQLite and GRDB throw into the registry's own errors.
func translating<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as DatabaseError {
    throw RegistryError(error, file: file)
  } catch let damage as ColumnDamage {
    throw RegistryError.damaged(
      path: file, what: "column \(damage.column) does not hold \(damage.wanted)")
  } catch let error as RecordFormatError {
    throw RegistryError.damaged(path: file, what: error.description)
  }
}

extension RegistryError {
  init(_ error: DatabaseError, file: String) {
    let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: file)
    case .SQLITE_NOTADB: self = .notARegistry(path: file, found: "not an SQLite database")
    case .SQLITE_CORRUPT: self = .damaged(path: file, what: message)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self = .notPermitted(path: file, operation: "write")
    case .SQLITE_CANTOPEN: self = .notPermitted(path: file, operation: "open the database")
    case .SQLITE_FULL:
      self = .storage(path: file, operation: "write", reason: "No space left on device")
    case .SQLITE_IOERR: self = .storage(path: file, operation: "read or write", reason: message)
    default: self = .damaged(path: file, what: message)
    }
  }
}
