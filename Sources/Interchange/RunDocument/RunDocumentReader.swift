import Determinism
import Records
import Statistics
import Studies

/// From a tree of values to a record, collecting every problem on the way.
struct RunDocumentReader {
  /// The keys of every mapping of fixed form. `run.schema.json` says the same, and a test holds the two
  /// together.
  enum Keys {
    static let document = [
      "$schema", "study", "name", "id", "config", "environment", "tags", "times", "state",
      "metrics",
      "series", "series_files", "scores", "curves", "artifacts", "parent", "notes",
    ]
    static let times = ["started", "finished"]
    static let series = ["steps", "values"]
    static let seriesFile = ["file", "step", "columns", "prefix"]
    static let scores = ["scores", "labels", "groups"]
    static let scoresFile = ["file", "score", "label", "group"]
    static let curve = ["thresholds", "tp", "fp", "positives", "negatives"]
    static let artifact = ["path", "media_type", "keep"]
    static let states = ["completed", "failed", "interrupted"]
  }

  /// Bytes of the longest metric name, tag, client id or title.
  static let longestName = 1024
  /// Bytes of the longest notes.
  static let longestNotes = 1 << 20
  /// Bytes of the largest file that is taken in whole.
  static let largestFile = 1 << 30

  let source: RunDocumentSource
  let folder: BesideFolder
  var problems = RunProblemCollector()
  var artifacts: [Digest: [UInt8]] = [:]
  var remarks: [String] = []
  var values = RecordedValues()
  /// Those of the top that are read: the head of a stream has fewer.
  var documentKeys = Keys.document

  init(source: RunDocumentSource, folder: BesideFolder) {
    self.source = source
    self.folder = folder
  }

  /// nil when the document is no mapping or has no study.
  mutating func record() -> RegisteredRunRecord? {
    guard let given = source.root.object else {
      problems.value(
        [], "a run document is a mapping", hint: #"{"study": "my-study", "metrics": {"loss": 0.5}}"#
      )
      return nil
    }
    checkKeys(of: given, at: [], known: documentKeys)
    // Nothing is read, least of all a file, by a key that is not for here.
    let root = JSON.Object(
      given.members.filter { documentKeys.contains($0.key.value) }.map { ($0.key.value, $0.value) })
    let slug = study(root["study"])
    let clientID = name(root["id"], at: ["id"], "an id")
    metrics(root["metrics"])
    series(root["series"])
    seriesFiles(root["series_files"])
    scores(root["scores"])
    curves(root["curves"])
    artifacts(root["artifacts"])
    var circumstances = JSON.Object()
    if let environment = mapping(root["environment"], at: ["environment"]) {
      circumstances["environment"] = .object(environment)
    }
    if let times = times(root["times"]) { circumstances["times"] = .object(times) }
    let notes = text(root["notes"], at: ["notes"]) ?? ""
    if notes.utf8.count > Self.longestNotes {
      problems.value(
        ["notes"], "has \(notes.utf8.count) bytes; at most \(Self.longestNotes >> 20) MiB",
        hint: "keep a long text as an artifact")
    }
    let record = RegisteredRunRecord(
      slug: slug ?? "", name: name(root["name"], at: ["name"], "a name") ?? "", clientID: clientID,
      config: mapping(root["config"], at: ["config"]) ?? JSON.Object(), tags: tags(root["tags"]),
      state: state(root["state"]), parent: parent(root["parent"], slug: slug ?? ""), notes: notes,
      values: values, circumstances: circumstances)
    return slug == nil ? nil : record
  }

  // MARK: Single members

