import Determinism
import Studies
import Testing

@testable import Records

/// What indices answer is what asking every run answers.
@Suite struct TermTests {
  let folder = Folder()

  private static let texts = [
    "adam", "adamw", "sgd", "3", "3.0", "0.1", "1e3", "nan", "inf", "true", "false", "", "null",
    "Z",
    "a path that is long enough/1", "a path that is long enough/2", "a path that is l",
    "\u{10FFFF}",
    "é", "-0", "99999999999999999999", "16 bytes exactly", "twenty-four bytes, as it is.",
  ]
  private static let digits = [
    "0", "1", "3", "-3", "9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "100000000000000000000000",
  ]
  private static let tags = ["x", "x=1", "x=two", "xy", "3", "3.0", "sweep-3"]

  private static func number(_ stream: inout RandomStream) -> JSON {
    stream.bool()
      ? JSON(stream.element(of: awkwardDoubles + [3, 0.1, 9.223372036854775807e18]))
      : (try? JSON(parsing: stream.element(of: digits))) ?? 0
  }

  private static func value(_ stream: inout RandomStream, depth: Int = 0) -> JSON {
    switch stream.below(depth > 2 ? 7 : 10) {
    case 0: return .null
    case 1: return JSON(stream.bool())
    case 2, 3: return number(&stream)
    case 4, 5, 6: return JSON(stream.element(of: texts))
    case 7:
      return .array((0..<stream.below(3)).map { _ in value(&stream, depth: depth + 1) })
    default: return .object(object(&stream, depth: depth + 1))
    }
  }

  private static func object(_ stream: inout RandomStream, depth: Int = 0) -> JSON.Object {
    JSON.Object(
      (0..<stream.below(4)).map { _ in
        (stream.element(of: ["a", "b", "a.b", "lr", ""]), value(&stream, depth: depth))
      })
  }

  private static func run(_ index: Int, _ stream: inout RandomStream) -> RegisteredRunRecord {
    var config = object(&stream)
    config["opt"] = JSON(stream.element(of: texts))
    if stream.below(40) == 0 {
      for extra in 0..<1100 { config["extra-\(extra)"] = JSON(extra) }
    }
    if stream.below(40) == 0 { config[String(repeating: "k", count: 300)] = 1 }
    var scalars: [String: Double] = [:]
    for name in ["m", "auroc"] where stream.bool() {
      scalars[name] = stream.element(of: awkwardDoubles)
    }
    if stream.below(100) == 0 { scalars["lr"] = 1 }
    return RegisteredRunRecord(
      slug: stream.element(of: ["one", "two", "3"]),
      name: stream.element(of: ["", "run", "5", "run \(index)"]),
      clientID: stream.bool() ? "\(index)" : nil, config: config,
      tags: tags.filter { _ in stream.below(4) == 0 },
      state: stream.element(of: [.completed, .completed, .failed, .interrupted]), parent: nil,
      notes: "", values: RecordedValues(scalars: scalars), circumstances: JSON.Object())
  }

  /// Two full blocks of registered runs and some more, planned ones, annotations, reruns.
  private func filled(_ stream: inout RandomStream) throws -> Registry {
    let registry = try Registry(at: folder["r"])
    let planned = try Fixture.fill(registry, runs: 3)
    let runs = (0..<2 * TermTable.block + 20).map { Self.run($0, &stream) }
    for result in try registry.register(runs.map { Registry.Submission($0) }) {
      _ = try result.get()
    }
    for _ in 0..<30 {
      let (slug, id) =
        stream.below(4) == 0
        ? (planned[0].slug, stream.element(of: planned).id)
        : { run in (run.slug, run.id) }(stream.element(of: runs))
      try registry.record(
        AnnotationRecord(
          slug: slug, run: id, added: [stream.element(of: Self.tags)],
          removed: stream.bool() ? [stream.element(of: ["sweep-4", "sweep-5"])] : [],
          circumstances: JSON.Object()))
    }
    for run in runs.prefix(3) { try registry.record(Fixture.rerun(run.slug, run: run.id)) }
    return registry
  }

  private static let keys = [
    "a", "b", "a.b", "config.a", "config.a.b", "config.opt", "opt", "config.lr", "lr", "config.a.a",
    "metric.m", "m", "metric.auroc", "metric.v4", "tag", "tag.x", "tag.3", "state", "name",
    "client_id", "study", "kind", "arm", "seed", "rerun", "phase", "config.extra-7", "config.title",
    "prediction.p", "config.nothing", "organism.onset", "circumstances.threads", "series.loss",
    "id",
  ]

