import Determinism
import GRDB
import Glibc

/// How a registry is opened: found out what it is, made if need be, brought up to date, set up, and the
/// settings that durability depends on read back.
struct Opening {
  let folder: String
  let access: Registry.Access
  let migrations: [Migration]

  var database: String { "\(folder)/registry.sqlite" }

  /// One process at a time: first opens and migrations happen under the write lock.
  func perform() throws -> (DatabaseQueue, FileLock?) {
    try translating(database) {
      if access == .readOnly {
        try examine()
        try recover()
        return (try connect(readOnly: true), nil)
      }
      switch Path.kind(of: folder) {
      case .folder: break
      case .missing where access == .create: try DurableFile.makeFolder(folder)
      case .missing: throw RegistryError.missing(path: folder)
      default: throw RegistryError.notARegistry(path: folder, found: "not a folder")
      }
      if access == .existing { try examine() }
      let lock = try FileLock("\(folder)/registry.sqlite.lock")
      try lock.lock(.exclusive)
      defer { lock.unlock() }
      if Path.kind(of: database) == .missing { try make() }
      try examine()
      let queue = try connect(readOnly: false)
      try Migrator(folder: folder, database: database, migrations: migrations).perform(on: queue)
      for name in ["objects", "locks", "resume"] {
        try DurableFile.makeFolder("\(folder)/\(name)")
      }
      return (queue, lock)
    }
  }

  /// Refuses, before SQLite touches it, what cannot be a registry of ours.
  private func examine() throws {
    switch Path.kind(of: database) {
    case .missing:
      guard Path.kind(of: folder) != .missing else { throw RegistryError.missing(path: folder) }
      guard Path.kind(of: folder) == .folder else {
        throw RegistryError.notARegistry(path: folder, found: "not a folder")
      }
      throw RegistryError.missing(path: folder)
    case .file: break
    case .folder: throw RegistryError.notARegistry(path: database, found: "a folder")
    case .link:
      throw RegistryError.notARegistry(
        path: database, found: "a symbolic link, which is not followed")
    case .other: throw RegistryError.notARegistry(path: database, found: "not a regular file")
    }
    if Path.size(of: database) == 0 {
      throw RegistryError.notARegistry(path: database, found: "an empty file")
    }
    guard Glibc.access(database, R_OK) == 0 else {
      throw DurableFile.failure(database, "read the database")
    }
  }

  /// A writer that was killed leaves its journal behind. SQLite plays it back at the first read, but only
  /// through a connection that may write.
  private func recover() throws {
    guard let size = Path.size(of: "\(database)-journal"), size > 0,
      Glibc.access(folder, W_OK) == 0
    else { return }
    let lock = try FileLock("\(database).lock")
    try lock.lock(.exclusive)
    defer { lock.unlock() }
    let queue = try connect(readOnly: false)
    try queue.close()
  }

  /// Makes the database under another name and renames it, so that a registry is never half made.
  private func make() throws {
    guard access == .create else { throw RegistryError.missing(path: folder) }
    let draft = "\(database).new"
    for name in [draft, "\(draft)-journal"] where unlink(name) != 0 && errno != ENOENT {
      throw DurableFile.failure(name, "remove an unfinished database")
    }
    do {
      let queue = try DatabaseQueue(path: draft, configuration: Self.configuration())
      try queue.writeWithoutTransaction { db in
        // A quarter of SQLite's own: every table and index takes a page, and a small registry has more of those
        // than of anything else.
        try db.execute(sql: "PRAGMA page_size = 1024")
        try Self.set(db)
        try db.inTransaction(.immediate) {
          try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
          for migration in migrations { try Migrator.apply(migration, db) }
          let random = (0..<4).flatMap { _ in UInt64.random(in: .min ... .max).bigEndianBytes }
          try db.insert(
            into: "registry",
            [
              "id": .integer(1), "origin": .blob(random),
              "origin_sha256": .digest(Digest(of: random)),
            ])
          return .commit
        }
      }
      try queue.close()
    } catch {
      unlink(draft)
      unlink("\(draft)-journal")
      throw error
    }
    guard unlink("\(draft)-journal") == 0 || errno == ENOENT, rename(draft, database) == 0 else {
      throw DurableFile.failure(database, "put the database in its place")
    }
    try DurableFile.synchronize(folder: folder)
  }

  private func connect(readOnly: Bool) throws -> DatabaseQueue {
    var configuration = Self.configuration()
    configuration.readonly = readOnly
    let supported = Schema.version(of: migrations)
    configuration.prepareDatabase { db in
      // First of all: whose file is it, and which version? Nothing is set on another program's.
      let application = try db.integer("PRAGMA application_id") ?? 0
      guard application == Schema.applicationID else {
        throw RegistryError.notARegistry(
          path: database,
          found: "another program's SQLite database (application_id \(application))")
      }
      let version = try db.integer("PRAGMA user_version") ?? 0
      guard version <= supported else {
        throw RegistryError.newerFormat(path: database, version: version, supported: supported)
      }
      if !readOnly { try Self.set(db) }
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      try db.execute(sql: "PRAGMA cell_size_check = ON")
      try db.execute(sql: "PRAGMA mmap_size = 0")
    }
    let queue = try DatabaseQueue(path: database, configuration: configuration)
    try queue.writeWithoutTransaction { try verifySettings($0, readOnly: readOnly) }
    return queue
  }

  private static func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(60)
    configuration.label = "registry"
    return configuration
  }

  private static func set(_ db: Database) throws {
    _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = TRUNCATE")
    try db.execute(sql: "PRAGMA synchronous = FULL")
  }

  /// GRDB has settings of its own and applies some after ours: what counts is what SQLite answers now.
  private func verifySettings(_ db: Database, readOnly: Bool) throws {
    var wanted = [
      ("foreign_keys", "1"), ("trusted_schema", "0"), ("cell_size_check", "1"),
      ("encoding", "UTF-8"),
    ]
    if !readOnly { wanted += [("journal_mode", "truncate"), ("synchronous", "2")] }
    for (name, value) in wanted {
      let found = try String.fetchOne(db, sql: "PRAGMA \(name)") ?? "nothing"
      guard found == value else {
        throw RegistryError.setting(path: database, name: name, value: found)
      }
    }
  }
}
