import Determinism
import Records
import Statistics
import Studies

/// A live run told line by line: a head with the owner's id, numbers by step as they come, an end.
///
/// ```
/// {"study": "s", "id": "run-7", "config": {"lr": 0.001}}
/// {"step": 0, "metrics": {"loss": 2.5}}
/// {"step": 10, "metrics": {"loss": 1.25, "lr": 0.001}}
/// {"metrics": {"accuracy": 0.75}}
/// {"state": "completed"}
/// ```
/// Who continues after a kill sends the head again, and may repeat steps: equal values are known already.
package struct RunStream {
  /// What a line was.
  package enum Line: Equatable {
    case head
    /// Nothing new: blank, or all of it known.
    case known
    case values
    case end(RunState)
  }

  static let headKeys = [
    "$schema", "study", "name", "id", "config", "environment", "tags", "times", "parent", "notes",
  ]
  static let lineKeys = ["step", "metrics"]
  static let endKeys = ["state", "metrics", "times"]
  /// Bytes of the longest line.
  package static let longestLine = 64 << 20

  /// As errors name it.
  private let file: String
  private let scratch: String?
  private var number = 0
  private(set) var head: RegisteredRunRecord?
  private var scalars: [String: Double] = [:]
  private var columns: StreamColumns
  /// Environment and times of later attempts.
  private var resumed: [JSON] = []
  private var finished: JSON?

  /// - Parameters:
  ///   - limit: bytes of the points in the run's document.
  ///   - scratch: a folder in which points are put aside once there are more than a few; without one all of them
  ///     are kept in memory.
  ///   - patience: how many are a few.
  package init(
    file: String, limit: Int = Registry.largestRegisteredRun - (4 << 20), scratch: String? = nil,
    patience: Int = 1 << 18
  ) {
    self.file = file
    self.scratch = scratch
    columns = StreamColumns(limit: limit, patience: patience)
  }

  /// The run's identity; nil before its head.
  package var id: Digest? { head?.id }
  package var points: Int { columns.points }

  /// To be called between lines, now and then: keeps what is in memory within bounds.
  ///
  /// - Throws: `RegistryError`, e.g. on a full disk.
  package mutating func settle() throws {
    if let scratch { try columns.settle(in: scratch) }
  }

  /// Takes a line without its newline.
  ///
  /// - Throws: `RunDocumentProblems`; nothing of the line has been taken then.
  package mutating func take(_ line: UnsafeRawBufferPointer) throws(RunDocumentProblems) -> Line {
    if head != nil, columns.take(line) {
      number += 1
      return .values
    }
    return try take(Array(line))
  }

  package mutating func take(_ line: some Collection<UInt8>) throws(RunDocumentProblems) -> Line {
    number += 1
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return .known }
    let json: JSON
    do { json = try JSON(parsing: line, nonFinite: true) } catch {
      throw refusal(error.message, column: error.column)
    }
    guard let object = json.object else {
      throw refusal("a line is an object", hint: #"{"step": 10, "metrics": {"loss": 0.5}}"#)
    }
    if object["study"] != nil { return try takeHead(Array(line)) }
    guard head != nil else {
      throw refusal(
        "the first line is the run's head", hint: #"{"study": "my-study", "id": "run-1"}"#)
    }
    if let word = object["state"] { return try end(object, word) }
    for key in object.keys where !Self.lineKeys.contains(key) {
      throw refusal(
        Wording.unknown("key", key, among: Self.lineKeys), path: [key],
        hint: Wording.known("keys", Self.lineKeys))
    }
    return try takeValues(object) ? .values : .known
  }

  private func refusal(
    _ message: String, column: Int = 1, path: DocumentPath = [], hint: String? = nil
  ) -> RunDocumentProblems {
    RunDocumentProblems([
      RunDocumentProblem(
        file: file, line: number, column: column, path: RunProblemCollector.text(path), message,
        hint: hint)
    ])
  }

  // MARK: Lines

  private mutating func takeHead(_ line: [UInt8]) throws(RunDocumentProblems) -> Line {
    let source = try RunDocumentSource(line, file: file, isYAML: false)
    var reader = RunDocumentReader(source: source, folder: BesideFolder(path: ""))
    reader.documentKeys = Self.headKeys
    let record = reader.record()
    guard reader.problems.isEmpty, let record else {
      throw reader.problems.located(in: source).moved(toLine: number, of: file)
    }
    guard record.clientID != nil else {
      throw refusal("missing key 'id'", hint: "by its id a killed run continues: \"id\": \"run-1\"")
    }
    guard let head else {
      self.head = record
      return .head
    }
    guard Self.isContinuation(record, of: head) else {
      throw refusal(
        "the id '\(Wording.shown(head.clientID ?? ""))' is that of a run with another head",
        hint: "the same study, name, config, tags, parent and notes; or another id")
    }
    if !record.circumstances.isEmpty { resumed.append(.object(record.circumstances)) }
    return .head
  }

  private static func isContinuation(
    _ record: RegisteredRunRecord, of head: RegisteredRunRecord
  ) -> Bool {
    func without(_ record: RegisteredRunRecord) -> JSON {
      var document = record.document.object ?? JSON.Object()
      document["circumstances"] = nil
      return .object(document)
    }
    return without(record) == without(head)
  }

  /// - Returns: whether any of it is new.
  private mutating func takeValues(_ object: JSON.Object) throws(RunDocumentProblems) -> Bool {
    guard let metrics = object["metrics"]?.object else {
      throw refusal(
        "missing mapping 'metrics'", path: ["metrics"],
        hint: #"{"step": 10, "metrics": {"loss": 0.5}}"#)
    }
    var step: Int?
    if let value = object["step"] {
      guard let integer = RunDocumentReader.integer(value) else {
        throw refusal("expected a whole number, found \(value.described)", path: ["step"])
      }
      step = integer
    }
    var new: [(name: String, value: Double)] = []
    for member in metrics.members {
      let name = member.key.value
      let path = ["metrics", name]
      if let problem = RunDocumentReader.problem(withName: name) {
        throw refusal("a name \(problem)", path: path)
      }
      guard let value = member.value.double else {
        throw refusal("expected a number, found \(member.value.described)", path: path)
      }
      if try isKnown(name, value, step, path) { continue }
      guard !new.contains(where: { $0.name == name }) else {
        throw refusal("the same name as another, in other bytes", path: path)
      }
      new.append((name: name, value: value))
    }
    if step != nil, !new.isEmpty, columns.isFull {
      throw refusal(
        "the run is full: \(points) points come to \(columns.size >> 20) MiB", path: ["metrics"],
        hint: "end it, and go on in a run of another id that names this one as its parent")
    }
    for (name, value) in new {
      if let step {
        columns.append(value, at: step, of: name)
      } else {
        scalars[name] = value
      }
    }
    return !new.isEmpty
  }

  /// Whether the value was told before; an error when there is another in its place.
  private mutating func isKnown(_ name: String, _ value: Double, _ step: Int?, _ path: DocumentPath)
    throws(RunDocumentProblems) -> Bool
  {
    let known: Double?
    if let step {
      guard let last = columns.last(of: name), step <= last else { return false }
      do { known = try columns.value(at: step, of: name) } catch {
        throw refusal("what was told before cannot be read: \(error)", path: path)
      }
      if known == nil {
        throw refusal(
          "step \(step) comes after step \(last)", path: path, hint: RunDocumentReader.risingHint)
      }
    } else {
      known = scalars[name]
    }
    guard let known else { return false }
    guard known.bitPattern == value.bitPattern else {
      throw refusal(
        "\(step.map { "step \($0)" } ?? "the metric") was told before as \(known), now as \(value)",
        path: path, hint: "what is told is durable and never changed; begin a run of another id")
    }
    return true
  }

  private mutating func end(_ object: JSON.Object, _ word: JSON) throws(RunDocumentProblems) -> Line
  {
    for key in object.keys where !Self.endKeys.contains(key) {
      throw refusal(
        Wording.unknown("key", key, among: Self.endKeys), path: [key],
        hint: Wording.known("keys", Self.endKeys))
    }
    guard let text = word.string, RunDocumentReader.Keys.states.contains(text),
      let state = RunState(rawValue: text)
    else {
      throw refusal(
        Wording.unknown(
          "state", word.string ?? word.described, among: RunDocumentReader.Keys.states),
        path: ["state"], hint: Wording.known("states", RunDocumentReader.Keys.states))
    }
    if object["metrics"] != nil { _ = try takeValues(object) }
    finished = object["times"]?["finished"]
    return .end(state)
  }

  // MARK: The run

  /// The run as it stands; nil before its head.
  package func run(state: RunState) -> StreamedRun? {
    guard let head else { return nil }
    var circumstances = head.circumstances
    if !resumed.isEmpty { circumstances["resumed"] = .array(resumed) }
    if let finished {
      var times = circumstances["times"]?.object ?? JSON.Object()
      times["finished"] = finished
      circumstances["times"] = .object(times)
    }
    return StreamedRun(
      RegisteredRunRecord(
        slug: head.slug, name: head.name, clientID: head.clientID, config: head.config,
        tags: head.tags, state: state, parent: head.parent, notes: head.notes,
        values: RecordedValues(scalars: scalars), circumstances: circumstances),
      series: columns.series)
  }
}

extension RunStream {
  /// Takes the lines of a spool: they were taken before, so each is sound unless the file was damaged. The
  /// lines that are numbered in errors come after them.
  ///
  /// - Throws: `RunDocumentProblems` of the first line that is damaged; `RegistryError`.
  package mutating func take(spool: SpoolFile) throws {
    var lines = LineSplitter()
    try spool.read { piece in
      try lines.split(piece) { line in
        _ = try take(line)
        return true
      }
      try settle()
    }
    number = 0
  }
}
