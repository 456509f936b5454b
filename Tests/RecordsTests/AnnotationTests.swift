import Determinism
import Testing

@testable import Records

@Suite struct AnnotationTests {
  let folder = Folder()

  @Test func `notes and tags are appended and come back`() throws {
    let registry = try Registry(at: folder["r"])
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    let before = try registry.registeredRun(run.id)?.document
    let first = AnnotationRecord(
      slug: run.slug, run: run.id, note: "*odd* \u{0}é", added: ["z", "b", "z"], removed: ["a"],
      circumstances: JSON.members(["at": "2026-11-21T07:00:00Z"]))
    #expect(first.added == ["b", "z"])
    try registry.record(first)
    try registry.record(
      AnnotationRecord(
        slug: run.slug, run: run.id, added: ["a"], removed: ["z"], circumstances: JSON.Object()))
    #expect(try registry.registeredRun(run.id)?.document == before, "the run's record stays")
    let details = try #require(try registry.details(of: run.id))
    #expect(details.annotations.map(\.document)[0] == first.document)
    #expect(details.tags == ["a", "b"])
    #expect(try registry.snapshot().annotations.count == 2)
    #expect(
      try registry.snapshot().chains.flatMap(\.entries).map(\.kind).suffix(2) == [
        "annotation", "annotation",
      ])
    #expect(try registry.check(deep: true).filter { $0.severity == .damage } == [])
    #expect(try registry.select(RunQuery()).runs.map(\.tags) == [["a", "b"]])
    var query = RunQuery()
    query.condition = try RunConditionParser.parse("tag = b and tag.b = '' and not tag = z")
    #expect(try registry.select(query).runs.count == 1)
  }

  @Test(
    arguments: [
      ("note", 7, "note: expected a text"), ("added", [1], "added/0: expected a text"),
      ("removed", ["x"], "removed: 'x' is put on as well"), ("extra", 1, "extra: unknown member"),
      ("run", "abc", "run: expected 64 hexadecimal digits"),
      ("added", ["y", "x"], "not the canonical document of a annotation"),
    ] as [(String, JSON, String)])
  func `a document that is none is refused`(key: String, value: JSON, message: String) throws {
    var document = try #require(
      AnnotationRecord(
        slug: "s", run: Digest(of: "r"), added: ["x"], circumstances: JSON.Object()
      ).document.object)
    document[key] = value
    let error = #expect(throws: RecordFormatError.self) {
      try AnyRecord(document: .object(document))
    }
    #expect(error?.description == message)
  }

  @Test func `a damaged annotation is found`() throws {
    guard SQLiteProgram.isInstalled else { return }
    let registry = try Registry(at: folder["r"])
    let run = try Fixture.fill(registry)[0]
    try registry.record(
      AnnotationRecord(slug: run.slug, run: run.id, note: "before", circumstances: JSON.Object()))
    try SQLiteProgram.run(
      registry.database,
      """
      DROP TRIGGER annotation_refuses_update;
      UPDATE annotation SET note = 'after';
      """)
    let findings = try Registry(at: folder["r"], access: .readOnly).check(deep: false)
    #expect(findings.contains { $0.place.contains("annotation") && $0.message.contains("hash") })
    let log = try Registry(at: folder["r"], access: .readOnly).chainLogs(newest: 1)
    #expect(log.map(\.isSound) == [false] && log[0].firstBreak == nil)
  }

  @Test func `the log begins at the end and follows every link`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    #expect(try registry.register(Fixture.registered(), artifacts: Fixture.registeredArtifacts))
    let chains = try registry.snapshot().chains.sorted { $0.slug < $1.slug }
    let log = try registry.chainLogs(newest: 3)
    #expect(log.map(\.slug) == chains.map(\.slug))
    for (shown, chain) in zip(log, chains) {
      #expect(shown.isSound && shown.length == chain.entries.count && shown.head == chain.head)
      #expect(shown.newest.map(\.link) == chain.entries.suffix(3).reversed().map(\.link))
    }
    #expect(try registry.chainLogs(slug: "elsewhere", newest: 0).map(\.newest.count) == [0])
    guard SQLiteProgram.isInstalled else { return }
    try SQLiteProgram.run(
      registry.database,
      """
      DROP TRIGGER ledger_refuses_update;
      UPDATE ledger SET link = record WHERE position = 1 AND chain = (SELECT id FROM chain WHERE slug = 'toy-study');
      """)
    let broken = try Registry(at: folder["r"], access: .readOnly).chainLogs(newest: 1)
    #expect(broken.first { $0.slug == "toy-study" }?.firstBreak == 1)
  }
}
