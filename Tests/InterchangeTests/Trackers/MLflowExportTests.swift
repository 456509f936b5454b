import Determinism
import Records
import Statistics
import Studies
import Testing

@testable import Interchange

/// What MLflow itself reads in an export is compared by `Tests/Golden/make/mlflow_export.py`.
@Suite struct MLflowExportTests {
  let folder = Folder()

  private func imported(_ path: String, into name: String) throws -> Registry {
    let registry = try Registry(at: folder[name])
    var options = ForeignOptions()
    options.study = "one"
    options.withDeleted = true
    for run in try TrackerFixture.runs(path, options: options).runs {
      _ = try registry.register(run)
    }
    return registry
  }

  @Test(arguments: ["mlflow/store/mlflow.db", "mlflow/mlruns"])
  func `a run from MLflow goes back with its id, its numbers and its times`(store: String) throws {
    let first = try imported("\(TrackerFixture.golden)/\(store)", into: "first")
    let summary = try MLflowExport(try first.snapshot(), slug: "one").write(to: folder["out"])
    #expect(summary.runs == 6)
    let second = try imported(folder["out/mlflow.db"], into: "second")
    let before = try first.snapshot().registeredRecords()
    let after = try second.snapshot().registeredRecords()
    #expect(before.map(\.clientID) == after.map(\.clientID))
    let keepsInfinities = store.hasSuffix(".db")
    #expect(summary.remarks.isEmpty == keepsInfinities)
    for (one, other) in zip(before, after) {
      #expect(one.id == other.id && one.name == other.name && one.notes == other.notes)
      #expect(one.config == other.config && one.state == other.state && one.parent == other.parent)
      #expect(one.tags == other.tags)
      #expect(one.circumstances["times"] == other.circumstances["times"])
      #expect(Set(one.values.artifacts.keys) == Set(other.values.artifacts.keys))
      guard keepsInfinities else { continue }
      #expect(one.values.document == other.values.document)
    }
  }

  @Test func `what MLflow cannot keep is counted and said`() throws {
    let registry = try Registry(at: folder["registry"])
    var series = Series()
    series.append(-.infinity, at: 0)
    series.append(-0.0, at: 5)
    series.append(.nan, at: 7)
    let curve = try ROCCurve(scores: [0.1, 0.9, 0.4, 0.8], labels: [false, true, true, false])
    let run = RegisteredRunRecord(
      slug: "s", name: "näme", clientID: "a",
      config: JSON.members(["deep": ["lr": 0.001, "list": [1, 2]], "on": true]),
      tags: ["plain", "team=red=blue"], state: .failed, parent: nil, notes: "*hi*",
      values: RecordedValues(
        scalars: ["loss": 0.25, "auroc": 0.75], series: ["loss": series], curves: ["roc": curve]),
      circumstances: JSON.members(["times": ["started": "2026-11-20T23:41:05.25+01:00"]]))
    _ = try registry.register(run)
    let summary = try MLflowExport(try registry.snapshot(), slug: "s").write(to: folder["s.db"])
    #expect(
      summary.remarks == [
        "artifacts need a folder: --to FOLDER",
        "1 infinite values: MLflow keeps ±1.7976931348623157e+308 instead",
        "1 values -0.0: MLflow keeps 0.0 instead",
      ])
    let back = try #require(try TrackerFixture.runs(folder["s.db"]).runs.first).record
    #expect(back.clientID == "mlflow:\(run.id.hex.prefix(32))")
    #expect(
      back.config
        == JSON.members(["deep.lr": 0.001, "deep.list": "[1,2]", "on": true]))
    #expect(back.tags == ["plain", "team=red=blue"])
    #expect(back.name == "näme" && back.notes == "*hi*" && back.state == .failed)
    #expect(back.values.scalars["auroc"] == 0.75 && back.values.scalars["loss.single"] == 0.25)
    #expect(back.values.scalars["roc/auroc"]?.bitPattern == curve.auroc.bitPattern)
    let bits = back.values.series["loss"]?.values.map(TrackerFixture.bits)
    #expect(bits == [-Double.greatestFiniteMagnitude, 0.0, .nan].map(TrackerFixture.bits))
    #expect(back.importedFrom?["start_time"] == 1_795_214_465_250)
    #expect(back.importedFrom?["lost"]?.array?.count == 2)
  }

  @Test func `a performed run becomes one with its stages' numbers`() throws {
    let fixture = try ArchiveFixture()
    let snapshot = try fixture.registry.snapshot()
    let summary = try MLflowExport(snapshot, slug: fixture.slug).write(to: folder["out"])
    #expect(summary.runs == snapshot.runs.count && summary.runs > 0)
    let runs = try TrackerFixture.runs(folder["out"] + "/mlflow.db").runs.map(\.record)
    #expect(runs.count == summary.runs)
    for run in snapshot.runs {
      let back = try #require(
        runs.first { $0.clientID == "mlflow:\(run.id.hex.prefix(32))" })
      #expect(back.config["arm"]?.string == run.run.arm)
      for reference in run.run.stages {
        for (name, value) in try #require(snapshot.stages[reference.key]).scalars
        where value.isFinite && value != 0 {
          let kept = try #require(back.values.scalars["\(reference.name)/\(name)"])
          #expect(kept.bitPattern == value.bitPattern)
        }
      }
    }
  }

  @Test func `nothing that is there is replaced, and a failed export leaves nothing`() throws {
    let registry = try Registry(at: folder["registry"])
    let snapshot = try registry.snapshot()
    try TrackerFixture.write("mine", to: folder["there/file"])
    try TrackerFixture.write("mine", to: folder["there.db"])
    for path in ["there", "there.db"] {
      #expect(
        throws: ForeignProblem(
          folder[path], "is there already, and is not replaced", hint: "name a new folder or file")
      ) { try MLflowExport(snapshot, slug: "s").write(to: folder[path]) }
    }
    #expect(
      throws: (any Error).self
    ) { try MLflowExport(snapshot, slug: "s").write(to: folder["there.db/below"]) }
    #expect(Path.names(in: folder.path) == ["registry", "there", "there.db"])
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-21T07:45:53.5Z", 1_795_247_153_500),
    ("2000-02-29T23:59:59.999+00:30", 951_866_999_999), ("1969-12-31T23:59:59Z", -1000),
  ])
  func `times are milliseconds`(text: String, milliseconds: Int) {
    #expect(MLflowExportedRun.milliseconds(JSON(text)) == milliseconds)
  }
}
