import Determinism
import Glibc
import Testing

@testable import Records

@Suite struct OpeningTests {
  let folder = Folder()

  private func made() throws -> String {
    _ = try Registry(at: folder["r"])
    return folder["r/registry.sqlite"]
  }

  @Test func `nothing where a registry should be is an error that says so`() throws {
    for access in [Registry.Access.existing, .readOnly] {
      #expect(throws: RegistryError.missing(path: folder["none"])) {
        _ = try Registry(at: folder["none"], access: access)
      }
      mkdir(folder["empty"], 0o755)
      #expect(throws: RegistryError.missing(path: folder["empty"])) {
        _ = try Registry(at: folder["empty"], access: access)
      }
    }
    #expect(Path.names(in: folder["empty"]) == [])
  }

  @Test(arguments: [
    ([], "an empty file"), ([UInt8](repeating: 0, count: 100), "not an SQLite database"),
    (Array("hello, registry\n".utf8), "not an SQLite database"),
    (Array("SQLite format 3\u{0}".utf8), "not an SQLite database"),
  ])
  func `a file that is no database is refused and left alone`(bytes: [UInt8], found: String) throws
  {
    mkdir(folder["r"], 0o755)
    try folder.write("r/registry.sqlite", bytes)
    for access in [Registry.Access.create, .existing, .readOnly] {
      #expect(
        throws: RegistryError.notARegistry(path: folder["r/registry.sqlite"], found: found)
      ) { _ = try Registry(at: folder["r"], access: access) }
    }
    #expect(try DurableFile.read(folder["r/registry.sqlite"]) == bytes)
  }

  @Test func `what is not a file is refused`() throws {
    mkdir(folder["r"], 0o755)
    mkdir(folder["r/registry.sqlite"], 0o755)
    #expect(
      throws: RegistryError.notARegistry(path: folder["r/registry.sqlite"], found: "a folder")
    ) { _ = try Registry(at: folder["r"]) }
    mkdir(folder["f"], 0o755)
    mkfifo(folder["f/registry.sqlite"], 0o644)
    #expect(
      throws: RegistryError.notARegistry(
        path: folder["f/registry.sqlite"], found: "not a regular file")
    ) { _ = try Registry(at: folder["f"]) }
    let real = try Registry(at: folder["real"])
    mkdir(folder["l"], 0o755)
    symlink(real.database, folder["l/registry.sqlite"])
    #expect(
      throws: RegistryError.notARegistry(
        path: folder["l/registry.sqlite"], found: "a symbolic link, which is not followed")
    ) { _ = try Registry(at: folder["l"]) }
    try folder.write("file", [1])
    #expect(throws: RegistryError.notARegistry(path: folder["file"], found: "not a folder")) {
      _ = try Registry(at: folder["file"])
    }
  }

  @Test(.enabled(if: SQLiteProgram.isInstalled))
  func `another program's database is refused and left alone`() throws {
    mkdir(folder["r"], 0o755)
    let file = folder["r/registry.sqlite"]
    try SQLiteProgram.run(file, "PRAGMA application_id = 77; CREATE TABLE t (x);")
    let before = try DurableFile.read(file)
    #expect(
      throws: RegistryError.notARegistry(
        path: file, found: "another program's SQLite database (application_id 77)")
    ) { _ = try Registry(at: folder["r"]) }
    #expect(try DurableFile.read(file) == before)
  }

  @Test(.enabled(if: SQLiteProgram.isInstalled))
  func `a newer format is refused and left alone`() throws {
    let file = try made()
    try SQLiteProgram.run(file, "PRAGMA user_version = 99;")
    let before = try DurableFile.read(file)
    #expect(
      throws: RegistryError.newerFormat(path: file, version: 99, supported: Registry.newestFormat)
    ) {
      _ = try Registry(at: folder["r"])
    }
    #expect(try DurableFile.read(file) == before)
  }

  @Test(.enabled(if: geteuid() != 0, "root may do everything"))
  func `no permission is an error that says so`() throws {
    let file = try made()
    chmod(file, 0)
    #expect(throws: RegistryError.notPermitted(path: file, operation: "read the database")) {
      _ = try Registry(at: folder["r"])
    }
  }

  @Test(
    .enabled(if: SQLiteProgram.isInstalled),
    arguments: [
      (
        "CREATE TRIGGER evil AFTER INSERT ON scalar BEGIN DELETE FROM attempt; END;",
        "trigger evil was added"
      ),
      ("CREATE VIEW extra AS SELECT 1;", "view extra was added"),
      ("DROP TRIGGER scalar_refuses_update;", "trigger scalar_refuses_update is missing"),
      ("DROP VIEW roc_point; CREATE VIEW roc_point AS SELECT 1;", "view roc_point was changed"),
    ])
  func `a changed structure is reported, and nothing is written into it`(
    sql: String, object: String
  ) throws {
    let file = try made()
    try SQLiteProgram.run(file, sql)
    let registry = try Registry(at: folder["r"])
    #expect(throws: RegistryError.alteredSchema(path: file, object: object)) {
      try registry.record(Fixture.study())
    }
    #expect(
      try registry.check(deep: false) == [
        Registry.Finding(severity: .damage, place: "structure", message: object)
      ])
  }

  @Test func `reading only writes nothing`() throws {
    _ = try made()
    let before = Path.names(in: folder["r"])
    let registry = try Registry(at: folder["r"], access: .readOnly)
    #expect(throws: RegistryError.readOnly(path: folder["r"])) {
      try registry.record(Fixture.study())
    }
    #expect(try registry.snapshot().runs.isEmpty)
    #expect(Path.names(in: folder["r"]) == before)
  }

  @Test func `a first open that was killed is begun again`() throws {
    mkdir(folder["r"], 0o755)
    try folder.write("r/registry.sqlite.new", Array("half a database".utf8))
    try folder.write("r/registry.sqlite.new-journal", Array("half a journal".utf8))
    let registry = try Registry(at: folder["r"])
    #expect(try registry.check(deep: true) == [])
    #expect(!Path.names(in: folder["r"]).contains { $0.hasPrefix("registry.sqlite.new") })
  }

  @Test(arguments: [false, true])
  func `a database that was taken away is not written into`(replaced: Bool) throws {
    let registry = try Registry(at: folder["r"])
    unlink(registry.database)
    if replaced {
      let other = try Registry(at: folder["other"])
      rename(other.database, registry.database)
    }
    #expect(
      throws: RegistryError.damaged(
        path: registry.database, what: "removed or replaced while it was open")
    ) { try registry.record(Fixture.study()) }
  }

  @Test func `another database's journal does no unseen harm`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    // A journal header of nonsense, as a copy gone wrong may leave beside the file.
    var journal: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
    journal += [UInt8](repeating: 0xFF, count: 4096)
    try folder.write("r/registry.sqlite-journal", journal)
    let head = try registry.head()
    let again = try Registry(at: folder["r"])
    #expect(try again.head() == head)
    #expect(try again.check(deep: true) == [])
  }

  @Test func `many open a new registry at once, and it has one origin`() async throws {
    let path = folder["r"]
    let origins = try await withThrowingTaskGroup(of: Digest.self) { group in
      for _ in 0..<8 { group.addTask { try Registry(at: path).origin } }
      return try await group.reduce(into: Set<Digest>()) { $0.insert($1) }
    }
    #expect(origins.count == 1)
  }
}
