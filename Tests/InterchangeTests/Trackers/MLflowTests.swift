import Determinism
import Glibc
import Records
import Studies
import Testing

@testable import Interchange

/// Stores that MLflow wrote, against what MLflow reads in them (`Tests/Golden/make/mlflow_store.py`).
@Suite struct MLflowTests {
  static let stores = [
    (path: "mlflow/store/mlflow.db", expected: "mlflow/expected-db.json"),
    (path: "mlflow/mlruns", expected: "mlflow/expected-files.json"),
  ]

  private func everything(_ store: String) throws -> [String: ForeignRun] {
    var options = ForeignOptions()
    options.withDeleted = true
    let runs = try TrackerFixture.runs("\(TrackerFixture.golden)/\(store)", options: options).runs
    return Dictionary(uniqueKeysWithValues: runs.map { ($0.record.clientID ?? "", $0) })
  }

  @Test(arguments: stores)
  func `every number is what MLflow's own reader has, bit for bit`(
    store: (path: String, expected: String)
  ) throws {
    let runs = try everything(store.path)
    let expected = try TrackerFixture.expected(store.expected)
    #expect(runs.count == expected.count && expected.count == 6)
    var points = 0
    for one in expected {
      let id = try #require(one["id"]?.string)
      let run = try #require(runs["mlflow:\(id)"], "\(id)")
      let metrics = try #require(one["metrics"]?.object)
      #expect(run.record.values.scalars.count == metrics.count)
      // MLflow reads steps of a line with a data set as 0; they are in its third field.
      let misread = store.path.hasSuffix("mlruns") ? "test accuracy" : nil
      for (name, value) in metrics.members.map({ ($0.key.value, $0.value) }) where name != misread {
        let scalar = try #require(run.record.values.scalars[name])
        #expect(try TrackerFixture.bits(scalar) == TrackerFixture.bits(value), "\(id): \(name)")
      }
      guard !metrics.isEmpty else { continue }
      let rows = try run.pointRows()
      points += rows.count
      for (name, history) in try #require(one["history"]?.object).members.map({
        ($0.key.value, $0.value)
      }) {
        let read = rows.filter { $0[0] == name }.map { Array($0[1...]) }
        let known = try #require(history.array).map { point in
          let parts = try #require(point.array)
          return [
            parts[0].canonicalText, parts[1].canonicalText,
            String(try TrackerFixture.bits(parts[2]), radix: 16),
          ]
        }
        func order(_ rows: [[String]]) -> [String] {
          rows.map { ($0[name == misread ? 1... : 0...]).joined(separator: " ") }.sorted()
        }
        #expect(order(read) == order(known), "\(id): \(name)")
        if name == misread { #expect(read.map { $0[0] } == ["1", "2", "3"]) }
        // A series has the latest value of each step.
        guard let series = run.record.values.series[name], name != "no steps" else { continue }
        var latest: [Int: (time: Int, value: UInt64)] = [:]
        for row in read {
          let step = try #require(Int(row[0]))
          let time = try #require(Int(row[1]))
          if latest[step].map({ $0.time <= time }) ?? true {
            latest[step] = (time, try #require(UInt64(row[2], radix: 16)))
          }
        }
        #expect(series.steps == latest.keys.sorted())
        #expect(
          series.values.map { TrackerFixture.bits($0) } == series.steps.map { latest[$0]?.value })
      }
    }
    #expect(points > 40)
  }

  @Test(arguments: stores)
  func `names, ids, times, parameters, tags and states are the source's`(
    store: (path: String, expected: String)
  ) throws {
    let runs = try everything(store.path)
    for one in try TrackerFixture.expected(store.expected) {
      let id = try #require(one["id"]?.string)
      let record = try #require(runs["mlflow:\(id)"]).record
      let source = try #require(record.importedFrom)
      #expect(record.name == one["name"]?.string)
      #expect(record.slug == (one["experiment"]?.string == "gone" ? "gone" : "vision-cifar-10"))
      #expect(source["start_time"]?.int == one["start"]?.int)
      #expect(source["end_time"]?.int == one["end"]?.int)
      #expect(source["status"]?.string == one["status"]?.string)
      #expect((source["lifecycle_stage"]?.string ?? "active") == one["stage"]?.string)
      #expect(record.tags.contains("deleted") == (one["stage"]?.string == "deleted"))
      let states = ["FINISHED": RunState.completed, "FAILED": .failed]
      #expect(record.state == states[one["status"]?.string ?? ""] ?? .interrupted)
      let params = try #require(one["params"]?.object)
      #expect(record.config.keys == params.keys)
      for param in params.members {
        let kept = try #require(record.config[param.key.value])
        let text = try #require(param.value.string)
        // Whichever type it has become, its text is the same.
        switch kept {
        case .string(let kept): #expect(kept.value == text)
        case .bool(let flag): #expect((flag ? "True" : "False") == text)
        default: #expect(kept.double.map { kept.int.map { "\($0)" } ?? "\($0)" } == text)
        }
      }
    }
  }

  @Test(arguments: stores)
  func `a run has its parent, notes, data sets and artifacts, and no user or folder`(
    store: (path: String, expected: String)
  ) throws {
    let runs = try everything(store.path).values.map { $0 }
    let main = try #require(runs.first { $0.record.name == "wide" })
    let child = try #require(runs.first { $0.record.name == "wide, fold 1" })
    #expect(child.record.parent == main.record.id)
    #expect(main.record.notes == "A *wide* network.")
    #expect(main.record.config["lr"] == .double(.init(0.001)))
    #expect(main.record.config["schedule"] == "1.10" && main.record.config["amp"] == true)
    #expect(main.record.tags == ["checked", "team=red"])
    let source = try #require(main.record.importedFrom)
    #expect(
      source["datasets"] == (try JSON(parsing: #"[{"digest":"abcd1234","name":"cifar"}]"#)))
    #expect(
      main.record.circumstances["environment"]?["git_commit"]
        == "0123456789abcdef0123456789abcdef01234567")
    for (name, size) in [("summary.json", 17), ("plots/notes.txt", 45), ("weights.bin", 2048)] {
      let reference = try #require(main.record.values.artifacts[name], "\(name)")
      #expect(reference.size == size && main.artifacts[reference.digest]?.count == size)
    }
    for run in runs {
      #expect(!run.record.document.canonicalText.contains("someone"))
    }
    #expect(
      main.remarks.contains("metric 'no steps': logged without steps; numbered by time"))
    if store.path.hasSuffix(".db") {
      #expect(
        source["lost"]?.array?.compactMap(\.string) == [
          "0.0 may have been -0.0", "±1.7976931348623157e+308 may have been infinite",
        ])
    } else {
      #expect(source["lost"] == nil)
    }
  }

  @Test(arguments: stores)
  func `deleted runs are left out and counted`(store: (path: String, expected: String)) throws {
    let (runs, remarks) = try TrackerFixture.runs("\(TrackerFixture.golden)/\(store.path)")
    #expect(runs.count == 4)
    #expect(remarks == ["2 runs that are deleted in MLflow were left out: --with-deleted"])
  }

  @Test(arguments: stores)
  func `a registry keeps every bit, and the second import adds nothing`(
    store: (path: String, expected: String)
  ) throws {
    let folder = Folder()
    let registry = try Registry(at: folder["registry"])
    let runs = try TrackerFixture.runs("\(TrackerFixture.golden)/\(store.path)").runs
    for run in runs { #expect(try registry.register(run).outcome == .new) }
    let head = try registry.snapshot().head
    for run in runs {
      #expect(try registry.register(run).outcome == .known)
      let there = try #require(try registry.registeredRun(run.record.id))
      #expect(there.document == run.record.document)
    }
    #expect(try registry.snapshot().head == head)
  }

  @Test func `a run that went on is a successor; one whose tags changed stays`() throws {
    let folder = Folder()
    let registry = try Registry(at: folder["registry"])
    try TrackerFixture.copy("mlflow/store/mlflow.db", to: folder["mlflow.db"])
    func take() throws -> [ForeignOutcome] {
      try TrackerFixture.runs(folder["mlflow.db"]).runs.map { try registry.register($0).outcome }
    }
    #expect(try take() == [.new, .new, .new, .new])
    let main = try #require(
      try TrackerFixture.runs(folder["mlflow.db"]).runs.first { $0.record.name == "still running" }
    ).record.id
    try TrackerFixture.sqlite(
      folder["mlflow.db"],
      """
      INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
        SELECT 'late', 0.5, 1, run_uuid, 3, 0 FROM runs WHERE name = 'still running';
      INSERT INTO tags (key, value, run_uuid) SELECT 'new', '1', run_uuid FROM runs WHERE name = 'killed';
      """)
    #expect(
      try take() == [
        .known, .known, .kept(changed: ["tags", "circumstances"]), .successor(of: main),
      ])
    let outcomes = try take()
    #expect(outcomes[3] == .known && outcomes[0] == .known)
    let clientID = try #require(try registry.registeredRun(main)?.clientID)
    let successor = try #require(
      try registry.registeredRun(
        RegisteredRunRecord.id(slug: "vision-cifar-10", clientID: "\(clientID)#2")))
    #expect(successor.importedFrom?["succeeds"]?.string == main.hex)
    #expect(successor.values.scalars["late"] == 0.5)
  }

  @Test func `stores of early versions, without steps, NaN flags, stages and indexes, are read`()
    throws
  {
    let folder = Folder()
    try TrackerFixture.sqlite(
      folder["old.db"],
      """
      CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT);
      CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, experiment_id INT, status TEXT, start_time INT, end_time INT);
      CREATE TABLE metrics (key TEXT, value REAL, timestamp INT, run_uuid TEXT);
      CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
      CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
      INSERT INTO experiments VALUES (3, 'Old One');
      INSERT INTO runs VALUES ('a', 3, 'FINISHED', 1000, 2500), ('b', 3, 'FINISHED', 2000, NULL);
      INSERT INTO metrics VALUES ('loss', 0.5, 10, 'a'), ('loss', 0.25, 20, 'a'), ('loss', 1, 5, 'b');
      INSERT INTO tags VALUES ('mlflow.runName', 'first', 'a');
      """)
    let runs = try TrackerFixture.runs(folder["old.db"]).runs
    #expect(runs.map(\.record.name) == ["first", ""])
    #expect(runs[0].record.values.series["loss"]?.values == [0.5, 0.25])
    #expect(runs[1].record.values.scalars == ["loss": 1])
    #expect(runs[0].record.slug == "old-one")
    #expect(
      runs[0].record.circumstances["times"] == (try JSON(parsing: #"{"finished":2.5,"started":1}"#))
    )
  }

  @Test func `two fields are a point without a step, and a cut-off last line is left out`() throws {
    let folder = Folder()
    try TrackerFixture.copy("mlflow/mlruns", to: folder["mlruns"])
    let run = try #require(
      try TrackerFixture.runs(folder["mlruns"]).runs.first { $0.record.name == "wide" })
    let id = try #require(run.record.importedFrom?["run_uuid"]?.string)
    let experiment = try #require(run.record.importedFrom?["experiment_id"]?.string)
    let metrics = folder["mlruns/\(experiment)/\(id)/metrics"]
    try TrackerFixture.write("10 0.5\n20 0.25\n", to: "\(metrics)/old")
    try TrackerFixture.write("10 0.5 1\n20 0.25 2\n30 0.1", to: "\(metrics)/live")
    let changed = try #require(
      try TrackerFixture.runs(folder["mlruns"]).runs.first { $0.record.name == "wide" })
    #expect(changed.record.values.series["old"]?.values == [0.5, 0.25])
    #expect(
      changed.record.importedFrom?["lost"]?.array?.compactMap(\.string)
        == ["steps (an early version of MLflow wrote none)"])
    #expect(changed.record.values.series["live"]?.steps == [1, 2])
    #expect(
      changed.remarks.contains("metric 'live': its last line is cut off and was left out"))
  }

  @Test func `large artifacts are recorded by digest, and links are not followed`() throws {
    let folder = Folder()
    try TrackerFixture.copy("mlflow/store", to: folder["store"])
    let id = try #require(
      try TrackerFixture.expected("mlflow/expected-db.json")[0]["id"]?.string)
    let artifacts = folder["store/mlruns/1/\(id)/artifacts"]
    try TrackerFixture.write("secret", to: folder["secret"])
    try #require(symlink(folder["secret"], "\(artifacts)/link") == 0)
    try #require(symlink("..", "\(artifacts)/loop") == 0)
    var options = ForeignOptions()
    options.largestArtifact = 1000
    let run = try TrackerFixture.runs(folder["store/mlflow.db"], options: options).runs[0]
    let weights = try #require(run.record.values.artifacts["weights.bin"])
    #expect(weights.role == .remade && weights.size == 2048)
    #expect(run.artifacts[weights.digest] == nil)
    #expect(run.record.values.artifacts["link"] == nil)
    #expect(
      run.remarks.filter { $0.contains("a symbolic link on the way is not followed") }.count == 2)
  }
}