  private mutating func study(_ value: JSON?) -> String? {
    guard let value else {
      problems.value([], "missing key 'study'", hint: #""study": "my-study""#)
      return nil
    }
    guard let slug = text(value, at: ["study"]) else {
      if value == .null { problems.value(["study"], "expected a text, found nothing") }
      return nil
    }
    guard Names.isValid(slug) else {
      problems.value(
        ["study"], "'\(Wording.shown(slug))' cannot be a study's name",
        hint: "lower-case letters, digits and hyphens, at most 64")
      return nil
    }
    return slug
  }

  private mutating func state(_ value: JSON?) -> RunState {
    guard let word = text(value, at: ["state"]) else { return .completed }
    guard Keys.states.contains(word), let state = RunState(rawValue: word) else {
      problems.value(
        ["state"], Wording.unknown("state", word, among: Keys.states),
        hint: Wording.known("states", Keys.states))
      return .completed
    }
    return state
  }

  private mutating func tags(_ value: JSON?) -> [String] {
    guard let value, value != .null else { return [] }
    guard let elements = value.array else {
      wrongType(["tags"], "a list of texts", value)
      return []
    }
    return elements.enumerated().compactMap { index, element in
      name(element, at: ["tags", "\(index)"], "a tag")
    }
  }

  /// A run's id of 64 digits, or the client id of another run of the same study.
  private mutating func parent(_ value: JSON?, slug: String) -> Digest? {
    name(value, at: ["parent"], "a parent").map {
      Digest(hex: $0) ?? RegisteredRunRecord.id(slug: slug, clientID: $0)
    }
  }

  private mutating func times(_ value: JSON?) -> JSON.Object? {
    guard let times = mapping(value, at: ["times"]) else { return nil }
    checkKeys(of: times, at: ["times"], known: Keys.times)
    for member in times.members where Keys.times.contains(member.key.value) {
      let path = ["times", member.key.value]
      switch member.value {
      case .string(let text):
        if !Self.isMoment(text.value) {
          problems.value(
            path, "'\(Wording.shown(text.value))' is not a time of RFC 3339",
            hint: "2026-11-20T23:41:05Z, or seconds since 1970")
        }
      case .integer, .double:
        let seconds = member.value.double ?? .nan
        // The last second of the year 9999; what is beyond was meant in milliseconds.
        if !(seconds >= 0 && seconds < 253_402_300_800) {
          problems.value(
            path, "is no time in seconds since 1970",
            hint: seconds >= 253_402_300_800 ? "divide milliseconds by 1000" : nil)
        }
      default: wrongType(path, "a time", member.value)
      }
    }
    return times
  }

  /// `2026-11-20T23:41:05Z`, with a fraction or another offset where there is one.
  static func isMoment(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    func digits(_ count: Int) -> Bool {
      guard bytes.count >= count, bytes.prefix(count).allSatisfy({ (0x30...0x39).contains($0) })
      else { return false }
      bytes = bytes.dropFirst(count)
      return true
    }
    func one(of accepted: String) -> UInt8? {
      guard let byte = bytes.first, accepted.utf8.contains(byte) else { return nil }
      bytes = bytes.dropFirst()
      return byte
    }
    guard digits(4), one(of: "-") != nil, digits(2), one(of: "-") != nil, digits(2),
      one(of: "Tt ") != nil, digits(2), one(of: ":") != nil, digits(2), one(of: ":") != nil,
      digits(2)
    else { return false }
    if one(of: ".") != nil {
      guard digits(1) else { return false }
      while digits(1) {}
    }
    guard let zone = one(of: "Zz+-") else { return false }
    if zone | 0x20 == UInt8(ascii: "z") { return bytes.isEmpty }
    return digits(2) && one(of: ":") != nil && digits(2) && bytes.isEmpty
  }

  // MARK: Types

  mutating func checkKeys(of object: JSON.Object, at path: DocumentPath, known: [String]) {
    for key in object.keys where !known.contains(where: { $0.utf8.elementsEqual(key.utf8) }) {
      problems.key(
        path + [key], Wording.unknown("key", key, among: known), hint: Wording.known("keys", known))
    }
  }

  mutating func wrongType(_ path: DocumentPath, _ expected: String, _ value: JSON) {
    problems.value(path, "expected \(expected), found \(value.described)")
  }

  mutating func text(_ value: JSON?, at path: DocumentPath) -> String? {
    guard let value, value != .null else { return nil }
    if let text = value.string { return text }
    wrongType(path, "a text", value)
    return nil
  }

  mutating func mapping(_ value: JSON?, at path: DocumentPath) -> JSON.Object? {
    guard let value, value != .null else { return nil }
    if let object = value.object { return object }
    wrongType(path, "a mapping", value)
    return nil
  }

  /// A short text without control characters.
  mutating func name(_ value: JSON?, at path: DocumentPath, _ what: String) -> String? {
    guard let text = text(value, at: path) else { return nil }
    if let problem = Self.problem(withName: text) {
      problems.value(path, "\(what) \(problem)")
      return nil
    }
    return text
  }

  static func problem(withName name: String) -> String? {
    if name.isEmpty { return "cannot be empty" }
    if name.utf8.count > longestName { return "has at most \(longestName) bytes" }
    if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      return "has no control characters"
    }
    return nil
  }

  /// The members of a mapping whose keys are names of values.
  mutating func named(_ value: JSON?, at path: DocumentPath) -> [(name: String, value: JSON)] {
    guard let object = mapping(value, at: path) else { return [] }
    return object.members.compactMap { member in
      let name = member.key.value
      if let problem = Self.problem(withName: name) {
        problems.key(path + [name], "a name \(problem)")
        return nil
      }
      return (name: name, value: member.value)
    }
  }

  mutating func number(_ value: JSON, at path: @autoclosure () -> DocumentPath) -> Double? {
    switch value {
    case .double(let bits): return bits.value
    case .integer(let integer):
      if let exact = value.double { return exact }
      problems.value(
        path(), "\(integer.digits.prefix(40)) is not exactly a double",
        hint: "append .0 if the nearest double will do")
    case .null:
      problems.value(path(), "expected a number, found nothing", hint: "write NaN, or leave it out")
    case .bool(let flag):
      problems.value(
        path(), "expected a number, found \(flag)", hint: "write \(flag ? 1 : 0)")
    case .string, .array, .object: wrongType(path(), "a number", value)
    }
    return nil
  }

  /// A whole number, also where it is written `12.0`.
  mutating func integer(
    _ value: JSON, at path: @autoclosure () -> DocumentPath, _ what: String = "a whole number"
  ) -> Int? {
    if let integer = Self.integer(value) { return integer }
    problems.value(path(), "expected \(what), found \(value.described)")
    return nil
  }

  static func integer(_ value: JSON) -> Int? {
    if let integer = value.int { return integer }
    if case .double(let bits) = value { return Int(exactly: bits.value) }
    return nil
  }

  mutating func list(_ object: JSON.Object, _ key: String, at path: DocumentPath) -> [JSON]? {
    guard let value = object[key] else {
      problems.value(path, "missing key '\(key)'")
      return nil
    }
    guard let elements = value.array else {
      wrongType(path + [key], "a list", value)
      return nil
    }
    return elements
  }
}
