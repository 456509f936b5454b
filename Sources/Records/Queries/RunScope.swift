import Determinism
import GRDB

/// Which rows of the tables of runs a query needs to look at, as SQL with bound values.
struct Scope {
  struct Part {
    fileprivate(set) var conditions: [String] = []
    fileprivate(set) var cells: [Cell] = []
    var condition: String {
      conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
    }
    fileprivate mutating func add(_ condition: String, _ cells: [Cell]) {
      conditions.append(condition)
      self.cells += cells
    }
    func adding(slug: String) -> Part {
      var part = self
      part.add("slug = CAST(? AS TEXT)", [.text(slug)])
      return part
    }
  }

  private(set) var planned = Part()
  /// nil when no registered run can be meant.
  private(set) var registered: Part? = Part()
  /// Whether it says all that the condition does.
  private(set) var saysAll = false
  private var slugs: [JSON.Text] = []
  private var arm: JSON.Text?
  private var plannedLike: RunRecord?
  private var configDigest: Digest?

  init(_ query: RunQuery, _ db: Database, hasRegistered: Bool) throws {
    if let study = query.study { restrict(slug: study) }
    if let arm = query.arm {
      planned.add("arm = CAST(? AS TEXT)", [.text(arm)])
      self.arm = JSON.Text(arm)
      registered = nil
    }
    if query.seeds != nil { registered = nil }
    for comparison in query.condition?.necessary ?? [] {
      guard comparison.key == .fact(.study), case .equals(let literals) = comparison.test,
        literals.count == 1, literals[0].number == nil
      else { continue }
      restrict(slug: literals[0].text)
      if case .comparison = query.condition { saysAll = true }
    }
    if let id = query.sameConfigAs {
      try restrict(toConfigOf: id, db, hasRegistered: hasRegistered)
    }
  }

  private mutating func restrict(slug: String) {
    planned = planned.adding(slug: slug)
    registered = registered?.adding(slug: slug)
    slugs.append(JSON.Text(slug))
  }

  /// Of a registered run those with an equal config; of a planned one those of its study, point and arm.
  private mutating func restrict(toConfigOf id: Digest, _ db: Database, hasRegistered: Bool) throws
  {
    if hasRegistered,
      let row = try db.row("SELECT config_digest FROM registered_run WHERE run = ?", [.digest(id)])
    {
      configDigest = try row.digest(0)
      registered?.add("config_digest = ?", [.digest(try row.digest(0))])
      planned.add("0", [])
      return
    }
    registered = nil
    guard let run = try Registry.run(id, db) else {
      throw RegistryError.unknown(kind: "run", id: id)
    }
    plannedLike = run
    planned.add(
      "slug = CAST(? AS TEXT) AND point = CAST(? AS TEXT) AND arm = CAST(? AS TEXT)",
      [.text(run.slug), .json(.object(run.run.point)), .text(run.run.arm)])
  }

  func admits(_ run: RunRecord) -> Bool {
    guard slugs.allSatisfy({ $0 == JSON.Text(run.slug) }), configDigest == nil else { return false }
    if let arm, arm != JSON.Text(run.run.arm) { return false }
    guard let like = plannedLike else { return true }
    return JSON.Text(like.slug) == JSON.Text(run.slug) && like.run.point == run.run.point
      && JSON.Text(like.run.arm) == JSON.Text(run.run.arm)
  }

  func admits(_ run: RegisteredRunRecord) -> Bool {
    guard registered != nil, slugs.allSatisfy({ $0 == JSON.Text(run.slug) }) else { return false }
    return configDigest.map { $0 == run.configDigest } ?? true
  }
}

/// A value as lists sort it: numbers, then texts and anything else; what a run does not have comes last in
/// either direction.
enum SortValue {
  case number(ExactNumber)
  case text(JSON.Text)
  case missing

  init(_ value: JSON?) {
    guard let value, value != .null else {
      self = .missing
      return
    }
    if let number = RunCondition.Comparison.number(value) {
      self = number.isNaN ? .missing : .number(number)
    } else {
      self = .text(JSON.Text(value.string ?? value.canonicalText))
    }
  }

