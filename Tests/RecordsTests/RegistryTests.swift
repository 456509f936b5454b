import Determinism
import Studies
import Testing

@testable import Records

@Suite struct RegistryTests {
  let folder = Folder()

  @Test func `a stage comes back with the bits it was recorded with`() throws {
    let registry = try Registry(at: folder["r"])
    let step = Fixture.step(seed: .max)
    let recorded = try registry.record(
      stage: step, values: Fixture.richValues, circumstances: JSON.members(["seconds": 0.1]),
      slug: "s")
    let read = try #require(try Registry(at: folder["r"]).stage(step.key))
    #expect(read.document.canonicalBytes == recorded.document.canonicalBytes)
    #expect(read.valuesDigest == Fixture.richValues.digest)
    #expect(try registry.artifact(Digest(of: [0, 1, 2, 255])) == [0, 1, 2, 255])
    #expect(try registry.stage(Fixture.step(seed: 2).key) == nil)
  }

  @Test func `a second result with other values is a determinism alarm`() throws {
    let registry = try Registry(at: folder["r"])
    let step = Fixture.step()
    let first = try registry.record(
      stage: step, values: Fixture.richValues, circumstances: JSON.Object(), slug: "s")
    // Equal values under other circumstances: the record of the first stands.
    let again = try registry.record(
      stage: step, values: Fixture.richValues, circumstances: JSON.members(["seconds": 9.0]),
      slug: "s")
    #expect(again.document == first.document)
    var other = Fixture.richValues
    other.scalars["v0"] = -0.0
    #expect(
      throws: RegistryError.conflictingStage(
        key: step.key, kind: "toy", recorded: Fixture.richValues.digest, offered: other.digest)
    ) {
      _ = try registry.record(
        stage: step, values: other, circumstances: JSON.Object(), slug: "s")
    }
  }

  @Test func `everything recorded is in the snapshot, of another connection too`() throws {
    let registry = try Registry(at: folder["r"])
    let runs = try Fixture.fill(registry)
    let snapshot = try Registry(at: folder["r"], access: .readOnly).snapshot()
    #expect(snapshot.runs.map(\.id) == Snapshot.sorted(runs).map(\.id))
    #expect(runs.allSatisfy { snapshot.states[$0.id] == .completed })
    #expect(snapshot.studies.count == 1)
    #expect(snapshot.stages.count == 4)
    #expect(snapshot.freezes.count == 1)
    #expect(snapshot.assessments.map(\.result) == [.inconclusive])
    #expect(snapshot.reruns.map(\.verdict) == [.diverged])
    #expect(snapshot.chains.map(\.firstBreak) == [nil])
    // A study, four stages, two runs, a freeze, an assessment, a rerun.
    #expect(snapshot.chains[0].entries.count == 10)
    #expect(snapshot.head == (try registry.head()))
    for entry in snapshot.chains[0].entries {
      let kind = try #require(AnyRecord.Kind(rawValue: entry.kind))
      #expect(try snapshot.record(kind, entry.record).digest == entry.record)
    }
  }

  @Test func `a stage that another study performed is in the chain of each run's study`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry, slug: "first")
    try Fixture.fill(registry, slug: "second")
    let snapshot = try registry.snapshot()
    for chain in snapshot.chains {
      #expect(chain.entries.count(where: { $0.kind == "stage" }) == 4)
    }
    #expect(snapshot.stages.count == 4)
  }

  @Test func `resume points replace one another and go when the stage is recorded`() throws {
    let registry = try Registry(at: folder["r"])
    let step = Fixture.step()
    #expect(try registry.resumePoint(step.key) == nil)
    for number in [10, 20] {
      let point = ResumePoint(step: number, bytes: [0, 10, UInt8(number)])
      try registry.save(point, for: step.key)
      #expect(try registry.resumePoint(step.key) == point)
    }
    // A damaged one counts as none.
    let file = folder["r/resume/\(step.key.hex)"]
    var bytes = try #require(try DurableFile.read(file))
    bytes[bytes.count - 1] ^= 0xFF
    try DurableFile.write(bytes, to: file)
    #expect(try registry.resumePoint(step.key) == nil)
    _ = try registry.record(
      stage: step, values: StageValues(), circumstances: JSON.Object(), slug: "s")
    #expect(Path.kind(of: file) == .missing)
  }

  @Test func `a name with a NUL in it is kept whole`() throws {
    let registry = try Registry(at: folder["r"])
    let step = Fixture.step(kind: "a\u{0}b")
    let values = StageValues(scalars: ["x\u{0}y": 1, "x": 2, "e\u{301}": 3])
    let record = try registry.record(
      stage: step, values: values, circumstances: JSON.Object(), slug: "s\u{0}t")
    #expect(try registry.stage(step.key)?.document == record.document)
    #expect(try registry.snapshot().chains.map(\.slug) == ["s\u{0}t"])
  }
}
