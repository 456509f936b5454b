import Determinism
import GRDB
import Studies

/// What runs have under keys, in one read of the database. What a condition asks of every run is fetched in
/// one go; what is asked of single runs, run by run.
final class RunValues {
  private let registry: Registry
  private let db: Database
  /// Keys that every run is asked for.
  private let common: Set<RunKey>
  /// In what pieces the database is read.
  enum Extent { case everything, singleRuns }
  var reads = Extent.everything
  /// Names without a prefix that some run had.
  private(set) var found: Set<JSON.Text> = []

  private var registeredNumbers: [RunKey: NumberColumn] = [:]
  private var plannedNumbers: [RunKey: NumberColumn] = [:]
  private var paths: [JSON.Text: CanonicalPath] = [:]
  private var studies: [Digest: [UInt8]] = [:]
  private var verdicts: [Digest: Verdict]?
  private var detections: Set<Digest>?
  private var annotations: [Digest: [AnnotationRecord]]?
  private var predictions: [JSON.Text: [Digest: ClaimResult]] = [:]

  /// One number of many runs, by row.
  private struct NumberColumn {
    /// The row of its name, if any run has it.
    let name: Int?
    var values: [Int: Double]?
  }

  init(_ registry: Registry, _ db: Database, common: Set<RunKey>) {
    self.registry = registry
    self.db = db
    self.common = common
  }

  func value(_ key: RunKey, of run: RunSummary) throws -> JSON? {
    switch key {
    case .fact(.rerun): return JSON(try verdict(of: run).lowercased())
    case .fact(.tag): return .array(try tags(of: run).map { JSON($0) })
    case .fact(let fact): return run.fact(fact)
    case .setting(let name): return try setting(name, of: run)
    case .metric, .series: return try number(key, of: run).map { JSON($0) }
    case .circumstance(let name): return path(name).value(in: run.circumstances)
    case .tagged(let name): return try tagged(name, of: run)
    case .prediction(let name): return try result(of: name, over: run).map { JSON($0.rawValue) }
    case .named(let name):
      let setting = try setting(name, of: run)
      let number = try number(.metric(name), of: run)
      if setting != nil || number != nil { found.insert(name) }
      if setting != nil, number != nil { throw Ambiguity(key: key, run: run.id) }
      return setting ?? number.map { JSON($0) }
    }
  }

  /// A name that is both a setting and a metric of one run.
  struct Ambiguity: Error {
    let key: RunKey
    let run: Digest
  }

  // MARK: Settings

  private func path(_ name: JSON.Text) -> CanonicalPath {
    if let path = paths[name] { return path }
    let path = CanonicalPath(name.value)
    paths[name] = path
    return path
  }

  /// Of a planned run what its point says, else what its study file does.
  private func setting(_ name: JSON.Text, of run: RunSummary) throws -> JSON? {
    let path = path(name)
    if let value = path.value(in: run.config) { return value }
    guard case .planned(_, _, _, _, let study) = run.body else { return nil }
    return path.value(in: try self.study(study))
  }

  private func study(_ digest: Digest) throws -> [UInt8] {
    if let bytes = studies[digest] { return bytes }
    let row = try db.row(
      "SELECT CAST(study AS BLOB) FROM study WHERE digest = ? LIMIT 1", [.digest(digest)])
    let bytes = try row?.bytes(0) ?? []
    studies[digest] = bytes
    return bytes
  }

  // MARK: Numbers

  private func number(_ key: RunKey, of run: RunSummary) throws -> Double? {
    let text: String
    let isSeries: Bool
    switch key {
    case .metric(let name): (text, isSeries) = (name.value, false)
    case .series(let name): (text, isSeries) = (name.value, true)
    default: return nil
    }
    if case .live(let record) = run.source {
      return isSeries ? record.values.series[text]?.values.last : record.values.scalars[text]
    }
    let column = isSeries ? "substr(v.bits, -8)" : "v.bits"
    let table = isSeries ? "series" : "scalar"
    if case .registered = run.body {
      return try registered(key, text, column, "registered_\(table)", of: run)
    }
    return try planned(key, text, column, table, of: run)
  }

  private func name(_ text: String) throws -> Int? {
    try db.integer("SELECT id FROM name WHERE name = CAST(? AS TEXT)", [.text(text)])
  }

