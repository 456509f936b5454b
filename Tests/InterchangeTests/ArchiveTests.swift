import Determinism
import Glibc
import Studies
import Testing

@testable import Interchange
@testable import Records

@Suite struct ArchiveTests {
  @Test(arguments: [false, true])
  func `the export of an imported archive is the archive`(withWeights: Bool) throws {
    let fixture = try ArchiveFixture()
    let summary = try fixture.export(withWeights: withWeights)
    // A study, three stages, two runs, a freeze, an assessment, a rerun.
    #expect(summary.records == 9)
    #expect(summary.artifacts == (withWeights ? 2 : 1))
    let other = try Registry(at: fixture.folder["other"])
    let archive = try ArchiveReader(fixture.folder["archive"])
    let imported = try archive.import(into: other)
    #expect(imported.records == 9)
    #expect(imported.artifacts == summary.artifacts)
    try ArchiveWriter(try other.snapshot(), slug: fixture.slug, withWeights: withWeights)
      .write(to: fixture.folder["again"])
    let files = try fixture.folder.files("archive")
    #expect(files.count == 2 + summary.artifacts)
    #expect(try fixture.folder.files("again") == files)
    #expect(files.values.map(\.count).reduce(0, +) == summary.bytes)
  }

  @Test func `an import copies chains verbatim and appends nothing`() throws {
    let fixture = try ArchiveFixture()
    try fixture.export()
    let other = try Registry(at: fixture.folder["other"])
    let archive = try ArchiveReader(fixture.folder["archive"])
    _ = try archive.import(into: other)
    let (here, there) = (try fixture.registry.snapshot(), try other.snapshot())
    #expect(there.head == here.head)
    #expect(there.chains.map(\.entries) == here.chains.map(\.entries))
    #expect(there.runs.map(\.document) == here.runs.map(\.document))
    #expect(there.states == here.states)
    #expect(other.origin != fixture.registry.origin)
    #expect(try other.check(deep: true).map(\.severity) == [.notHeld])
    for run in fixture.runs { try other.verify(run: run.id) }
    // Again adds nothing.
    #expect(try archive.import(into: other) == Registry.Imported())
    #expect(try other.head() == here.head)
    // Nor does importing where it came from.
    #expect(try archive.import(into: fixture.registry) == Registry.Imported())
  }

  @Test func `notes and tags travel with their runs`() throws {
    let fixture = try ArchiveFixture()
    try fixture.registry.record(
      AnnotationRecord(
        slug: fixture.slug, run: fixture.runs[0].id, note: "*seen*", added: ["good"],
        circumstances: JSON.members(["at": "2026-11-21T07:00:00Z"])))
    try fixture.export()
    let other = try Registry(at: fixture.folder["other"])
    _ = try ArchiveReader(fixture.folder["archive"]).import(into: other)
    #expect(try other.head() == fixture.registry.head())
    let details = try #require(try other.details(of: fixture.runs[0].id))
    #expect(details.tags == ["good"] && details.annotations.map(\.note) == ["*seen*"])
    #expect(try other.check(deep: true).filter { $0.severity == .damage } == [])
  }

