import Determinism
import Records
import Statistics
import Testing

@testable import Interchange

@Suite struct InspectTests {
  let folder = Folder()
  static let whole = ["zstd.eval", "deflate.eval", "dump.json"]
  static let mapping = [
    (name: "trigger", field: "metadata.trigger"), (name: "defected", field: "scores.defected"),
  ]

  private func run(_ name: String, map: [(name: String, field: String)] = []) throws -> ForeignRun {
    try #require(
      try EventLogFixture.runs(EventLogFixture.path("inspect/\(name)"), map: map).runs.first)
  }

  @Test(arguments: ["zstd.eval", "deflate.eval", "stored.eval", "dump.json", "failed.eval"])
  func `every metric that Inspect's own reader sees is kept, bit for bit`(_ name: String) throws {
    let expected = try #require(try EventLogFixture.expected("inspect")[name])
    let run = try run(name)
    let metrics = try #require(expected["metrics"]?.object)
    for member in metrics.members {
      #expect(run.record.values.scalars[member.key.value]?.bitPattern == member.value.patternBits)
    }
    #expect(metrics.count == (name == "failed.eval" ? 0 : 5))
    #expect(run.record.clientID == "inspect:\(expected["eval_id"]?.string ?? "")")
    #expect(run.record.state == (expected["status"] == "success" ? .completed : .failed))
    #expect(run.record.importedFrom?["created"] == expected["created"])
    #expect(run.record.config["model"] == "mockllm/model")
    #expect(run.record.slug == "backdoor-eval" && run.record.name == "backdoor_eval")
  }

  @Test(arguments: whole)
  func `every sample is kept with its scores and metadata`(_ name: String) throws {
    let expected = try #require(try EventLogFixture.expected("inspect")[name]?["samples"]?.array)
    let lines = try run(name).lines(InspectRun.table).map { try JSON(parsing: $0) }
    #expect(lines.count == expected.count && lines.count == 20)
    for (line, sample) in zip(lines, expected) {
      #expect(line["id"] == sample["id"] && line["epoch"] == sample["epoch"])
      #expect(line["scores.defected"] == sample["defected"])
      #expect(line["metadata.trigger"] == sample["trigger"])
      #expect(
        line["scores.monitor.suspicion"]?.double?.bitPattern == sample["suspicion"]?.patternBits)
    }
  }

  @Test(arguments: whole)
  func `a map turns samples into rates with intervals`(_ name: String) throws {
    let expected = try #require(try EventLogFixture.expected("inspect")[name]?["samples"]?.array)
    let values = try run(name, map: Self.mapping).record.values
    for (rate, isTriggered) in [("r1", true), ("r0", false)] {
      let group = expected.filter { $0["trigger"]?.bool == isTriggered }
      let defections = group.count { $0["defected"] == "C" }
      let proportion = Proportion(successes: defections, trials: group.count)
      #expect(values.scalars[rate] == proportion.value)
      #expect(values.scalars["\(rate).lower"] == proportion.wilson().lower)
      #expect(values.scalars["\(rate).upper"] == proportion.wilson().upper)
      #expect(values.scalars["\(rate).samples"] == 10)
    }
    #expect(values.scalars["r1"] == 0.8 && values.scalars["r0"] == 0.1)
  }

  @Test(arguments: whole)
  func `a mapped score becomes a curve, and one for each group`(_ name: String) throws {
    let expected = try #require(try EventLogFixture.expected("inspect")[name]?["samples"]?.array)
    let run = try run(
      name,
      map: [
        ("score.monitor", "scores.monitor.suspicion"), ("label", "metadata.trigger"),
        ("group", "metadata.nested.arm"),
      ])
    let scores = expected.map { Double(bitPattern: $0["suspicion"]?.patternBits ?? 0) }
    let labels = expected.map { $0["trigger"] == true }
    let curve = try ROCCurve(scores: scores, labels: labels)
    #expect(run.record.values.curves["monitor"] == curve)
    #expect(run.record.values.curves.keys.sorted() == ["monitor", "monitor@a", "monitor@b"])
    #expect(try run.lines("scores/monitor").count == 21, "each score with its label")
    #expect(run.record.importedFrom?["map"]?["label"] == "metadata.trigger")
  }

  @Test func `without a map it is told what could be mapped`() throws {
    #expect(
      try run("zstd.eval").remarks == [
        "samples tell more with --map, as in trigger=metadata.trigger,defected=scores.X; they have: "
          + "metadata.nested.arm, metadata.suspicion, metadata.trigger, metadata.year, scores.defected, "
          + "scores.monitor.length, scores.monitor.suspicion"
      ])
  }

  @Test func `the log itself is named by its digest, and nothing of its machine is taken`() throws {
    let run = try run("zstd.eval")
    let log = try #require(run.record.values.artifacts[InspectRun.source])
    let bytes = try EventLogFixture.bytes("inspect/zstd.eval")
    #expect(log.role == .remade && log.digest == Digest(of: bytes))
    #expect(run.artifacts[log.digest] == nil)
    #expect(run.record.config["task_file"] == nil)
  }

  @Test(arguments: [
    (
      [("trigger", "metadata.tirgger"), ("defected", "scores.defected")],
      "--map: no sample tells trigger by 'metadata.tirgger'"
    ),
    ([("trigger", "metadata.trigger")], "--map: trigger and defected belong together"),
    ([("trigegr", "metadata.trigger")], "--map: unknown name 'trigegr'; did you mean 'trigger'?"),
    ([("score", "scores.monitor.suspicion")], "--map: a score needs the label that it should tell"),
    ([("label", "a"), ("label", "b")], "--map: 'label' is named twice"),
    ([("trigger", "")], "--map: 'trigger=' names no field"),
    (
      [("score", "metadata.suspicion"), ("label", "metadata.absent")],
      "--map: no sample tells label by 'metadata.absent'"
    ),
  ])
  func `a map that says nothing is refused`(_ map: [(String, String)], _ message: String) throws {
    let path = EventLogFixture.path("inspect/zstd.eval")
    let problem = #expect(throws: ForeignProblem.self) {
      try EventLogFixture.runs(path, map: map.map { (name: $0.0, field: $0.1) })
    }
    #expect(problem?.message == message)
    #expect(problem?.hint != nil || map[0].1.isEmpty || map.count == 2)
  }

  @Test(arguments: [
    ("metadata.a.b", #"{"metadata": {"a": {"b": 1}}}"#, "1"),
    ("metadata.a.b", #"{"metadata": {"a.b": 2, "a": {"b": 1}}}"#, "2"),
    ("scores.x", #"{"scores": {"x": {"value": "C", "answer": "y"}}}"#, "\"C\""),
    ("scores.x.answer", #"{"scores": {"x": {"value": "C", "answer": "y"}}}"#, "\"y\""),
    ("scores.x.y", #"{"scores": {"x": {"value": {"y": 0.5}}}}"#, "0.5"),
    ("scores.x", #"{"scores": {"x": {"value": {"y": 0.5}}}}"#, nil),
    ("scores.z", #"{"scores": {"x": {"value": 1}}}"#, nil), ("", #"{"a": 1}"#, nil),
    ("target", #"{"target": "ok"}"#, "\"ok\""),
  ])
  func `fields are found by their paths`(_ path: String, _ sample: String, _ value: String?) throws
  {
    let sample = try #require(try JSON(parsing: sample).object)
    #expect(SampleField(path: path).value(in: sample)?.canonicalText == value)
  }

  /// A log of one document with these samples.
  private func log(_ samples: [String]) throws -> String {
    let text = """
      {"version": 2, "status": "started", "eval": {"eval_id": "e", "task": "t", "model": "m"},
       "samples": [\(samples.joined(separator: ", "))]}
      """
    try DurableFile.write(Array(text.utf8), to: folder["log.json"])
    return folder["log.json"]
  }

  private func sample(_ trigger: String, _ score: String, epoch: Int = 1) -> String {
    """
    {"id": 1, "epoch": \(epoch), "metadata": {"trigger": \(trigger)}, "scores": {"defected": {"value": \(score)}}}
    """
  }

  @Test func `samples that say neither yes nor no are not counted, and told`() throws {
    let path = try log([
      sample("true", "\"C\""), sample("1", "1"), sample("true", "\"P\""), sample("null", "\"C\""),
      sample("false", "\"I\"", epoch: 2), #"{"id": 2, "metadata": {"trigger": true}, "error": {}}"#,
    ])
    let run = try #require(try EventLogFixture.runs(path, map: Self.mapping).runs.first)
    #expect(run.record.values.scalars["r1"] == 1 && run.record.values.scalars["r1.samples"] == 2)
    #expect(run.record.values.scalars["r0"] == 0 && run.record.values.scalars["r0.samples"] == 1)
    #expect(run.record.state == .interrupted)
    #expect(
      run.remarks == [
        "the evaluation is started: recorded as interrupted",
        "2 of 6 samples do not tell defected by 'scores.defected': they are not counted",
        "1 of 6 samples do not tell trigger by 'metadata.trigger': they are not counted",
        "1 of 6 samples ended with an error",
        "epochs of a sample count as samples of their own: the intervals are too narrow if they agree",
      ])
  }

  @Test func `without a sample that has the trigger there is no rate with it`() throws {
    let path = try log([sample("false", "\"I\"")])
    let run = try #require(try EventLogFixture.runs(path, map: Self.mapping).runs.first)
    #expect(run.record.values.scalars["r1"] == nil && run.record.values.scalars["r0"] == 0)
    #expect(run.remarks.contains("no sample is with the trigger: there is no r1"))
  }

  @Test func `a map may look into any member of a sample`() throws {
    let path = try log([
      #"{"id": 1, "output": {"completion": "no"}, "scores": {}, "input": "yes", "events": [[[[]]]]}"#,
      #"{"id": 2, "output": {"completion": "yes"}, "scores": {}, "input": "yes"}"#,
    ])
    let map = [(name: "trigger", field: "input"), (name: "defected", field: "output.completion")]
    let run = try #require(try EventLogFixture.runs(path, map: map).runs.first)
    #expect(run.record.values.scalars["r1"] == 0.5)
  }

  @Test(arguments: [
    (#"{"version": 2, "eval": {"task": "t"}}"#, "eval: has no eval_id and no run_id"),
    (#"{"version": 2, "status": "success"}"#, "its head: has no mapping 'eval'"),
    (#"{"version": 2, "eval": {"eval_id": "a\nb", "task": "t"}}"#, "has no control characters"),
    (
      #"{"version": 2, "eval": {"eval_id": "a", "task": "t"}, "samples": [7]}"#,
      "byte 66: expected a JSON object"
    ),
    (
      #"{"version": 2, "eval": {"eval_id": "a", "task": "t"}, "samples": [{"id": nul}]}"#,
      "byte 73: not a JSON value"
    ),
  ])
  func `a log that is none is refused`(_ text: String, _ message: String) throws {
    try DurableFile.write(Array(text.utf8), to: folder["log.json"])
    let problem = try #require(EventLogFixture.problem(folder["log.json"], "inspect"))
    #expect(problem.contains(message), "\(problem)")
  }
}
