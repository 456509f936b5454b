import Determinism
import Records
import Testing

@testable import Interchange

/// Runs that Sacred's FileStorageObserver wrote, against the values that went in (`sacred_runs.py`).
@Suite struct SacredTests {
  static let runs = "\(TrackerFixture.golden)/sacred/runs"
  let folder = Folder()

  private func changed(_ file: String, _ text: String) throws -> ForeignProblem? {
    try TrackerFixture.copy("sacred/runs", to: folder["runs"])
    try TrackerFixture.write(text, to: folder["runs/1/\(file)"])
    let story = TrackerFixture.story(folder["runs"])
    #expect(story.runs == 1, "the other run is no worse for it")
    #expect(story.problems.count == 1)
    return story.problems.first
  }

  @Test func `every point is what was logged, bit for bit`() throws {
    let runs = try TrackerFixture.runs(Self.runs).runs
    let bytes = try #require(
      try DurableFile.read("\(TrackerFixture.golden)/sacred/expected.json"))
    let expected = try #require(try JSON(parsing: bytes).array)
    #expect(runs.count == 2 && expected.count == 2)
    var points = 0
    for (run, one) in zip(runs, expected) {
      let metrics = try #require(one["metrics"]?.object)
      for member in metrics.members {
        let series = try #require(run.record.values.series[member.key.value])
        let logged = try #require(member.value.array)
        #expect(series.steps == logged.compactMap { $0.array?[0].int })
        let bits = try logged.map { try TrackerFixture.bits($0.array?[1]) }
        #expect(series.values.map(TrackerFixture.bits) == bits, "\(member.key.value)")
        points += logged.count
      }
      #expect(run.record.values.series.count == metrics.count)
    }
    #expect(points == 20)
  }

  @Test func `ids, states, times and configs come along; hosts and folders do not`() throws {
    let runs = try TrackerFixture.runs(Self.runs).runs.map(\.record)
    #expect(runs.map(\.state) == [.completed, .failed])
    #expect(runs.map(\.slug) == ["year-backdoor", "year-backdoor"])
    #expect(runs[0].values.scalars["result"] == 0.75 && runs[1].values.scalars["result"] == nil)
    #expect(runs[0].config["optimizer"]?["lr"] == 0.001 && runs[0].config["layers"] == [4, 8])
    for (index, run) in runs.enumerated() {
      let started = try #require(run.importedFrom?["start_time"]?.string)
      #expect(run.clientID == "sacred:\(index + 1)@\(started)")
      #expect(run.circumstances["times"]?["started"]?.string == "\(started)Z")
      #expect(Set(run.values.artifacts.keys) == ["metrics.json", "notes.txt"])
      let text = run.document.canonicalText
      #expect(!text.contains("somewhere") && !text.contains("elsewhere"))
    }
    #expect(runs[1].importedFrom?["error"] == "ValueError: diverged\n")
  }

  @Test func `one run's folder is a store of one run`() throws {
    let runs = try TrackerFixture.runs("\(Self.runs)/2").runs
    #expect(runs.count == 1)
    let both = try TrackerFixture.runs(Self.runs).runs
    #expect(runs[0].record.id == both[1].record.id)
  }

  @Test(arguments: [
    ("metrics.json", "{", ":1:2: "),
    ("metrics.json", #"{"loss": 1}"#, "metric 'loss': needs 'steps' and 'values'"),
    (
      "metrics.json", #"{"loss": {"steps": [1, 2], "values": [1]}}"#,
      "metric 'loss': 2 steps for 1 values"
    ),
    (
      "metrics.json", #"{"loss": {"steps": ["x"], "values": [1]}}"#,
      "metric 'loss': step 1 is"
    ),
    ("run.json", "[]", ":1:1: expected a JSON object"),
    ("config.json", "", ":1:1: "),
  ])
  func `a damaged file is told with its place, and the other run is read`(
    file: String, text: String, message: String
  ) throws {
    let problem = try #require(try changed(file, text))
    #expect(problem.file.hasSuffix("runs/1/\(file)"))
    #expect(problem.problem.contains(message), "\(problem.problem)")
  }

  @Test func `artifacts that lead out of the run's folder are not read`() throws {
    try TrackerFixture.copy("sacred/runs", to: folder["runs"])
    try TrackerFixture.write("secret", to: folder["secret.txt"])
    try TrackerFixture.write(
      #"{"artifacts": ["../../secret.txt", "/etc/passwd", 7], "status": "RUNNING"}"#,
      to: folder["runs/1/run.json"])
    let run = try TrackerFixture.runs(folder["runs"]).runs[0]
    #expect(Array(run.record.values.artifacts.keys) == ["metrics.json"])
    #expect(run.record.state == .interrupted)
    #expect(run.remarks.filter { $0.contains("leads out of the run's folder") }.count == 2)
  }
}