  static func order(_ left: SortValue, _ right: SortValue, _ isDescending: Bool) -> Int {
    let order: Int
    switch (left, right) {
    case (.missing, .missing): return 0
    case (.missing, _): return 1
    case (_, .missing): return -1
    case (.number(let a), .number(let b)): order = ExactNumber.order(a, b) ?? 0
    case (.number, .text): order = -1
    case (.text, .number): order = 1
    case (.text(let a), .text(let b)): order = a < b ? -1 : b < a ? 1 : 0
    }
    return isDescending ? -order : order
  }
}

/// The names that a key without a prefix could mean: asked only when no run that was looked at has one.
struct KnownNames {
  let db: Database
  let hasRegistered: Bool
  let live: [RegisteredRunRecord]
  let index: TermIndex?

  init(_ db: Database, hasRegistered: Bool, live: [RegisteredRunRecord], index: TermIndex?) {
    self.db = db
    self.hasRegistered = hasRegistered
    self.live = live
    self.index = index
  }

  /// Whether some run has it; stops at the first.
  func contains(_ name: JSON.Text) throws -> Bool {
    let parts = name.value.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
    for text in [name.value] + (parts.count == 2 ? [String(Substring(parts[1]))] : []) {
      // That of registered runs has an index.
      let users =
        (hasRegistered ? ["EXISTS (SELECT 1 FROM registered_scalar WHERE name = n.id)"] : [])
        + ["EXISTS (SELECT 1 FROM scalar WHERE name = n.id)"]
      let used = users.joined(separator: " OR ")
      let row = try db.row(
        "SELECT 1 FROM name AS n WHERE name = CAST(? AS TEXT) AND (\(used))", [.text(text)])
      if row != nil { return try text == name.value || all().contains(name) }
    }
    let path = CanonicalPath(name.value)
    if live.contains(where: {
      $0.values.scalars[name.value] != nil
        || path.value(in: JSON.object($0.config).canonicalBytes) != nil
    }) {
      return true
    }
    if let index {
      switch try index.meaning(of: name) {
      case .setting, .both: return true
      case .metric, .neither: break
      }
    }
    let tables =
      ["SELECT study FROM study", "SELECT point FROM run"]
      + (hasRegistered ? ["SELECT config FROM registered_run \(try withoutTerms())"] : [])
    for sql in tables {
      let rows = try Row.fetchCursor(try db.cachedStatement(sql: sql))
      while let row = try rows.next() {
        if path.value(in: try row.raw(0)) != nil { return true }
      }
    }
    return false
  }

  /// The registered runs whose settings are known from themselves alone.
  private func withoutTerms() throws -> String {
    guard let index else { return "" }
    let rows = try index.wholeRuns() + index.uncovered
    return "WHERE id IN (\(rows.map { "\($0)" }.joined(separator: ", ")))"
  }

  func all() throws -> Set<JSON.Text> {
    var names: Set<JSON.Text> = []
    func add(_ object: JSON.Object) {
      for (path, _) in object.flattened { names.insert(JSON.Text(path)) }
    }
    for row in try db.rows("SELECT DISTINCT CAST(point AS BLOB) FROM run") {
      add(try row.object(0))
    }
    for row in try db.rows("SELECT CAST(study AS BLOB) FROM study") { add(try row.object(0)) }
    for row in try db.rows(
      "SELECT CAST(name AS BLOB) FROM name WHERE id IN (SELECT name FROM scalar)")
    {
      names.insert(JSON.Text(try row.text(0)))
    }
    let staged = """
      SELECT DISTINCT CAST(s.name AS BLOB), CAST(name.name AS BLOB) FROM run_stage AS s
        JOIN stage ON stage.key = s.key JOIN scalar AS v ON v.stage = stage.id
        JOIN name ON name.id = v.name
      """
    for row in try db.rows(staged) {
      names.insert(JSON.Text("\(try row.text(0)):\(try row.text(1))"))
    }
    if hasRegistered {
      let sql =
        "SELECT CAST(name AS BLOB) FROM name WHERE id IN (SELECT name FROM registered_scalar)"
      for row in try db.rows(sql) {
        names.insert(JSON.Text(try row.text(0)))
      }
      if let index { names.formUnion(try index.settings().map { JSON.Text($0) }) }
      try db.each("SELECT config FROM registered_run \(try withoutTerms()) GROUP BY config_digest")
      {
        add((try? JSON(parsing: try $0.raw(0)))?.object ?? JSON.Object())
      }
    }
    for run in live {
      add(run.config)
      for name in run.values.scalars.keys { names.insert(JSON.Text(name)) }
    }
    return names
  }
}