  private func registered(
    _ key: RunKey, _ text: String, _ column: String, _ table: String, of run: RunSummary
  ) throws -> Double? {
    guard case .row(let row) = run.source else { return nil }
    var known = try registeredNumbers[key] ?? NumberColumn(name: try name(text))
    defer { registeredNumbers[key] = known }
    guard let name = known.name else { return nil }
    // A series is fetched run by run: its last value stands behind all the others.
    if reads == .everything, isCommon(key), table == "registered_scalar" {
      if known.values == nil {
        var values: [Int: Double] = [:]
        try db.each("SELECT run, bits FROM registered_scalar WHERE name = ?", [.integer(name)]) {
          values[$0[0]] = try $0.rawDouble(1)
        }
        known.values = values
      }
      return known.values?[row]
    }
    return try db.row(
      "SELECT \(column) FROM \(table) AS v WHERE run = ? AND name = ? AND length(v.bits) > 0",
      [.integer(row), .integer(name)])?.double(0)
  }

  private func isCommon(_ key: RunKey) -> Bool {
    if common.contains(key) { return true }
    guard case .metric(let name) = key else { return false }
    return common.contains(.named(name))
  }

  /// `stage:name`, or the last stage that recorded the name.
  private func planned(
    _ key: RunKey, _ text: String, _ column: String, _ table: String, of run: RunSummary
  ) throws -> Double? {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      .map { String(Substring($0)) }
    let stage = parts.count == 2 ? parts[0] : nil
    var known = try plannedNumbers[key] ?? NumberColumn(name: try name(parts.last ?? text))
    defer { plannedNumbers[key] = known }
    guard let name = known.name else { return nil }
    let first = "(SELECT min(id) FROM stage WHERE key = "
    switch run.source {
    case .live: return nil
    case .attempt(let record):
      for reference in record.run.stages.reversed()
      where stage.map({ JSON.Text($0) == JSON.Text(reference.name) }) ?? true {
        let row = try db.row(
          """
          SELECT \(column) FROM \(table) AS v
          WHERE v.stage = \(first)?) AND v.name = ? AND length(v.bits) > 0
          """, [.digest(reference.key), .integer(name)])
        if let row { return try row.double(0) }
      }
      return nil
    case .row(let row):
      let joined = """
        FROM run_stage AS s JOIN \(table) AS v ON v.stage = \(first)s.key) AND v.name = ?
        WHERE length(v.bits) > 0\(stage == nil ? "" : " AND s.name = CAST(? AS TEXT)")
        """
      let cells: [Cell] = [.integer(name)] + (stage.map { [.text($0)] } ?? [])
      guard isCommon(key), table == "scalar" else {
        return try db.row(
          "SELECT \(column) \(joined) AND s.run = ? ORDER BY s.position DESC LIMIT 1",
          cells + [.integer(row)])?.double(0)
      }
      if known.values == nil {
        var values: [Int: Double] = [:]
        try db.each("SELECT s.run, \(column) \(joined) ORDER BY s.run, s.position", cells) {
          values[$0[0]] = try $0.rawDouble(1)
        }
        known.values = values
      }
      return known.values?[row]
    }
  }

  /// All single numbers of a registered run, by name.
  func metrics(of run: RunSummary) throws -> [(name: String, value: Double)] {
    switch run.source {
    case .attempt: return []
    case .live(let record):
      return record.values.scalars.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
        .map { (name: $0.key, value: $0.value) }
    case .row(let row):
      guard run.isRegistered else { return try plannedMetrics(row) }
      return try db.rows(
        """
        SELECT CAST(name.name AS BLOB), bits FROM registered_scalar JOIN name
          ON name.id = registered_scalar.name WHERE run = ? ORDER BY name.name
        """, [.integer(row)]
      ).map { (name: try $0.text(0), value: try $0.double(1)) }
    }
  }

  private func plannedMetrics(_ row: Int) throws -> [(name: String, value: Double)] {
    try db.rows(
      """
      SELECT CAST(s.name AS BLOB), CAST(name.name AS BLOB), v.bits
      FROM run_stage AS s JOIN scalar AS v ON v.stage = (SELECT min(id) FROM stage WHERE key = s.key)
        JOIN name ON name.id = v.name WHERE s.run = ? ORDER BY s.position, name.name
      """, [.integer(row)]
    ).map { (name: "\(try $0.text(0)):\(try $0.text(1))", value: try $0.double(2)) }
  }

  // MARK: What was recorded about runs