  private static func literal(_ key: RunKey, _ stream: inout RandomStream) -> String {
    if let words = key.words { return "'\(stream.element(of: words))'" }
    switch stream.below(6) {
    case 0: return stream.element(of: digits)
    case 1, 2:
      let value = stream.element(of: awkwardDoubles + [3, 0.1])
      return value.isNaN ? "nan" : "\(value)"
    case 3:
      return stream.element(of: ["one", "two", "sleeper", "3", "run", "true", "false", "adam"])
    case 4: return "'\(stream.element(of: tags))'"
    default: return "'\(stream.element(of: texts))'"
    }
  }

  private static func condition(_ stream: inout RandomStream, depth: Int = 0) -> String {
    if depth < 3 {
      func inner() -> String { "(\(condition(&stream, depth: depth + 1)))" }
      switch stream.below(8) {
      case 0, 1: return "\(inner()) and \(inner())"
      case 2: return "\(inner()) or \(inner())"
      case 3: return "not \(inner())"
      default: break
      }
    }
    let key = stream.element(of: keys)
    guard let parsed = RunKey(key) else { return "state = failed" }
    func value() -> String { literal(parsed, &stream) }
    switch stream.below(9) {
    case 0: return "\(key) exists"
    case 1: return "\(key) ~ \(value())"
    case 2: return "\(key) in (\(value()), \(value()))"
    case 3, 4, 5: return "\(key) = \(value())"
    default: return "\(key) \(stream.element(of: ["<", "<=", ">", ">=", "!="])) \(value())"
    }
  }

  private static func query(_ stream: inout RandomStream) throws -> RunQuery {
    var query = RunQuery()
    if stream.below(6) != 0 {
      query.conditionText = condition(&stream)
      query.condition = try RunConditionParser.parse(query.conditionText)
    }
    if stream.below(5) == 0 { query.study = stream.element(of: ["one", "3", "toy-study"]) }
    for _ in 0..<stream.below(3) {
      guard let key = RunKey(stream.element(of: keys)) else { continue }
      query.sort.append(RunQuery.SortKey(key, isDescending: stream.bool()))
    }
    if stream.bool() { query.limit = stream.below(30) }
    return query
  }

  /// Everything that a query says, or why it cannot be answered.
  private func answer(_ query: RunQuery, of registry: Registry) throws -> [String] {
    do {
      let selection = try registry.select(query)
      return ["\(selection.matched) of \(selection.total)"]
        + selection.runs.map { "\($0.summary.id) \($0.verdict) \($0.tags)" }
    } catch let error as QueryError { return ["\(error)"] }
  }

  /// Edits by hand, with the triggers out of the way and put back afterwards.
  @Test(
    .enabled(if: SQLiteProgram.isInstalled),
    arguments: [
      ("registered_term", "DELETE FROM registered_term WHERE run = 7 AND name > 0"),
      ("registered_term", "UPDATE registered_term SET value = 'yes' WHERE run = 7 AND name = -3"),
      ("registered_term", "UPDATE registered_term SET run = 400 WHERE run = 7"),
      ("registered_term", "INSERT INTO registered_term VALUES (1, 5, 7)"),
      ("registered_term", "INSERT INTO registered_term VALUES (99999, 5, 7)"),
      ("annotation_tag", "DELETE FROM annotation_tag WHERE annotation = 1"),
      ("annotation_tag", "UPDATE annotation_tag SET value = 5"),
    ])
  func `a check holds the index against the runs`(table: String, edit: String) throws {
    var stream = RandomStream(seed: 9, "terms")
    let registry = try filled(&stream)
    let triggers = Schema.triggers(on: table).map { "\($0);" }
    try SQLiteProgram.run(
      registry.database,
      "DROP TRIGGER \(table)_refuses_update; DROP TRIGGER \(table)_refuses_delete; \(edit);")
    for trigger in triggers { try SQLiteProgram.run(registry.database, trigger) }
    let places = try registry.check(deep: false).map(\.place)
    #expect(!places.isEmpty && places.allSatisfy { $0 == table }, "\(places)")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `an index answers as asking every run does`(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "terms")
    let registry = try filled(&stream)
    #expect(try registry.check(deep: true) == [])
    for _ in 0..<120 {
      var query = try Self.query(&stream)
      query.few = stream.element(of: [8, 32, 1024])
      var slow = query
      slow.asksEveryRun = true
      let sort = query.sort.map { "\($0.key.text)\($0.isDescending ? ":desc" : "")" }
      let (quick, whole) = (try answer(query, of: registry), try answer(slow, of: registry))
      #expect(
        quick == whole,
        """
        seed \(seed): \(query.conditionText) in \(query.study ?? "all"), sorted by \(sort), \
        at most \(query.limit.map { "\($0)" } ?? "all")
        """)
    }
  }
}
