import Determinism
import Records
import Statistics
import Testing

@testable import Interchange

@Suite struct RunDocumentTests {
  let folder = Folder()

  private func read(_ text: String, isYAML: Bool? = nil) throws -> RunDocument {
    try RunDocument(Array(text.utf8), file: "run.json", folder: folder.path, isYAML: isYAML)
  }

  private func write(_ name: String, _ text: String) throws {
    try DurableFile.write(Array(text.utf8), to: folder[name])
  }

  @Test func `a study's name alone is a document`() throws {
    let run = try read(#"{"study": "s"}"#).record
    #expect(run.slug == "s" && run.state == .completed && run.name.isEmpty)
    #expect(run.id == Digest(of: run.document), "without an id the content is the identity")
  }

  @Test func `JSON and YAML of the same shape are the same run`() throws {
    let json = try read(
      """
      {"study": "s", "name": "one", "id": "a-1", "config": {"lr": 0.001, "deep": {"list": [1, "no", null]}},
       "environment": {"torch": "2.9"}, "tags": ["x", "y"], "state": "failed",
       "times": {"started": "2026-11-20T23:41:05Z", "finished": 1763682065.5},
       "metrics": {"loss": NaN, "up": Infinity, "n": 3}, "series": {"loss": [1.5, -Infinity]},
       "parent": "a-0", "notes": "*hi*"}
      """)
    let yaml = try read(
      """
      # A comment.
      study: s
      name: one
      id: a-1
      config: {lr: 1e-3, deep: {list: [1, "no", null]}}
      environment: {torch: "2.9"}
      tags: [x, y]
      state: failed
      times:
        started: "2026-11-20T23:41:05Z"
        finished: 1763682065.5
      metrics: {loss: .nan, up: .inf, n: 3}
      series: {loss: [1.5, -.inf]}
      parent: a-0
      notes: "*hi*"
      """)
    #expect(json.record.document == yaml.record.document)
    #expect(json.record.id == RegisteredRunRecord.id(slug: "s", clientID: "a-1"))
    #expect(json.record.parent == RegisteredRunRecord.id(slug: "s", clientID: "a-0"))
    #expect(json.record.values.scalars["loss"]?.bitPattern == 0x7FF8_0000_0000_0000)
    #expect(json.record.values.series["loss"]?.values == [1.5, -.infinity])
  }

  @Test func `every bit that a document writes is kept`() throws {
    let run = try read(
      #"""
      {"study": "s", "metrics": {"zero": -0.0, "payload": {"f64": "7ff80000deadbeef"}, "tenth": 0.1,
       "tiny": 5e-324, "third": 0.3333333333333333},
       "config": {"big": 123456789012345678901234567890, "e\u0301": 1, "é": 2}}
      """#
    ).record
    #expect(run.values.scalars["zero"]?.bitPattern == 0x8000_0000_0000_0000)
    #expect(run.values.scalars["payload"]?.bitPattern == 0x7FF8_0000_DEAD_BEEF)
    #expect(run.values.scalars["tiny"] == .leastNonzeroMagnitude)
    #expect(run.config["big"] == (try JSON(parsing: "123456789012345678901234567890")))
    #expect(run.config.count == 3, "keys are told apart by their bytes")
  }

  @Test func `series come inline, or from tables beside the document`() throws {
    try write("m.csv", "epoch,loss,\"top, 1\"\r\n1,0.5,\r\n2,nan,0.25\r\n\r\n4,-inf,1e-3\r\n")
    try write(
      "m.jsonl",
      #"""
      {"step": 0, "a": 1}
      {"step": 10, "b": NaN, "a": 2.5}

      {"step": 20.0, "a": 3}
      {"step": 30, "a":
      """#)
    let document = try read(
      """
      {"study": "s", "series": {"plain": [1, 2], "given": {"steps": [-5, 7], "values": [0.5, 1]}},
       "series_files": [{"file": "m.csv", "step": "epoch", "prefix": "csv/"}, "m.jsonl",
         {"file": "m.csv", "step": "epoch", "columns": ["loss"], "prefix": "again/"}]}
      """)
    let series = document.record.values.series
    #expect(
      Set(series.keys) == ["plain", "given", "csv/loss", "csv/top, 1", "a", "b", "again/loss"])
    #expect(series["plain"]?.steps == [0, 1])
    #expect(series["given"]?.steps == [-5, 7])
    #expect(series["csv/loss"]?.steps == [1, 2, 4])
    #expect(series["csv/loss"]?.values[2] == -.infinity)
    #expect(series["csv/top, 1"]?.steps == [2, 4], "an empty cell is a step without a value")
    #expect(series["a"]?.steps == [0, 10, 20])
    #expect(series["b"]?.values.first?.isNaN == true)
    #expect(document.remarks == ["m.jsonl:5: the last line is cut off and was left out"])
  }

  @Test func `scores become curves, and are kept`() throws {
    let document = try read(
      """
      {"study": "s", "scores": {"probe": {"scores": [0.9, 0.8, 0.8, -0.0, Infinity, 0.1],
        "labels": [1, true, 0, false, 1, 0], "groups": ["a", "a", "a", "b", "b", "c"]}}}
      """)
    let values = document.record.values
    let whole = try ROCCurve(
      scores: [0.9, 0.8, 0.8, 0, .infinity, 0.1], labels: [true, true, false, false, true, false])
    #expect(values.curves["probe"] == whole)
    #expect(values.curves["probe@b"]?.auroc == 1)
    #expect(values.curves["probe@c"] == nil)
    #expect(document.remarks == ["scores probe: no curve for groups of one class: c"])
    let kept = try #require(values.artifacts["scores/probe"])
    #expect(
      String(decoding: try #require(document.artifacts[kept.digest]), as: UTF8.self)
        == "score,label,group\n0.9,1,\"a\"\n0.8,1,\"a\"\n0.8,0,\"a\"\n-0.0,0,\"b\"\ninf,1,\"b\"\n0.1,0,\"c\"\n"
    )
  }

  @Test func `the order of the examples changes no curve`() throws {
    var stream = RandomStream(seed: 3, "scores")
    let examples = (0..<200).map { _ in (stream.below(20), stream.bool()) }
    func curve(_ examples: [(Int, Bool)]) throws -> ROCCurve? {
      let scores = examples.map { "\($0.0)" }.joined(separator: ",")
      let labels = examples.map { "\($0.1)" }.joined(separator: ",")
      return try read(
        #"{"study": "s", "scores": {"x": {"scores": [\#(scores)], "labels": [\#(labels)]}}}"#
      ).record.values.curves["x"]
    }
    #expect(try curve(examples) == curve(examples.sorted { $0.0 < $1.0 }))
  }

  @Test func `a table of scores is kept as it is`() throws {
    let table = "id,p,defected,set\n1,0.25,0,x\n2,0.5,1,x\n"
    try write("s.csv", table)
    let document = try read(
      """
      {"study": "s", "scores": {"probe": {"file": "s.csv", "score": "p", "label": "defected", "group": "set"}}}
      """)
    #expect(document.record.values.curves["probe"]?.auroc == 1)
    #expect(document.record.values.curves["probe@x"]?.auroc == 1)
    #expect(document.artifacts.values.map { String(decoding: $0, as: UTF8.self) } == [table])
  }

  @Test func `a finished curve is taken as counts, its empty classifier left out`() throws {
    let run = try read(
      """
      {"study": "s", "curves": {"c": {"thresholds": [Infinity, 2.5, 1], "tp": [0, 1.0, 2], "fp": [0, 0, 3],
        "positives": 2, "negatives": 3}}}
      """
    ).record
    let curve = try #require(run.values.curves["c"])
    #expect(curve.thresholds == [2.5, 1] && curve.truePositives == [1, 2])
    #expect(curve.auroc == 0.75)
  }

  @Test func `artifacts are kept, or recorded by digest`() throws {
    try DurableFile.makeFolder(folder["out"])
    try write("out/log.txt", "hello")
    try write("big.bin", "weights")
    let document = try read(
      """
      {"study": "s", "artifacts": {"log": "out/./log.txt",
        "weights": {"path": "big.bin", "media_type": "x/w", "keep": false}}}
      """)
    let artifacts = document.record.values.artifacts
    #expect(artifacts["log"]?.role == .kept && artifacts["log"]?.mediaType == "text/plain")
    #expect(artifacts["weights"]?.role == .remade && artifacts["weights"]?.size == 7)
    #expect(artifacts["weights"]?.digest == Digest(of: "weights"))
    #expect(Array(document.artifacts.keys) == [Digest(of: "hello")])
  }

  @Test func `a folder holds one document`() throws {
    try DurableFile.makeFolder(folder["f"])
    try write("f/run.yaml", "study: s\nartifacts: {a: a.txt}\n")
    try write("f/a.txt", "a")
    #expect(try RunDocument(contentsOf: folder["f"]).record.slug == "s")
    try write("f/run.json", "{}")
    #expect(throws: RunDocumentProblems.self) { try RunDocument(contentsOf: folder["f"]) }
  }

  @Test func `a registered document passes through an archive unchanged`() throws {
    let document = try read(
      """
      {"study": "s", "metrics": {"a": NaN, "b": -0.0}, "series": {"l": [1, Infinity]},
       "scores": {"p": {"scores": [1, 2], "labels": [0, 1]}}}
      """)
    let first = try Registry(at: folder["r1"])
    #expect(try first.register(document.record, artifacts: document.artifacts))
    try ArchiveWriter(try first.snapshot(), slug: "s").write(to: folder["a1"])
    let second = try Registry(at: folder["r2"])
    let archive = try ArchiveReader(folder["a1"])
    let imported = try archive.import(into: second)
    #expect(imported.records == 1 && imported.artifacts == 1)
    #expect(try archive.import(into: second).records == 0)
    try ArchiveWriter(try second.snapshot(), slug: "s").write(to: folder["a2"])
    #expect(try folder.files("a1") == folder.files("a2"))
    #expect(try second.head() == first.head())
    #expect(try second.check(deep: true) == [])
    // The same content registered where it was imported is known.
    #expect(try !second.register(document.record, artifacts: document.artifacts))
  }

  @Test func `an archive whose registered run differs from ours is refused whole`() throws {
    let (first, second) = (try Registry(at: folder["r1"]), try Registry(at: folder["r2"]))
    for (registry, value) in [(first, 1), (second, 2)] {
      let document = try read(#"{"study": "s", "id": "same", "metrics": {"a": \#(value)}}"#)
      #expect(try registry.register(document.record))
    }
    try ArchiveWriter(try first.snapshot(), slug: "s").write(to: folder["a"])
    let head = try second.head()
    #expect {
      try ArchiveReader(folder["a"]).import(into: second)
    } throws: { error in
      (error as? ArchiveError)?.message.contains("recorded here with other content") ?? false
    }
    #expect(try second.head() == head)
  }
}