  /// Rows of a table in the order of the chains, which is the same in every registry that holds them.
  private static func ordered(_ columns: String, _ table: String, _ condition: String) -> String {
    """
    SELECT \(columns) FROM \(table) AS r CROSS JOIN chain CROSS JOIN ledger
      ON ledger.chain = chain.id AND ledger.record = r.record
    \(condition) ORDER BY chain.slug, chain.origin, ledger.position
    """
  }

  private func isDetection(_ run: RunSummary) throws -> Bool {
    if let detections { return detections.contains(run.id) }
    let isDetection = "\(Schema.mayBeDetection) AND \(Schema.isDetection)"
    if reads == .singleRuns {
      return try db.row(
        "SELECT 1 FROM registered_run WHERE run = ? AND \(isDetection)", [.digest(run.id)]) != nil
    }
    let rows = try db.rows("SELECT run FROM registered_run WHERE \(isDetection)")
    let found = Set(try rows.map { try $0.digest(0) })
    detections = found
    return found.contains(run.id)
  }

  func verdict(of run: RunSummary) throws -> String {
    let none = try run.isRegistered && !isDetection(run) ? "NOT-RERUNNABLE" : "NEVER-RERUN"
    if reads == .everything, common.contains(.fact(.rerun)), verdicts == nil {
      var all: [Digest: Verdict] = [:]
      for row in try db.rows(Self.ordered("r.run, CAST(r.verdict AS BLOB)", "rerun", "")) {
        all[try row.digest(0)] = try row.choice(1, of: Verdict.self)
      }
      verdicts = all
    }
    if let verdicts { return verdicts[run.id]?.rawValue ?? none }
    return try db.rows(
      Self.ordered("CAST(r.verdict AS BLOB)", "rerun", "WHERE r.run = ?"), [.digest(run.id)]
    ).last?.text(0) ?? none
  }

  func tags(of run: RunSummary) throws -> [String] {
    var recorded: [String] = []
    if case .registered(_, _, _, let tags) = run.body { recorded = tags.texts }
    return try annotations(of: run.id).tags(from: recorded)
  }

  private func annotations(of run: Digest) throws -> [AnnotationRecord] {
    guard registry.kinds.contains(.annotation) else { return [] }
    let asksForTags = common.contains {
      switch $0 {
      case .fact(.tag), .tagged: true
      default: false
      }
    }
    if reads == .everything, asksForTags, annotations == nil {
      let all = try db.rows(Self.ordered("r.id", "annotation", ""))
        .map { try AnnotationTable.load(try $0.integer(0), db) }
      annotations = Dictionary(grouping: all, by: \.run)
    }
    if let annotations { return annotations[run] ?? [] }
    return try Self.annotations(of: run, db)
  }

  static func annotations(of run: Digest, _ db: Database) throws -> [AnnotationRecord] {
    try db.rows(ordered("r.id", "annotation", "WHERE r.run = ?"), [.digest(run)])
      .map { try AnnotationTable.load(try $0.integer(0), db) }
  }

  static func reruns(of run: Digest, _ db: Database) throws -> [RerunRecord] {
    try db.rows(ordered("r.id", "rerun", "WHERE r.run = ?"), [.digest(run)])
      .map { try RerunTable.load(try $0.integer(0), db) }
  }

  private func tagged(_ name: JSON.Text, of run: RunSummary) throws -> JSON? {
    let key = Array(name.value.utf8)
    let values = try tags(of: run).compactMap { tag -> JSON? in
      let bytes = Array(tag.utf8)
      guard bytes.starts(with: key) else { return nil }
      if bytes.count == key.count { return "" }
      guard bytes[key.count] == UInt8(ascii: "=") else { return nil }
      return JSON(String(decoding: bytes[(key.count + 1)...], as: UTF8.self))
    }
    return values.isEmpty ? nil : values.count == 1 ? values[0] : .array(values)
  }

  private func result(of prediction: JSON.Text, over run: RunSummary) throws -> ClaimResult? {
    if let known = predictions[prediction] { return known[run.id] }
    var results: [Digest: ClaimResult] = [:]
    let rows = try db.rows(
      Self.ordered(
        "CAST(r.runs AS BLOB), CAST(r.result AS BLOB)", "assessment",
        "WHERE r.prediction_id = CAST(? AS TEXT)"), [.text(prediction.value)])
    for row in rows {
      let result = try row.choice(1, of: ClaimResult.self)
      for run in try row.json(0).array ?? [] { run.digest.map { results[$0] = result } }
    }
    predictions[prediction] = results
    return results[run.id]
  }
}
