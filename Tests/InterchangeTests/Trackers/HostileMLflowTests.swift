import Determinism
import Foundation
import Records
import Testing

@testable import Interchange

/// Stores that are damaged, or made to harm whoever reads them: a located problem, and no crash.
@Suite struct HostileMLflowTests {
  let folder = Folder()
  private static let database = "mlflow/store/mlflow.db"

  // MARK: The database

  @Test func `a database cut off at any page is refused or read, never trusted`() throws {
    let whole = try #require(try DurableFile.read("\(TrackerFixture.golden)/\(Self.database)"))
    let file = folder["cut.db"]
    for size in stride(from: 0, to: whole.count, by: 1024) {
      for extra in [0, 300] where size + extra < whole.count {
        try TrackerFixture.write(Array(whole[..<(size + extra)]), to: file)
        let (problems, runs) = TrackerFixture.story(file)
        #expect(runs == 0, "\(size + extra) bytes")
        if size + extra >= 16 {
          #expect(problems.count == 1 && problems[0].file == file && problems[0].hint != nil)
        } else {
          #expect(problems.isEmpty, "no tool's file at all")
        }
      }
    }
  }

  @Test(arguments: 0..<4)
  func `flipped bytes give runs or problems`(seed: UInt64) throws {
    let whole = try #require(try DurableFile.read("\(TrackerFixture.golden)/\(Self.database)"))
    let file = folder["flipped.db"]
    var random = RandomStream(seed: seed, "flips")
    var told = 0
    for _ in 0..<60 {
      var bytes = whole
      for _ in 0..<4 {
        bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(random.next() & 255)
      }
      try TrackerFixture.write(bytes, to: file)
      let (problems, runs) = TrackerFixture.story(file)
      #expect(runs <= 6)
      for problem in problems { #expect(problem.file == file, "seed \(seed): \(problem)") }
      told += problems.isEmpty ? 0 : 1
    }
    #expect(told > 0, "seed \(seed)")
  }

  @Test func `what is no database of MLflow is said to be none`() throws {
    try TrackerFixture.write([], to: folder["empty.db"])
    try TrackerFixture.write("hello", to: folder["text.db"])
    try TrackerFixture.sqlite(folder["other.db"], "CREATE TABLE runs (id); CREATE TABLE t (x);")
    for name in ["empty.db", "text.db", "other.db"] {
      #expect(try ForeignStores.kind(of: folder[name]) == nil)
    }
    #expect(throws: ForeignProblem.self) { try ForeignStores.kind(of: folder["missing.db"]) }
    func refusal(_ name: String) -> String {
      do {
        _ = try MLflowDatabase(path: folder[name], options: ForeignOptions())
        return "read"
      } catch { return error.problem.replacing("\(folder.path)/", with: "") }
    }
    #expect(refusal("empty.db") == "empty.db: byte 0: is no SQLite database")
    #expect(refusal("text.db") == "text.db: byte 0: is no SQLite database")
    #expect(refusal("other.db") == "other.db: table experiments: is missing")
    try TrackerFixture.copy(Self.database, to: folder["mlflow.db"])
    try TrackerFixture.sqlite(folder["mlflow.db"], "ALTER TABLE metrics RENAME COLUMN value TO v;")
    #expect(refusal("mlflow.db") == "mlflow.db: table metrics: has no column 'value'")
    try TrackerFixture.sqlite(
      folder["mlflow.db"],
      "DROP TABLE params; CREATE VIEW params AS SELECT key, value, run_uuid FROM tags;")
    #expect(refusal("mlflow.db") == "mlflow.db: table metrics: has no column 'value'")
    try TrackerFixture.sqlite(folder["mlflow.db"], "ALTER TABLE metrics RENAME COLUMN v TO value;")
    #expect(refusal("mlflow.db") == "mlflow.db: table params: is missing")
  }

  @Test(arguments: [
    (
      "UPDATE metrics SET value = 'many' WHERE key = 'accuracy';",
      "table metrics: column 2 does not hold a number"
    ),
    (
      "UPDATE metrics SET value = x'00' WHERE key = 'accuracy';",
      "table metrics: column 2 does not hold a number"
    ),
    (
      "UPDATE metrics SET step = 1.5 WHERE key = 'accuracy';",
      "table metrics: column 4 does not hold an integer"
    ),
    (
      "UPDATE params SET value = CAST(x'ff' AS TEXT) WHERE key = 'lr' OR key = 'fold';",
      "table params: column 2 does not hold valid UTF-8"
    ),
    ("UPDATE runs SET start_time = 'noon';", "table runs: column 5 does not hold an integer"),
  ])
  func `a wrong cell costs its run alone, and is located`(change: String, problem: String) throws {
    try TrackerFixture.copy(Self.database, to: folder["mlflow.db"])
    try TrackerFixture.sqlite(folder["mlflow.db"], change)
    let (problems, runs) = TrackerFixture.story(folder["mlflow.db"])
    #expect(!problems.isEmpty && problems.count + runs == 4, "\(problems)")
    for one in problems {
      #expect(
        one.problem.hasPrefix("\(folder["mlflow.db"]): run ") && one.problem.hasSuffix(problem),
        "\(one)")
    }
  }

