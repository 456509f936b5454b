import Determinism
import Glibc
import Testing

@testable import Records

@Suite struct MigrationTests {
  let folder = Folder()

  private let second = Migration(
    version: 2, statements: ["CREATE TABLE extra (x INTEGER NOT NULL) STRICT"])

  /// What is in people's files does not change: a new format is a new migration.
  @Test func `a released migration is frozen`() {
    let text = Schema.migrations.prefix(1).flatMap(\.statements).joined(separator: ";\n")
    #expect(Digest(of: text).hex == Self.frozen)
  }

  private static let frozen =
    "7537fb6f36f7c049340e4e7a28f5bd6f0e6ff672ff6ef6f2527972bd77fd676e"

  @Test func `an older registry is backed up and brought up to date`() throws {
    let old = try Registry(at: folder["r"])
    try Fixture.fill(old)
    let head = try old.head()
    let new = try Registry(
      at: folder["r"], access: .existing, migrations: Schema.migrations + [second])
    #expect(try new.check(deep: true).filter { $0.severity == .damage } == [])
    #expect(try new.head() == head)
    // The backup is a registry of the old format with the same content.
    mkdir(folder["b"], 0o755)
    try folder.write(
      "b/registry.sqlite",
      try #require(try DurableFile.read(folder["r/backups/registry-v1.sqlite"])))
    #expect(try Registry(at: folder["b"]).head() == head)
    // This program no longer reads it.
    #expect(
      throws: RegistryError.newerFormat(path: new.database, version: 2, supported: 1)
    ) { _ = try Registry(at: folder["r"]) }
  }

  @Test func `a migration that fails leaves the registry as it was`() throws {
    let old = try Registry(at: folder["r"])
    try Fixture.fill(old)
    let head = try old.head()
    let broken = Migration(
      version: 2,
      statements: second.statements + [
        "INSERT INTO extra VALUES (1)", "INSERT INTO nowhere SELECT 1",
      ])
    #expect(throws: RegistryError.self) {
      _ = try Registry(
        at: folder["r"], access: .existing, migrations: Schema.migrations + [broken])
    }
    let again = try Registry(at: folder["r"])
    #expect(try again.head() == head)
    #expect(try again.check(deep: true).filter { $0.severity == .damage } == [])
  }
}
