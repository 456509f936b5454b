import Determinism
import Records
import Studies
import Testing

@testable import Interchange

extension RunStream {
  func record(state: RunState) throws -> RegisteredRunRecord? { try run(state: state)?.record() }
}

@Suite struct RunStreamTests {
  let folder = Folder()
  private static let head = #"{"study": "s", "id": "a", "config": {"lr": 0.1}}"#

  private func stream(_ lines: [String]) throws -> RunStream {
    var stream = RunStream(file: "<stdin>")
    for line in lines { _ = try stream.take(Array(line.utf8)) }
    return stream
  }

  private func refusal(_ line: String, after lines: [String] = [head]) throws -> String {
    var stream = try stream(lines)
    do {
      _ = try stream.take(Array(line.utf8))
      return "taken"
    } catch {
      // What is refused leaves nothing behind.
      let before = try self.stream(lines)
      #expect(
        try stream.record(state: .completed)?.document
          == before.record(state: .completed)?.document)
      return error.description
    }
  }

  @Test func `a stream is the run that its document would be`() throws {
    let told = try stream([
      Self.head, #"{"step": 0, "metrics": {"loss": 2, "x": NaN}}"#, "",
      #"{"step": 10.0, "metrics": {"loss": -Infinity}}"#, #"{"metrics": {"best": 1}}"#,
      #"{"state": "failed", "metrics": {"last": 5}, "times": {"finished": 3}}"#,
    ])
    let written = try RunDocument(
      Array(
        #"""
        {"study": "s", "id": "a", "config": {"lr": 0.1}, "state": "failed", "times": {"finished": 3},
         "series": {"loss": {"steps": [0, 10], "values": [2, -Infinity]}, "x": [NaN]},
         "metrics": {"best": 1, "last": 5}}
        """#.utf8), file: "run.json", folder: folder.path)
    #expect(try told.record(state: .failed)?.document == written.record.document)
    #expect(told.points == 3)
  }

  @Test func `whoever continues may repeat what is known`() throws {
    var told = try stream([Self.head, #"{"step": 1, "metrics": {"l": 1, "m": NaN}}"#])
    #expect(try told.take(Self.head.utf8) == .head)
    #expect(try told.take(#"{"step": 1, "metrics": {"l": 1, "m": NaN}}"#.utf8) == .known)
    #expect(try told.take(#"{"step": 1, "metrics": {"new": 1, "l": 1.0}}"#.utf8) == .values)
    #expect(try told.take(#"{"state": "completed"}"#.utf8) == .end(.completed))
    let other = Self.head.replacing("0.1", with: "0.2")
    #expect(try refusal(other).contains("is that of a run with another head"))
    // Another environment is another attempt of the same run.
    let again = Self.head.replacing("}}", with: #"}, "environment": {"host": 2}}"#)
    let resumed = try stream([Self.head, again]).record(state: .completed)
    #expect(
      resumed?.circumstances["resumed"] == (try JSON(parsing: #"[{"environment":{"host":2}}]"#)))
  }

  @Test(arguments: [
    ("x", "<stdin>:2:1: error: not a JSON value"),
    ("[1]", "<stdin>:2:1: error: a line is an object"),
    (#"{"step": 1}"#, "<stdin>:2:1: error: metrics: missing mapping 'metrics'"),
    (#"{"step": 1, "metrics": 3}"#, "missing mapping 'metrics'"),
    (#"{"step": 0.5, "metrics": {"a": 1}}"#, "step: expected a whole number, found 0.5"),
    (#"{"step": null, "metrics": {"a": 1}}"#, "step: expected a whole number, found nothing"),
    (#"{"step": 1, "metrics": {"a": "1"}}"#, "metrics.a: expected a number, found the text '1'"),
    (#"{"step": 1, "metrics": {"a": null}}"#, "metrics.a: expected a number, found nothing"),
    (#"{"step": 1, "metrics": {"": 1}}"#, "metrics.'': a name cannot be empty"),
    (#"{"step": 1, "metrisc": {}}"#, "metrisc: unknown key 'metrisc'; did you mean 'metrics'?"),
    (#"{"state": "done"}"#, "state: unknown state 'done'"),
    (#"{"state": "running"}"#, "state: unknown state 'running'"),
    (#"{"state": "completed", "note": 1}"#, "note: unknown key 'note'"),
    (#"{"study": "s", "id": "a", "artifacts": {"a": "/etc/passwd"}}"#, "unknown key 'artifacts'"),
    (#"{"study": "s"}"#, "missing key 'id'"),
    (#"{"study": "s", "id": "b"}"#, "is that of a run with another head"),
    (#"{"step": 1, "step": 2, "metrics": {}}"#, "duplicate key \"step\""),
    (
      #"{"step": 1, "metrics": {"e\u0301": 1, "é": 2}}"#, "the same name as another, in other bytes"
    ),
  ])
  func `a wrong line is refused by itself`(line: String, expected: String) throws {
    let found = try refusal(line)
    #expect(found.contains(expected), "\(found)")
  }

  @Test func `numbers come after a head, by rising steps, and are never changed`() throws {
    let point = #"{"step": 5, "metrics": {"a": 1}}"#
    #expect(try refusal(point, after: []).contains("the first line is the run's head"))
    let lines = [Self.head, point, #"{"step": 9, "metrics": {"a": 1}}"#, #"{"metrics": {"b": 0}}"#]
    #expect(
      try refusal(#"{"step": 7, "metrics": {"a": 1}}"#, after: lines)
        .contains("metrics.a: step 7 comes after step 9"))
    #expect(
      try refusal(#"{"step": 5, "metrics": {"a": 2, "c": 1}}"#, after: lines)
        .contains("step 5 was told before as 1.0, now as 2.0"))
    #expect(
      try refusal(#"{"metrics": {"b": -0.0}}"#, after: lines)
        .contains("the metric was told before as 0.0, now as -0.0"))
  }

  private func append(_ text: String, to spool: LiveSpool) throws {
    try Array(text.utf8).withUnsafeBytes(spool.append)
    try spool.synchronize()
  }

  private func text(of spool: SpoolFile) throws -> String {
    var bytes: [UInt8] = []
    try spool.read { bytes.append(contentsOf: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A line as it is read where it lies.
  private func take(_ line: String, _ stream: inout RunStream) throws -> RunStream.Line {
    try Array(line.utf8).withUnsafeBytes { (bytes) throws in try stream.take(bytes) }
  }

  /// The scanner of plain lines and the JSON reader must not differ in anything that both take.
  @Test(arguments: 0..<300)
  func `a line is the same run whichever way it is read`(seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed), "plain lines")
    var scanned = try stream([
      Self.head, #"{"step": -5, "metrics": {"loss": 1, "é": 2, "x/y": 3}}"#,
    ])
    var parsed = scanned
    let numbers = [
      "0", "-0", "0.0", "-0.0", "1", "-17", "0.1", "1e22", "1e23", "123456789012345678",
      "9007199254740993", "9007199254740993.0", "0.30000000000000004", "2.2250738585072014e-308",
      "5e-324", "1e-400", "1e400", "1.7976931348623157e308", "01", "1.", ".5", "1e", "+1", "NaN",
      "Infinity", "0x10", "1_0", "8.98846567431158e307", "179769313486231580793", "0e0", "1E5",
      "4.35", "0.000001", "123456.789e3", "1e+2", "null", "\"1\"",
    ]
    let names = ["loss", "é", "x/y", "new", "e\u{301}", "\\u0061", ""]
    for step in 0..<40 {
      let number =
        random.below(4) == 0 ? "\(Double(bitPattern: random.next()))" : random.element(of: numbers)
      let space = random.element(of: ["", " ", "  ", "\t"])
      var members = "\"\(random.element(of: names))\":\(space)\(number)"
      if random.bool() { members += ",\(space)\"loss\": \(random.element(of: numbers))" }
      let steps = ["\(step)", "\(step)", "\(step)", "\(step).0", "-\(step)", "0\(step)", "1e1"]
      var line =
        "{\(space)\"step\"\(space):\(random.element(of: steps)),\"metrics\":{\(members)}\(space)}\(space)"
      if random.below(8) == 0 { line.removeLast() }
      let ways = [
        Result { try take(line, &scanned) }, Result { try parsed.take(Array(line.utf8)) },
      ].map { result in
        result.map { "\($0)" }.flatMapError { .success("\($0)") as Result<String, Never> }
      }
      #expect(ways[0] == ways[1], "seed \(seed): \(line)")
    }
    #expect(
      try scanned.record(state: .completed)?.document == parsed.record(state: .completed)?.document,
      "seed \(seed)")
  }

  @Test func `a run that is full says so, and keeps what it has`() throws {
    var stream = RunStream(file: "<stdin>", limit: 200)
    _ = try take(Self.head, &stream)
    var refused = 0
    for step in 0..<40 {
      do {
        _ = try take("{\"step\": \(step), \"metrics\": {\"l\": 0.5}}", &stream)
      } catch {
        refused += 1
        #expect("\(error)".contains("the run is full: \(stream.points) points"))
      }
    }
    #expect((8...12).contains(stream.points) && refused == 40 - stream.points)
    // What is known already is no news, and single numbers still fit.
    #expect(try take(#"{"step": 0, "metrics": {"l": 0.5}}"#, &stream) == .known)
    #expect(try take(#"{"metrics": {"best": 0.5}}"#, &stream) == .values)
    #expect(try take(#"{"state": "completed"}"#, &stream) == .end(.completed))
  }

  @Test func `the points of a stream never come to more than it says`() throws {
    var random = RandomStream(seed: 4, "sizes")
    var stream = RunStream(file: "<stdin>", limit: 20_000)
    _ = try take(Self.head, &stream)
    let empty = try #require(try stream.record(state: .completed)).document.canonicalBytes.count
    var step = -5_000_000
    while true {
      guard (try? take("{\"step\": \(step), \"metrics\": {\"l\": 1}}", &stream)) != nil else {
        break
      }
      step += 1 + random.below(20_000) * random.below(20_000)
    }
    let full = try #require(try stream.record(state: .completed)).document.canonicalBytes.count
    #expect(full - empty < 20_000 + 200)
    #expect(full - empty > 15_000, "and not much less")
  }

  /// Whether points are kept in memory, put aside, or read back from a spool; whether lines come once or are
  /// sent again by somebody who continues; in whatever order the series change.
  @Test(arguments: 0..<20)
  func `points that were put aside are the same run`(seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed), "settling")
    let names = (0...random.below(6)).map { "m\($0)" }
    var lines = [Self.head]
    var step = -random.below(100)
    for _ in 0..<random.below(400) {
      step += 1 + random.below(9)
      let told = names.filter { _ in random.below(3) > 0 }
        .map { "\"\($0)\": \(random.element(of: awkwardNumbers))" }
      lines.append("{\"step\": \(step), \"metrics\": {\(told.joined(separator: ", "))}}")
    }
    let kept = try stream(lines)
    var aside = RunStream(
      file: "<stdin>", scratch: folder["scratch"], patience: 1 + random.below(400))
    let registry = try Registry(at: folder["r"])
    let spool = try registry.spool(for: try #require(kept.id))
    let cut = random.below(lines.count + 1)
    for line in lines[..<cut] {
      _ = try take(line, &aside)
      if random.below(4) == 0 { try aside.settle() }
    }
    try append(lines[..<cut].map { "\($0)\n" }.joined(), to: spool)
    // Somebody continues, and sends all of it, or from some line on.
    let from = random.below(max(1, cut))
    for line in lines[from...] {
      #expect(throws: Never.self, "seed \(seed): \(line)") { try take(line, &aside) }
      if random.below(4) == 0 { try aside.settle() }
    }
    try aside.settle()
    let run = try #require(aside.run(state: .completed))
    let expected = try #require(try kept.record(state: .completed))
    #expect(try run.record().document == expected.document, "seed \(seed)")
    #expect(aside.points == kept.points)
    // What is recorded is the same under the same hash, as if it had come in a document.
    let (record, isNew) = try registry.register(run)
    #expect(isNew && record == expected.digest, "seed \(seed)")
    #expect(try !registry.register(expected), "seed \(seed)")
    #expect(try registry.registeredRun(expected.id)?.document == expected.document)
    #expect(try registry.check(deep: true) == [], "seed \(seed)")
    // A changed number is found wherever the one before it lies.
    for (name, points) in run.series where points.count > 0 {
      let ends = try #require(try points.ends().first)
      #expect(throws: RunDocumentProblems.self, "seed \(seed)") {
        try take("{\"step\": \(ends.step), \"metrics\": {\"\(name)\": 12345.75}}", &aside)
      }
    }
    // What was read back from the spool is what had been told when it was left.
    var reread = RunStream(file: "spool", scratch: folder["scratch"], patience: 50)
    try reread.take(spool: try #require(try registry.spools().first))
    #expect(
      try reread.record(state: .completed)?.document
        == stream(Array(lines[..<cut])).record(state: .completed)?.document, "seed \(seed)")
  }

  private let awkwardNumbers = ["0", "-0.0", "1.5", "NaN", "Infinity", "5e-324", "0.1", "1e300"]

  @Test(arguments: [1, 2, 3, 7, 64, 1000])
  func `lines are the same wherever the pieces end`(size: Int) {
    let text = Array("a\n\nbc\n\(String(repeating: "x", count: 200))\nlast".utf8)
    var splitter = LineSplitter()
    var lines: [String] = []
    for start in stride(from: 0, to: text.count, by: size) {
      text[start..<min(start + size, text.count)].withUnsafeBytes { piece in
        splitter.split(piece) { line in
          lines.append(String(decoding: line, as: UTF8.self))
          return true
        }
      }
    }
    #expect(lines == ["a", "", "bc", String(repeating: "x", count: 200)])
    splitter.finish { line in
      lines.append(String(decoding: line, as: UTF8.self))
      return true
    }
    #expect(lines.last == "last" && splitter.pending == 0)
  }

  @Test func `a spool keeps whole lines, for one follower at a time`() throws {
    let registry = try Registry(at: folder["r"])
    let id = RegisteredRunRecord.id(slug: "s", clientID: "a")
    do {
      let spool = try registry.spool(for: id)
      #expect(spool.earlier.size == 0)
      try append("\(Self.head)\n{\"step\": 1, \"metrics\": {\"l\": 1}}\n{\"step\"", to: spool)
      #expect(throws: RegistryError.followed(run: id)) { _ = try registry.spool(for: id) }
      #expect(try registry.liveRuns().map(\.state) == [.running])
    }
    let live = try registry.liveRuns()
    #expect(live.map(\.state) == [.interrupted] && live.map(\.id) == [id])
    #expect(live.first?.values.series["l"]?.values == [1])
    let snapshot = try registry.snapshot().adding(live: live)
    #expect(snapshot.registered.count == 1 && snapshot.chains.isEmpty)
    let spool = try registry.spool(for: id)
    #expect(try text(of: spool.earlier) == "\(Self.head)\n{\"step\": 1, \"metrics\": {\"l\": 1}}\n")
    try append("{\"state\": \"completed\"}\n", to: spool)
    let file = try #require(try registry.spools().first)
    #expect(try text(of: file).split(separator: "\n").count == 3)
    #expect(try registry.checkLiveRuns().map(\.severity) == [.notice])
    try spool.remove()
    #expect(try registry.liveRuns().isEmpty)
    #expect(try registry.check(deep: true) == [])
  }

  @Test(arguments: 0..<200)
  func `no mutation of a stream crashes its reader`(seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed), "stream mutants")
    var bytes = Array(
      "\(Self.head)\n{\"step\": 1, \"metrics\": {\"l\": 1e3}}\n{\"state\": \"completed\"}".utf8)
    for _ in 0...random.below(5) {
      let place = random.below(bytes.count)
      if random.bool() { bytes[place] = UInt8(random.below(256)) } else { bytes.remove(at: place) }
    }
    var stream = RunStream(file: "<stdin>")
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      do { _ = try stream.take(line) } catch {
        #expect(error.description.contains("error: "), "seed \(seed)")
      }
    }
    if let record = try stream.record(state: .interrupted) {
      #expect(throws: Never.self) { try AnyRecord(document: record.document) }
    }
  }
}
