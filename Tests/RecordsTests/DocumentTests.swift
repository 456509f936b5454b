import Determinism
import Statistics
import Studies
import Testing

@testable import Records

@Suite struct DocumentTests {
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `a document becomes its record and the same document again`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "documents")
    let stage = StageRecord(
      step: Fixture.step(
        seed: stream.next(), inputs: stream.bool() ? ["model": Digest(of: "\(seed)")] : [:]),
      values: Fixture.values(&stream),
      circumstances: JSON.members(["seconds": JSON(stream.element(of: awkwardDoubles))]))
    let record = AnyRecord.stage(stage)
    let bytes = record.document.canonicalBytes
    let read = try AnyRecord(document: try JSON(parsing: bytes))
    #expect(read.document.canonicalBytes == bytes, "seed \(seed)")
    #expect(read.digest == record.digest)
  }

  @Test func `every kind of record survives the way through the database`() throws {
    let folder = Folder()
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    try registry.record(
      AnnotationRecord(
        slug: run.slug, run: run.id, note: "seen", added: ["t"], removed: ["b"],
        circumstances: JSON.members(["at": "2026-11-21T07:00:00Z"])))
    _ = try registry.collect(
      GarbageRules(before: .max, weights: true), circumstances: JSON.Object())
    let snapshot = try registry.snapshot()
    var kinds: Set<String> = []
    for entry in snapshot.chains.flatMap(\.entries) {
      let kind = try #require(AnyRecord.Kind(rawValue: entry.kind))
      let document = try registry.record(kind, entry.record).document
      let bytes = document.canonicalBytes
      #expect(Digest(of: bytes) == entry.record)
      #expect(try AnyRecord(document: JSON(parsing: bytes)).document.canonicalBytes == bytes)
      kinds.insert(entry.kind)
    }
    #expect(kinds.count == AnyRecord.Kind.allCases.count)
  }

  /// A stage's document with one value put in another's place.
  private func stage(_ path: [String], _ value: JSON?) -> JSON {
    let record = StageRecord(
      step: Fixture.step(), values: Fixture.richValues, circumstances: JSON.Object())
    return Self.set(record.document, path[...], value)
  }

  private static func set(_ document: JSON, _ path: ArraySlice<String>, _ value: JSON?) -> JSON {
    var object = document.object ?? JSON.Object()
    guard let first = path.first else { return value ?? .null }
    object[first] =
      path.count == 1 ? value : set(object[first] ?? .null, path.dropFirst(), value)
    return .object(object)
  }

  @Test(
    arguments: [
      (["record"], "shell" as JSON, "record: unknown kind of record 'shell'"),
      (["step", "seed"], -1, "step/seed: expected a seed"),
      (["step", "kind"], 7, "step/kind: expected a text"),
      (["step", "inputs"], ["model": "abc"], "step/inputs/model: expected 64 hexadecimal digits"),
      (["step", "shell"], "rm", "step/shell: unknown member"),
      (["values", "scalars", "v0"], 1, "values/scalars/v0: expected a double"),
      (
        ["values", "scalars"], ["é": 1.0, "e\u{301}": 2.0],
        "values/scalars/é: the same name as another, in other bytes"
      ),
      (
        ["values", "series", "loss", "steps"], [2, 1], "values/series/loss: 2 steps for 25 values"
      ),
      (
        ["values", "series", "loss", "values"], "3ff",
        "values/series/loss/values: expected 16 hexadecimal digits for each double"
      ),
      (
        ["values", "series", "loss"],
        ["steps": [2, 1], "values": "00000000000000000000000000000000"],
        "values/series/loss/steps: steps do not rise"
      ),
      (
        ["values", "curves", "danger/swap", "tp"], [1, 2, 3, 9],
        "values/curves/danger/swap/tp: counts do not rise from 0 to 4"
      ),
      (
        ["values", "curves", "danger/swap", "fp"], [1, 0, 1, 3],
        "values/curves/danger/swap/fp: counts do not rise from 0 to 3"
      ),
      (
        ["values", "curves", "danger/swap", "thresholds"], "7ff8000000000000",
        "values/curves/danger/swap/tp: 4 counts for 1 thresholds"
      ),
      (
        ["values", "artifacts", "scores", "role"], "loved",
        "values/artifacts/scores/role: expected 'kept' or 'remade'"
      ),
      (
        ["values", "artifacts", "scores", "sha256"], "../../etc/passwd",
        "values/artifacts/scores/sha256: expected 64 hexadecimal digits"
      ),
      (
        ["values", "artifacts", "scores", "size"], -1,
        "values/artifacts/scores/size: expected a count"
      ),
      (["circumstances"], .null, "circumstances: expected an object"),
    ] as [([String], JSON, String)])
  func `a document that is no record is refused with its place`(
    path: [String], value: JSON, message: String
  ) {
    let error = #expect(throws: RecordFormatError.self) {
      _ = try AnyRecord(document: stage(path, value))
    }
    #expect(error?.description == message)
  }

  @Test func `a missing member is named`() {
    for path in [["values"], ["step", "options"], ["values", "curves"]] {
      #expect(throws: RecordFormatError(path.joined(separator: "/"), "missing")) {
        _ = try AnyRecord(document: stage(path, nil))
      }
    }
  }
}
