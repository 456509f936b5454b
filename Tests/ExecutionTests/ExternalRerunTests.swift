import Determinism
import Records
import Statistics
import Studies
import Testing

@testable import Execution

@Suite struct `Judging what an owner executed again` {
  private func run(
    _ scalars: [String: Double], loss: [Double] = [1, 2], state: RunState = .completed,
    lr: Double = 0.1
  ) -> RegisteredRunRecord {
    var series = Series()
    for (step, value) in loss.enumerated() { series.append(value, at: step) }
    return RegisteredRunRecord(
      slug: "s", name: "", clientID: "a", config: JSON.Object([("lr", JSON(lr))]), tags: [],
      state: state, parent: nil, notes: "",
      values: RecordedValues(scalars: scalars, series: ["loss": series]),
      circumstances: JSON.Object())
  }

  private func judge(
    _ recorded: RegisteredRunRecord, _ again: RegisteredRunRecord, _ tolerances: [Tolerance] = [],
    verify: () throws -> Void = {}
  ) -> RerunRecord {
    ExternalRerun(recorded: recorded, again: again).judge(
      tolerances: tolerances, circumstances: JSON.Object([("engine", "external")]), verify: verify)
  }

  @Test func `equal bits are EXACT, NaN among them`() {
    let rerun = judge(run(["a": .nan]), run(["a": .nan]))
    #expect(rerun.verdict == .exact && rerun.compared == 3)
    #expect(rerun.circumstances["engine"] == "external" && rerun.firstDivergence == nil)
  }

  @Test func `the first difference is named`() {
    let rerun = judge(run(["a": 1]), run(["a": 2], loss: [1, 2.0.nextUp]))
    #expect(rerun.verdict == .diverged)
    #expect(
      rerun.firstDivergence
        == Divergence(
          stage: "registered", key: "series/loss", step: 1, recorded: "4000000000000000",
          recomputed: "4000000000000001", ulps: 1))
  }

  @Test func `tolerances hold for all that differs, or not at all`() {
    let tolerance = Tolerance(pattern: "registered/*", absolute: 0.5, relative: nil)
    #expect(judge(run(["a": 1]), run(["a": 1.25]), [tolerance]).verdict == .withinTolerance)
    #expect(judge(run(["a": 1]), run(["a": 2]), [tolerance]).verdict == .diverged)
    #expect(judge(run(["a": 1]), run(["b": 1]), [tolerance]).verdict == .diverged)
  }

  @Test func `what was not done to the end, or otherwise, is INCOMPLETE`() {
    #expect(judge(run([:]), run([:], state: .failed)).verdict == .incomplete)
    #expect(judge(run([:]), run([:], lr: 0.2)).note.contains("another config"))
    struct Damage: Error {}
    let damaged = judge(run([:]), run([:]), verify: { throw Damage() })
    #expect(damaged.verdict == .incomplete && damaged.note.contains("the record is damaged"))
  }
}
