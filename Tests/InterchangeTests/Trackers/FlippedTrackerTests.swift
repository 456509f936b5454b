import Determinism
import Foundation
import Records
import Testing

@testable import Interchange

/// Bytes changed at random: runs or located problems, never a crash.
@Suite struct FlippedTrackerTests {
  let folder = Folder()

  @Test(arguments: ["run.json", "config.json", "metrics.json"])
  func `Sacred's files with flipped bytes`(file: String) throws {
    try TrackerFixture.copy("sacred/runs", to: folder["runs"])
    try flip(folder["runs/1/\(file)"], of: folder["runs"], mostRuns: 2)
  }

  @Test func `MLflow's files with flipped bytes`() throws {
    try TrackerFixture.copy("mlflow/mlruns", to: folder["mlruns"])
    let source = try #require(
      try TrackerFixture.runs(folder["mlruns"]).runs.first { $0.record.name == "wide" }?.record
        .importedFrom)
    let experiment = try #require(source["experiment_id"]?.string)
    let id = try #require(source["run_uuid"]?.string)
    for file in ["meta.yaml", "metrics/special", "metrics/train/loss", "params/long"] {
      try flip(
        folder["mlruns/\(experiment)/\(id)/\(file)"], of: folder["mlruns"], mostRuns: 6)
    }
  }

  @Test(arguments: ["table.csv", "table.jsonl"])
  func `tables with flipped bytes`(file: String) throws {
    let text =
      file == "table.csv"
      ? "run,step,loss,note\na,0,0.5,\"x, y\"\na,1,nan,\"x, y\"\nb,0,1e-5,z\n"
      : #"{"run": "a", "step": 0, "loss": 0.5}"# + "\n" + #"{"run": "a", "step": 1, "loss": NaN}"#
        + "\n"
    try TrackerFixture.write(text, to: folder[file])
    try flip(folder[file], of: folder[file], mostRuns: 4)
  }

  private func flip(_ file: String, of store: String, mostRuns: Int) throws {
    let whole = try #require(try DurableFile.read(file))
    let name = file.replacing(folder.path, with: "")
    var told = 0
    for seed in 0..<150 as Range<UInt64> {
      var random = RandomStream(seed: seed, "flips")
      var bytes = whole
      for _ in 0...(random.next() % 3) {
        bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(
          truncatingIfNeeded: random.next() | 1)
      }
      try TrackerFixture.write(bytes, to: file)
      let (problems, runs) = TrackerFixture.story(store)
      #expect(runs <= mostRuns, "\(name), seed \(seed)")
      for problem in problems {
        #expect(problem.file.hasPrefix(folder.path), "\(name), seed \(seed): \(problem)")
      }
      told += problems.isEmpty ? 0 : 1
    }
    // A text may hold any bytes that are UTF-8; each of these files is refused at times.
    #expect(told > 0, "\(name)")
    try TrackerFixture.write(whole, to: file)
  }
}
