import Determinism
import Glibc
import Testing

@testable import Records

@Suite struct MigrationTests {
  let folder = Folder()

  private static let newest = Registry.newestFormat

  private let next = Migration(
    version: Registry.newestFormat + 1,
    statements: ["CREATE TABLE extra (x INTEGER NOT NULL) STRICT"])

  /// What is in people's files does not change: a new format is a new migration.
  @Test(arguments: frozen)
  func `a released migration is frozen`(version: Int, digest: String) throws {
    let migration = try #require(Schema.migrations.first { $0.version == version })
    #expect(Digest(of: migration.statements.joined(separator: ";\n")).hex == digest)
  }

  private static let frozen = [
    (1, "7537fb6f36f7c049340e4e7a28f5bd6f0e6ff672ff6ef6f2527972bd77fd676e"),
    (4, "4a40f6577af3b2e1afbe9679d2489b586e68a055f62d6908eb7b8ccde90d74df"),
    (2, "44ef6ff81ba7507c92df0e58bea602d4d5f271ad01afd930be4b5952e1454a34"),
    (3, "5bea65f2c9127744c6791a16d76979af03cfe7e51c9349c2e0aa4c5ceb5ed57f"),
    (5, "86f15d5720761aec17a908fedcf857be6c3906276ad14bc5f2dbf15a4119718e"),
  ]

  @Test func `the structure that is known at a glance is the one that the migrations make`() throws
  {
    let registry = try Registry(at: folder["fresh"])
    let found = try registry.reading { try SchemaFingerprint.digest(of: $0).hex }
    #expect(found == Schema.structure, "a new migration: Schema.structure is this digest now")
    #expect(try registry.reading { try registry.structure.differences(in: $0) } == [])
  }

  /// A file as an earlier format left it: whatever comes later has to read it.
  private func golden(_ format: Int) throws -> String {
    let file = #filePath.replacing(
      "MigrationTests.swift", with: "Golden/registry-v\(format).sqlite")
    mkdir(folder["old"], 0o755)
    try folder.write("old/registry.sqlite", try #require(try DurableFile.read(file)))
    for artifact in Fixture.richValues.artifacts.values {
      let hex = artifact.reference.digest.hex
      try DurableFile.makeFolder(folder["old/objects/\(hex.prefix(2))"])
      try folder.write("old/objects/\(hex.prefix(2))/\(hex.dropFirst(2))", artifact.bytes)
    }
    return folder["old"]
  }

  @Test(arguments: [
    (1, 1, 0, "ee15af12a35e1da99faceb411ff409773d2c509eb5633869ac233de8d957d742"),
    (2, 2, 1, "5fdf34dca3545c3623fa0db31215a14441e11070486bed8a4cee9222c685dd6e"),
    (4, 1, 141, "a3d1f8d57fbad74a78bede1dec860bc61ac48c5e6ba767940db50f73df0d5cfd"),
  ])
  func `an older registry is read as it is, and written after an upgrade`(
    format: Int, reruns: Int, registered: Int, head: String
  ) throws {
    let path = try golden(format)
    let before = try #require(try DurableFile.read("\(path)/registry.sqlite"))
    let reader = try Registry(at: path, access: .readOnly)
    #expect(reader.format == format)
    #expect(try reader.head().hex == head)
    #expect(try reader.check(deep: true).filter { $0.severity == .damage } == [])
    let old = try reader.snapshot()
    #expect(
      old.runs.count == 2 && old.reruns.count == reruns && old.registered.count == registered)
    let selected = try reader.select(RunQuery())
    #expect(selected.runs.count == 2 + registered && selected.head.hex == head)
    #expect(selected.runs.count { $0.verdict == "DIVERGED" } == reruns)
    for run in selected.runs {
      #expect(try reader.details(of: run.summary.id)?.verdict == run.verdict)
    }
    #expect(try reader.chainLogs(newest: 2).allSatisfy(\.isSound))
    #expect(try DurableFile.read("\(path)/registry.sqlite") == before, "reading changes nothing")

    let writer = try Registry(at: path, access: .existing)
    #expect(writer.format == Self.newest)
    #expect(try writer.head().hex == head)
    #expect(try writer.check(deep: true).filter { $0.severity == .damage } == [])
    for run in try writer.snapshot().runs { try writer.verify(run: run.id) }
    // A registered run of format 2 is the same one to this program.
    #expect(try writer.register(Fixture.registered()) == (format == 1))
    try writer.record(
      AnnotationRecord(
        slug: old.runs[0].slug, run: old.runs[0].id, note: "later", circumstances: JSON.Object()))
    #expect(try writer.check(deep: true).filter { $0.severity == .damage } == [])
    mkdir(folder["backup"], 0o755)
    try folder.write(
      "backup/registry.sqlite",
      try #require(try DurableFile.read("\(path)/backups/registry-v\(format).sqlite")))
    #expect(try Registry(at: folder["backup"], access: .readOnly).head().hex == head)
  }

  /// Of the 141 registered runs of format 4 an upgrade takes 128 into the index of terms.
  @Test(arguments: [
    "optimizer.lr = 0.02 and fold = 3", "config.optimizer.name = sgd", "state = failed",
    "name = s77",
    "tag = odd", "tag = good", "client_id in (s3, s139)", "metric.auroc > 0.97", "fold = '2'",
  ])
  func `an upgrade finds what was found before`(text: String) throws {
    let path = try golden(4)
    var query = RunQuery()
    query.condition = try RunConditionParser.parse(text)
    let before = try Registry(at: path, access: .readOnly).select(query).runs.map(\.summary.id)
    let upgraded = try Registry(at: path, access: .existing)
    #expect(try upgraded.select(query).runs.map(\.summary.id) == before && !before.isEmpty)
    let covered = try upgraded.reading { try TermTable.covered($0) }
    #expect(covered == 128)
  }

  @Test func `an older registry is backed up and brought up to date`() throws {
    let old = try Registry(at: folder["r"])
    try Fixture.fill(old)
    let head = try old.head()
    let new = try Registry(
      at: folder["r"], access: .existing, migrations: Schema.migrations + [next])
    #expect(try new.check(deep: true).filter { $0.severity == .damage } == [])
    #expect(try new.head() == head)
    // The backup is a registry of the old format with the same content.
    mkdir(folder["b"], 0o755)
    try folder.write(
      "b/registry.sqlite",
      try #require(try DurableFile.read(folder["r/backups/registry-v\(Self.newest).sqlite"])))
    #expect(try Registry(at: folder["b"]).head() == head)
    // This program no longer reads it.
    #expect(
      throws: RegistryError.newerFormat(
        path: new.database, version: Self.newest + 1, supported: Self.newest)
    ) { _ = try Registry(at: folder["r"]) }
  }

  @Test func `a migration that fails leaves the registry as it was`() throws {
    let old = try Registry(at: folder["r"])
    try Fixture.fill(old)
    let head = try old.head()
    let broken = Migration(
      version: Self.newest + 1,
      statements: next.statements + [
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
