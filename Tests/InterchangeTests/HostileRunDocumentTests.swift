import Determinism
import Glibc
import Records
import Testing

@testable import Interchange

@Suite struct HostileRunDocumentTests {
  let folder = Folder()

  /// The whole description, with `run.json` as the file.
  private func problems(_ text: String, isYAML: Bool? = nil) -> String {
    problems(Array(text.utf8), isYAML: isYAML)
  }

  private func problems(_ bytes: [UInt8], isYAML: Bool? = nil) -> String {
    do {
      _ = try RunDocument(bytes, file: "run.json", folder: folder.path, isYAML: isYAML)
      return "sound"
    } catch { return error.description }
  }

  @Test(arguments: [
    ("", "run.json:1:1: error: is empty\n  hint: the least is {\"study\": \"my-study\"}"),
    ("[]", "run.json:1:1: error: a run document is a mapping"),
    ("{}", "run.json:1:1: error: missing key 'study'"),
    ("{\"study\": \"s\",}", "run.json:1:15: error: expected a key in quotes"),
    ("{\"study\": \"s\"} {}", "run.json:1:16: error: text after the value"),
    ("{\"study\": \"s\",\n \"study\": \"t\"}", "run.json:2:2: error: duplicate key \"study\""),
    ("{\"study\": nan}", "run.json:1:11: error: not a JSON value"),
    ("{\"study\": \"\\ud800\"}", "run.json:1:12: error: half of a surrogate pair"),
    ("{\"study\": null}", "run.json:1:11: error: study: expected a text, found nothing"),
    ("{\"study\": \"../s\"}", "run.json:1:11: error: study: '../s' cannot be a study's name"),
    (
      "{\"study\": \"s\", \"metrics\": {\"a\": 1e400}}",
      "run.json:1:33: error: \"1e400\" does not fit a double"
    ),
    (
      "{\"study\": \"s\",\n  \"mertics\": {}}",
      "run.json:2:3: error: mertics: unknown key 'mertics'; did you mean 'metrics'?"
    ),
    (
      "{\"study\": \"s\", \"metrics\": {\"a\": 9007199254740993}}",
      "run.json:1:33: error: metrics.a: 9007199254740993 is not exactly a double\n  hint: append .0 if"
    ),
    (
      "{\"study\": \"s\", \"metrics\": {\"a\": true}}",
      "run.json:1:33: error: metrics.a: expected a number, found true\n  hint: write 1"
    ),
    (
      "{\"study\": \"s\", \"metrics\": {\"\": 1, \"a\\u0000\": 2}}",
      "run.json:1:28: error: metrics.'': a name cannot be empty"
    ),
    (
      "{\"study\": \"s\", \"metrics\": {\"e\\u0301\": 1, \"é\": 2}}",
      "the name 'é' is taken by another value"
    ),
    (
      "{\"study\": \"s\", \"series\": {\"l\": {\"steps\": [0, 2, 1], \"values\": [1, 2, 3]}}}",
      "series.l.steps[2]: step 1 comes after step 2"
    ),
    (
      "{\"study\": \"s\", \"series\": {\"l\": {\"steps\": [9223372036854775808], \"values\": [1]}}}",
      "series.l.steps[0]: expected a whole number, found 9223372036854775808"
    ),
    (
      "{\"study\": \"s\", \"scores\": {\"p\": {\"scores\": [1, 2], \"labels\": [1, 1]}}}",
      "scores.p: undefined: 2 positive and 0 negative examples; both classes are needed"
    ),
    (
      "{\"study\": \"s\", \"scores\": {\"p\": {\"scores\": [], \"labels\": []}}}",
      "scores.p: undefined: 0 positive and 0 negative examples"
    ),
    (
      "{\"study\": \"s\", \"scores\": {\"p\": {\"scores\": [1], \"labels\": [0.99]}}}",
      "scores.p.labels[0]: expected a label, found 0.99"
    ),
    (
      "{\"study\": \"s\", \"curves\": {\"p\": {\"thresholds\": [1], \"tp\": [-1], \"fp\": [1], \"positives\": 1, \"negatives\": 1}}}",
      "curves.p: the last point does not flag everything"
    ),
    (
      "{\"study\": \"s\", \"times\": {\"finished\": 1763682065000}}",
      "times.finished: is no time in seconds since 1970\n  hint: divide milliseconds by 1000"
    ),
    (
      "{\"study\": \"s\", \"artifacts\": {\"a\": \"x\", \"b\": {\"keep\": 1}}}",
      "artifacts.b.keep: expected true or false, found 1"
    ),
  ])
  func `what is wrong is said with its place`(text: String, expected: String) {
    let found = problems(text)
    #expect(found.contains(expected), "\(found)")
  }