  @Test func `a longer archive of the same chain adds what is new`() throws {
    let fixture = try ArchiveFixture()
    try fixture.export("short")
    let other = try Registry(at: fixture.folder["other"])
    _ = try ArchiveReader(fixture.folder["short"]).import(into: other)
    try fixture.registry.record(
      RerunRecord(
        slug: fixture.slug, run: fixture.runs[1].id, verdict: .diverged, firstDivergence: nil,
        compared: 1, notChecked: ["x"], note: "later", circumstances: JSON.Object()))
    try fixture.export("long")
    #expect(
      try ArchiveReader(fixture.folder["long"]).import(into: other).records == 1)
    #expect(try other.head() == fixture.registry.head())
    // The shorter one is still a part of what is here.
    #expect(
      try ArchiveReader(fixture.folder["short"]).import(into: other) == Registry.Imported())
  }

  @Test func `a second registry's rerun is a chain of its own, and both travel`() throws {
    let fixture = try ArchiveFixture()
    try fixture.export()
    let reader = try Registry(at: fixture.folder["reader"])
    _ = try ArchiveReader(fixture.folder["archive"]).import(into: reader)
    try reader.record(
      RerunRecord(
        slug: fixture.slug, run: fixture.runs[0].id, verdict: .exact, firstDivergence: nil,
        compared: 9, notChecked: [], note: "by another person", circumstances: JSON.Object()))
    try ArchiveWriter(try reader.snapshot(), slug: fixture.slug).write(
      to: fixture.folder["returned"])
    let returned = try ArchiveReader(fixture.folder["returned"])
    #expect(returned.chains.count == 2)
    #expect(try returned.import(into: fixture.registry).records == 1)
    #expect(try fixture.registry.head() == reader.head())
    #expect(try fixture.registry.snapshot().reruns.count == 2)
  }

  @Test func `histories that have parted are not joined`() throws {
    let fixture = try ArchiveFixture()
    try fixture.export()
    // The registry goes back to a backup and takes another way from there.
    let backup = try Registry(at: fixture.folder["backup"])
    _ = try ArchiveReader(fixture.folder["archive"]).import(into: backup)
    for (registry, note) in [(fixture.registry, "one"), (backup, "other")] {
      try registry.writing { db in
        let rerun = RerunRecord(
          slug: fixture.slug, run: fixture.runs[0].id, verdict: .exact, firstDivergence: nil,
          compared: 1, notChecked: [], note: note, circumstances: JSON.Object())
        let record = AnyRecord.rerun(rerun)
        try RecordTable.insert(record, record.digest, db)
        try LedgerTable.append(
          .rerun, record.digest, origin: fixture.registry.origin, slug: fixture.slug, db)
      }
    }
    try fixture.export("parted")
    #expect(
      throws: RegistryError.divergingChain(
        slug: fixture.slug, origin: fixture.registry.origin, position: 9)
    ) { _ = try ArchiveReader(fixture.folder["parted"]).import(into: backup) }
  }

  @Test func `other values under a stage key that is here are a determinism alarm`() throws {
    let fixture = try ArchiveFixture()
    try fixture.export()
    let other = try Registry(at: fixture.folder["other"])
    let key = fixture.runs[0].run.stages[0].key
    let step = try #require(try fixture.registry.stage(key)).step
    _ = try other.record(
      stage: step, values: StageValues(scalars: ["r1": 0.2]), circumstances: JSON.Object(),
      slug: "elsewhere")
    let before = try other.head()
    #expect(throws: RegistryError.self) {
      _ = try ArchiveReader(fixture.folder["archive"]).import(into: other)
    }
    #expect(try other.head() == before)
    #expect(try other.snapshot().runs.isEmpty)
  }

  @Test func `equal values under other circumstances live side by side`() throws {
    let fixture = try ArchiveFixture()
    try fixture.export()
    let key = fixture.runs[0].run.stages[0].key
    let stage = try #require(try fixture.registry.stage(key))
    let other = try Registry(at: fixture.folder["other"])
    _ = try other.record(
      stage: stage.step,
      values: StageValues(
        scalars: stage.scalars, series: stage.series, curves: stage.curves,
        artifacts: [
          "scores": Artifact(role: .kept, mediaType: "text/csv", bytes: ArchiveFixture.scores),
          "weights": Artifact(role: .remade, mediaType: "x/weights", bytes: ArchiveFixture.weights),
        ]), circumstances: JSON.members(["seconds": 99.0]), slug: "mine")
    _ = try ArchiveReader(fixture.folder["archive"]).import(into: other)
    #expect(try other.check(deep: true) == [])
    try ArchiveWriter(try other.snapshot(), slug: fixture.slug).write(to: fixture.folder["again"])
    #expect(try fixture.folder.files("again") == fixture.folder.files("archive"))
  }

  @Test func `an archive is replaced whole, and nothing else is`() throws {
    let fixture = try ArchiveFixture()
    try fixture.export()
    let before = try fixture.folder.files("archive")
    try fixture.export()
    #expect(try fixture.folder.files("archive") == before)
    #expect(Path.names(in: fixture.folder.path) == ["archive", "r"])
    mkdir(fixture.folder["mine"], 0o755)
    try DurableFile.write([1], to: fixture.folder["mine/thesis.tex"])
    let error = #expect(throws: ArchiveError.self) { try fixture.export("mine") }
    #expect(error?.problem == "\(fixture.folder["mine"]): holds other files, and is not replaced")
    #expect(throws: ArchiveError.self) {
      try ArchiveWriter(try fixture.registry.snapshot(), slug: "unknown")
        .write(to: fixture.folder["none"])
    }
    #expect(Path.kind(of: fixture.folder["none"]) == .missing)
  }

  @Test func `weights that are not held are counted, kept artifacts are required`() throws {
    let fixture = try ArchiveFixture()
    let objects = fixture.registry.objects
    unlink(objects.path(of: Digest(of: ArchiveFixture.weights)))
    #expect(try fixture.export(withWeights: true).notHeld == 1)
    let scores = Digest(of: ArchiveFixture.scores)
    unlink(objects.path(of: scores))
    #expect(throws: RegistryError.notHeld(scores)) { try fixture.export("broken") }
    #expect(Path.names(in: fixture.folder.path) == ["archive", "r"])
  }
}