  @Test func `ids that are paths lead nowhere, and names keep their NULs out`() throws {
    try TrackerFixture.copy("mlflow/store", to: folder["store"])
    try TrackerFixture.write("secret", to: folder["secret/artifacts/file"])
    try TrackerFixture.sqlite(
      folder["store/mlflow.db"],
      """
      PRAGMA foreign_keys = OFF;
      UPDATE runs SET run_uuid = '../../../secret', artifact_uri = 'file:///etc' WHERE name = 'killed';
      UPDATE runs SET name = 'a' || char(0) || 'b' WHERE name = 'still running';
      INSERT INTO params VALUES ('nul' || char(0) || 'key', 'x' || char(0), '../../../secret');
      """)
    let runs = try TrackerFixture.runs(folder["store/mlflow.db"]).runs
    let escaped = try #require(runs.first { $0.record.clientID == "mlflow:../../../secret" })
    #expect(escaped.record.values.artifacts.isEmpty)
    #expect(escaped.record.config["nul\u{0}key"] == "x\u{0}")
    #expect(
      runs.contains {
        $0.remarks.contains { $0.contains("a name has no control characters; left out") }
      })
  }

  @Test func `a store without an index is read in one pass, and not written`() throws {
    try TrackerFixture.copy(Self.database, to: folder["mlflow.db"])
    try TrackerFixture.sqlite(
      folder["mlflow.db"], "DROP INDEX IF EXISTS index_metrics_run_uuid;")
    let before = try DurableFile.read(folder["mlflow.db"])
    let with = try TrackerFixture.runs("\(TrackerFixture.golden)/\(Self.database)").runs
    let without = try TrackerFixture.runs(folder["mlflow.db"]).runs
    #expect(
      without.map { $0.record.values.scalars.count } == with.map { $0.record.values.scalars.count })
    #expect(
      without.map { Digest(of: $0.record.values.document["series"] ?? .null) }
        == with.map { Digest(of: $0.record.values.document["series"] ?? .null) })
    #expect(try DurableFile.read(folder["mlflow.db"]) == before)
    #expect(Path.names(in: folder.path) == ["mlflow.db"])
  }

  @Test func `another journal mode is read alike, and a transaction that was cut off is refused`()
    throws
  {
    try TrackerFixture.copy(Self.database, to: folder["wal.db"])
    try TrackerFixture.sqlite(
      folder["wal.db"],
      "PRAGMA journal_mode = WAL; UPDATE params SET value = '2' WHERE key = 'fold';")
    let child = try #require(
      try TrackerFixture.runs(folder["wal.db"]).runs.first { $0.record.name == "wide, fold 1" })
    #expect(child.record.config["fold"] == 2)
    try TrackerFixture.copy(Self.database, to: folder["hot.db"])
    // A journal whose transaction has to be rolled back, which only its own tool may do.
    let script = """
      PRAGMA cache_size = 1; PRAGMA synchronous = FULL; BEGIN;
      UPDATE params SET value = value || 'z'; UPDATE metrics SET timestamp = timestamp + 1;
      .shell kill -9 $PPID
      """
    try TrackerFixture.killedSqlite(folder["hot.db"], script)
    try #require(Path.size(of: folder["hot.db-journal"]) ?? 0 > 0)
    let before = try DurableFile.read(folder["hot.db"])
    let (problems, runs) = TrackerFixture.story(folder["hot.db"])
    #expect(runs == 0 && problems.count == 1)
    #expect(
      problems.first?.problem.hasPrefix("\(folder["hot.db"]): cannot be opened for reading")
        == true,
      "\(problems)")
    #expect(try DurableFile.read(folder["hot.db"]) == before)
  }

  // MARK: The folder

  /// Of a copy of the file store: the run `wide`.
  private func run() throws -> String {
    try TrackerFixture.copy("mlflow/mlruns", to: folder["mlruns"])
    let wide = try #require(
      try TrackerFixture.runs(folder["mlruns"]).runs.first { $0.record.name == "wide" })
    let source = try #require(wide.record.importedFrom)
    let experiment = try #require(source["experiment_id"]?.string)
    let id = try #require(source["run_uuid"]?.string)
    return folder["mlruns/\(experiment)/\(id)"]
  }

  @Test(arguments: [
    ("garbage\n", "1:1: 'garbage' is no point"), ("1 2 3 4\n", "1:1: '1 2 3 4' is no point"),
    ("1 0.5 0\n1 x 1\n", "2:1: '1 x 1' is no point"),
    ("1 0x1p3 0\n", "1:1: '1 0x1p3 0' is no point"),
    ("1 1e999 0\n", "1:1: '1 1e999 0' is no point"),
    ("99999999999999999999 0.5 0\n", "1:1: '99999999999999999999 0.5 0' is no point"),
    ("1 0.5 99999999999999999999\n", "1:1: '1 0.5 99999999999999999999' is no point"),
    ("1 0.5 1.5\n", "1:1: '1 0.5 1.5' is no point"), ("\u{0}\n", "1:1: '\\u{0}' is no point"),
    ("1 0.5 0\n" + String(repeating: "9", count: 5000), "2:1: has 5000 bytes"),
  ])
  func `a metric's garbage is located by line, and costs its run alone`(
    text: String, problem: String
  ) throws {
    let run = try run()
    try TrackerFixture.write(text, to: "\(run)/metrics/bad")
    let (problems, runs) = TrackerFixture.story(folder["mlruns"])
    #expect(runs == 3 && problems.count == 1)
    #expect(problems.first?.problem == "\(run)/metrics/bad:\(problem)", "\(problems)")
    #expect(problems.first?.hint != nil)
  }

  @Test(arguments: [
    ("- a\n", ":1:1: expected keys and values"), ("a: [1\n", ":"), ("{", ":"), ("\u{FF}\u{0}", ":"),
    ("a: &x 1\nb: *x\n", ":1:"), ("!!python/object:os.system {}\n", ":1:"),
  ])
  func `a meta file that is none is located`(text: String, problem: String) throws {
    let run = try run()
    try TrackerFixture.write(text, to: "\(run)/meta.yaml")
    let (problems, runs) = TrackerFixture.story(folder["mlruns"])
    #expect(runs == 3 && problems.count == 1)
    #expect(
      problems.first?.problem.hasPrefix("\(run)/meta.yaml\(problem)") == true, "\(problems)")
  }

  @Test func `links among keys are refused, links among runs passed over`() throws {
    let run = try run()
    try TrackerFixture.write("secret", to: folder["secret"])
    try #require(symlink(folder["secret"], "\(run)/params/link") == 0)
    #expect(
      TrackerFixture.story(folder["mlruns"]).problems.map(\.problem) == [
        "\(run)/params/link: cannot be read: a symbolic link, which is not followed"
      ])
    unlink("\(run)/params/link")
    try #require(symlink("..", "\(run)/params/loop") == 0)
    #expect(TrackerFixture.story(folder["mlruns"]).problems.count == 1)
    unlink("\(run)/params/loop")
    try #require(symlink("..", "\(Path.parent(of: run))/loop") == 0)
    try #require(symlink(".", folder["mlruns/loop"]) == 0)
    try #require(mkfifo("\(run)/pipe", 0o600) == 0)
    let (problems, runs) = TrackerFixture.story(folder["mlruns"])
    #expect(problems.isEmpty && runs == 4)
    try #require(mkfifo("\(run)/metrics/pipe", 0o600) == 0)
    #expect(
      TrackerFixture.story(folder["mlruns"]).problems.map(\.problem) == [
        "\(run)/metrics/pipe: cannot be read: not a regular file"
      ])
  }

  @Test func `keys nest up to a depth`() throws {
    let run = try run()
    let deep = String(repeating: "a/", count: 70) + "b"
    try TrackerFixture.write("1 0.5 0\n", to: "\(run)/metrics/\(deep)")
    let (problems, runs) = TrackerFixture.story(folder["mlruns"])
    #expect(runs == 3 && problems.first?.message == "folders deeper than 64 levels")
  }

  @Test func `an address in the store is never followed`() throws {
    let run = try run()
    try TrackerFixture.write("secret", to: folder["outside/file"])
    let meta = try #require(try DurableFile.read("\(run)/meta.yaml"))
    let lines = String(decoding: meta, as: UTF8.self).split(separator: "\n").map { line in
      line.hasPrefix("artifact_uri") ? "artifact_uri: file://\(folder["outside"])" : String(line)
    }
    try TrackerFixture.write(lines.joined(separator: "\n") + "\n", to: "\(run)/meta.yaml")
    try TrackerFixture.write("../../outside", to: "\(run)/tags/mlflow.parentRunId")
    let wide = try #require(
      try TrackerFixture.runs(folder["mlruns"]).runs.first { $0.record.name == "wide" })
    #expect(wide.record.values.artifacts["file"] == nil)
    #expect(wide.record.values.artifacts["summary.json"] != nil)
  }
}