  @Test func `all problems come in one go, in the order of the file`() {
    let found = problems(
      """
      {"study": "S",
       "state": "done", "config": [],
       "metrics": {"a": "x", "b": []},
       "tags": [1, ""], "extra": 1}
      """)
    let lines = found.split(separator: "\n").filter { !$0.hasPrefix("  hint") }
    #expect(
      lines.map { $0.prefix(while: { $0 != " " }) } == [
        "run.json:1:11:", "run.json:2:11:", "run.json:2:29:", "run.json:3:19:", "run.json:3:29:",
        "run.json:4:11:", "run.json:4:14:", "run.json:4:19:",
      ], "\(found)")
  }

  @Test func `one mistake made many times is not told for ever`() {
    let values = Array(repeating: "\"x\"", count: 10_000).joined(separator: ",")
    let found = problems(#"{"study": "s", "series": {"l": [\#(values)]}}"#)
    #expect(found.split(separator: "\n").count <= 60)
  }

  @Test(arguments: [JSON.maximumDepth + 10, 100_000])
  func `deep nesting is refused, not followed`(depth: Int) {
    let open = String(repeating: "[", count: depth)
    let close = String(repeating: "]", count: depth)
    #expect(
      problems("{\"study\": \"s\", \"config\": {\"a\": \(open)\(close)}}").contains(
        "nested more than 256"))
    #expect(problems("study: s\nconfig: {a: \(open)\(close)}", isYAML: true) != "sound")
  }

  @Test func `a config may be as deep and as large as the limits say`() throws {
    let depth = 200
    let open = String(repeating: "{\"x\":", count: depth)
    #expect(
      problems("{\"study\": \"s\", \"config\": \(open)1\(String(repeating: "}", count: depth))}")
        == "sound")
    let long = String(repeating: "é", count: 1 << 20)
    #expect(problems("{\"study\": \"s\", \"config\": {\"\(long)\": \"\(long)\"}}") == "sound")
  }

  @Test(
    arguments: [
      ([0xFF, 0xFE, 0x7B, 0x00], "run.json"), ([0x1F, 0x8B, 0x08], "is compressed with gzip"),
      (Array("{\"study\": \"".utf8) + [0xFF] + Array("\"}".utf8), "not valid UTF-8"),
      (Array("{\"study\": \"s\"".utf8), "expected ',' or '}'"), ([0x00], "run.json"),
    ] as [([UInt8], String)])
  func `bytes that are no text are refused`(bytes: [UInt8], expected: String) {
    let found = problems(bytes)
    #expect(found.contains(expected) && found != "sound", "\(found)")
  }

  @Test func `a byte order mark is read over, and columns stay`() {
    #expect(problems([0xEF, 0xBB, 0xBF] + Array("{\"study\": \"s\"}".utf8)) == "sound")
    #expect(
      problems([0xEF, 0xBB, 0xBF] + Array("{\"study\": 1}".utf8)).hasPrefix("run.json:1:14:"))
  }

  @Test(arguments: [
    "a: &x [1]\nb: *x", "study: s\nconfig: {a: !!python/object x}", "study: s\n---\nstudy: t",
    "study: s\nstudy: t", "study: s\nconfig:\n  <<: {a: 1}", "study: s\n\tname: x",
  ])
  func `YAML's traps are refused`(text: String) {
    let found = problems(text, isYAML: true)
    #expect(found.hasPrefix("run.json:") && found.contains("error:"), "\(found)")
  }

  // MARK: Files beside the document

  private func artifact(_ path: String) -> String {
    let quoted = JSON(path).canonicalText
    return problems(#"{"study": "s", "artifacts": {"a": \#(quoted)}}"#)
  }

  @Test(arguments: [
    ("../secret", "leads out of the document's folder"),
    ("in/../../secret", "leads out of the document's folder"),
    ("/etc/passwd", "an absolute path is not read"), ("", "is not a path"),
    ("a\u{0}b", "is not a path"), ("in", "is not a regular file"), (".", "is a folder, not a file"),
    ("missing", "No such file or directory"), ("link", "a symbolic link"),
    ("linked/file", "a symbolic link"), ("fifo", "is not a regular file"),
    ("~/x", "No such file or directory"), ("file:///etc/passwd", "No such file"),
    ("..\u{301}/x", "No such file"), ("%2e%2e/secret", "No such file"),
  ])
  func `a document names files in its own folder alone`(path: String, expected: String) throws {
    try DurableFile.makeFolder(folder["in"])
    try DurableFile.write([1], to: folder["in/file"])
    symlink("in/file", folder["link"])
    symlink("in", folder["linked"])
    mkfifo(folder["fifo"], 0o600)
    let found = artifact(path)
    #expect(found.contains(expected), "\(found)")
    #expect(found.hasPrefix("run.json:1:35: error: artifacts.a: "), "\(found)")
  }

  @Test func `a device is no artifact, however it is reached`() {
    #expect(
      throws: BesideFolder.Refusal("is not a regular file")
    ) { try BesideFolder(path: "/dev").read("zero", atMost: 10) }
    #expect(throws: BesideFolder.Refusal.self) {
      try BesideFolder(path: folder["nowhere"]).read("x", atMost: 10)
    }
  }

  @Test(arguments: ["grows", "shrinks", "is written over"])
  func `a file that changes while it is read is refused`(change: String) throws {
    let path = folder["changing"]
    try DurableFile.write(Array(repeating: 1, count: 3 << 20), to: path)
    var pieces = 0
    #expect(throws: BesideFolder.Refusal.self) {
      _ = try BesideFolder(path: folder.path).scan("changing", atMost: .max) { _ in
        pieces += 1
        guard pieces == 1 else { return }
        switch change {
        case "grows": #expect(truncate(path, 4 << 20) == 0)
        case "shrinks": #expect(truncate(path, 2 << 20) == 0)
        default:
          // The same size, and a later time, as any clock tells it.
          usleep(20_000)
          let file = open(path, O_WRONLY)
          #expect(Glibc.write(file, [2], 1) == 1)
          close(file)
        }
      }
    }
    #expect(pieces >= 1)
  }

  @Test(arguments: [
    ("", "m.csv:1:1: error: is empty"),
    ("step;loss\n1;2\n", "m.csv:1:1: error: columns are separated by semicolons"),
    ("step\tloss\n", "columns are separated by tabs"),
    ("loss\n1\n", "'m.csv' has no column 'step'"),
    ("step,loss,loss\n", "m.csv:1:1: error: two columns have the name 'loss'"),
    ("step,\n", "a column without a name"),
    ("step,loss\n1,2,3\n", "m.csv:2:1: error: 3 cells in a row of 2 columns"),
    ("step,loss\n1,\"2\n", "m.csv:2:1: error: a quote is not closed"),
    ("step,loss\n1,\"2\"3\n", "text after a closing quote"),
    ("step,loss\n1,0x1p3\n", "m.csv:2:1: error: loss: expected a number, found '0x1p3'"),
    ("step,loss\n1,1_000\n", "found '1_000'"), ("step,loss\n1,1e999\n", "found '1e999'"),
    ("step,loss\n1,=1+1\n", "found '=1+1'"), ("step,loss\n1,١\n", "found '١'"),
    ("step,loss\n1.5,2\n", "expected a whole number, found '1.5'"),
    ("step,loss\n2,1\n1,2\n", "m.csv:3:1: error: loss: step 1 comes after step 2"),
    ("step,loss\n1,1\n1,1\n", "step 1 occurs twice"),
    ("step,loss\n1,a\u{0}b\n", "holds a NUL byte"),
  ])
  func `a wrong table is told line by line`(text: String, expected: String) throws {
    try DurableFile.write(Array(text.utf8), to: folder["m.csv"])
    let found = problems(#"{"study": "s", "series_files": ["m.csv"]}"#)
    #expect(found.contains(expected), "\(found)")
  }

  @Test(arguments: [
    (
      "{\"step\": 1, \"a\": 1} {}\n",
      "m.jsonl:1:21: error: text after the value\n  hint: one object a line"
    ),
    ("[1]\n", "m.jsonl:1:1: error: a line is an object"),
    ("{\"step\": 1, \"a\": null}\n", "a: expected a number, found null\n  hint: write NaN"),
    ("{\"step\": 1, \"a\": \"1\"}\n", "expected a number, found \"1\""),
    ("{\"a\": 1}\n", "has no column 'step'"),
    (
      "{\"step\": 1, \"a\": 1}\n{\"a\": 2}\n",
      "m.jsonl:2:1: error: step: expected a whole number, found nothing"
    ),
    ("{\"step\": 1, \"a\": 1}\n{\"step\": 2, \"a\"\n{}\n", "m.jsonl:2:"),
  ])
  func `a wrong line is told by its number`(text: String, expected: String) throws {
    try DurableFile.write(Array(text.utf8), to: folder["m.jsonl"])
    let found = problems(#"{"study": "s", "series_files": ["m.jsonl"]}"#)
    #expect(found.contains(expected), "\(found)")
  }

  @Test(arguments: 0..<300)
  func `no mutation of a document crashes the reader`(seed: Int) {
    var stream = RandomStream(seed: UInt64(seed), "mutants")
    var bytes = Array(
      #"""
      {"study": "s", "config": {"a": [1, {"b": null}]}, "metrics": {"x": NaN, "y": -1e3},
       "series": {"l": {"steps": [1, 2], "values": [0.5, 1]}}, "tags": ["é"],
       "scores": {"p": {"scores": [1, 2], "labels": [0, 1], "groups": ["a", "a"]}},
       "curves": {"c": {"thresholds": [1], "tp": [1], "fp": [1], "positives": 1, "negatives": 1}}}
      """#.utf8)
    for _ in 0...stream.below(6) {
      let place = stream.below(bytes.count)
      switch stream.below(4) {
      case 0: bytes[place] = UInt8(stream.below(256))
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(UInt8(stream.below(256)), at: place)
      default: bytes.replaceSubrange(place..., with: bytes[..<stream.below(place + 1)])
      }
      if bytes.isEmpty { bytes = [0x7B] }
    }
    for isYAML in [nil, true] {
      let found = problems(bytes, isYAML: isYAML)
      #expect(found == "sound" || found.contains("error: "), "seed \(seed)")
    }
  }
}
