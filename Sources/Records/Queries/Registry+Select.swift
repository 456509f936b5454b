import Determinism
import GRDB
import Studies

extension Registry {
  /// The runs that a query asks for: planned ones by study, point, arm and seed, then registered ones by study
  /// and name, unless it sorts them otherwise.
  ///
  /// No series, curve or artifact is read that nobody asked for.
  /// - Parameter live: runs that are followed and have no record yet.
  /// - Throws: `QueryError` where the condition names what no run has; `RegistryError`.
  package func select(_ query: RunQuery, live: [RegisteredRunRecord] = []) throws -> RunSelection {
    try reading { try RunSelector(self, $0, query, live).select() }
  }
}

/// One pass over the runs of a registry.
struct RunSelector {
  private let registry: Registry
  let db: Database
  let query: RunQuery
  private let live: [RegisteredRunRecord]
  let values: RunValues
  private let hasRegistered: Bool
  /// nil in a registry of a format that has none.
  let index: TermIndex?
  let candidates: Candidates

  init(
    _ registry: Registry, _ db: Database, _ query: RunQuery, _ live: [RegisteredRunRecord]
  ) throws {
    self.registry = registry
    self.db = db
    self.query = query
    hasRegistered = registry.kinds.contains(.registeredRun)
    let isKnown = hasRegistered ? "SELECT 1 FROM registered_run WHERE run = ?" : nil
    // One may have been recorded since its lines were read.
    self.live = try live.filter { run in
      try isKnown.map { try db.row($0, [.digest(run.id)]) == nil } ?? true
    }
    values = RunValues(registry, db, common: Set(query.keys))
    index =
      try registry.format >= TermTable.since && !query.asksEveryRun
      ? TermIndex(db, few: query.few) : nil
    candidates =
      if let index, let condition = query.condition { try Candidates(condition, index) } else {
        .all
      }
  }

  func select() throws -> RunSelection {
    var planned: [RunSummary] = []
    var registered: [RunSummary] = []
    let scope = try Scope(query, db, hasRegistered: hasRegistered)
    values.reads = candidates.registered == nil ? .everything : .singleRuns
    try eachPlanned(scope) { if try holds($0) { planned.append($0) } }
    let first = try first(scope)
    if let first {
      registered = first.runs
      values.reads = .singleRuns
    } else if let part = scope.registered {
      try eachRegistered(part, candidates.registered, inOrder: isWhole) { run, _ in
        if try holds(run) { registered.append(run) }
        return true
      }
    }
    let known = try unfinished(scope) { try holds($0) }
    planned = Self.merged(planned, known.planned) { Self.text($0) }
    if !isWhole || first != nil { registered.sort(by: Self.precedes) }
    registered = Self.merged(registered, known.live) { Self.text($0) }
    var runs = try sorted(planned + registered)
    let matched =
      try isCut
      ? count(scope)
      : first.map { planned.count + $0.matched + known.live.count } ?? runs.count
    if let limit = query.limit { runs = Array(runs.prefix(limit)) }
    if runs.count <= query.few { values.reads = .singleRuns }
    let columns = try columns(of: runs)
    let selected = try runs.map { run in
      RunSelection.Run(
        summary: run, verdict: try values.verdict(of: run), tags: try values.tags(of: run),
        metrics: query.wantsMetrics && run.isRegistered ? try values.metrics(of: run) : [],
        cells: try columns.map { try value($0, of: run) })
    }
    try refuseUnknownKeys()
    return RunSelection(
      head: try LedgerTable.head(db), total: try total(), matched: matched,
      columns: columns.map(\.text), runs: selected)
  }

  // MARK: Which runs

  /// Whether the database itself can leave out what the limit does.
  var isCut: Bool {
    query.limit != nil && query.condition == nil && query.sort.isEmpty && query.seeds == nil
      && query.sameConfigAs == nil && live.isEmpty
  }

  func holds(_ run: RunSummary) throws -> Bool {
    if let seeds = query.seeds {
      guard case .planned(_, let seed, _, _, _) = run.body, seeds(seed) else { return false }
    }
    guard let condition = query.condition else { return true }
    return try condition.holds { try value($0, of: run) }
  }

  /// - Throws: `QueryError` at the key, when it is a setting and a metric of the same run.
  func value(_ key: RunKey, of run: RunSummary) throws -> JSON? {
    do { return try values.value(key, of: run) } catch let error as RunValues.Ambiguity {
      let name = error.key.text
      throw complaint(
        about: key, "'\(name)' is a setting and a metric of run \(error.run.short)",
        hint: "say config.\(name) or metric.\(name)")
    }
  }

  private func complaint(about key: RunKey, _ message: String, hint: String?) -> QueryError {
    let place = query.condition?.comparisons.first { $0.key == key }?.place
    return place.map { QueryError(query.conditionText, $0, message, hint: hint) }
      ?? QueryError(key.text, 0..<key.text.utf8.count, message, hint: hint)
  }

  private func eachPlanned(_ scope: Scope, _ body: (RunSummary) throws -> Void) throws {
    let circumstances = query.needsCircumstances ? "circumstances" : "NULL"
    try db.each(
      """
      SELECT id, run, slug, study, point, arm, seed, phase, ordinal, \(circumstances)
      FROM \(Self.source("run", candidates.planned)) \(scope.planned.condition)
      ORDER BY slug, point, arm, length(seed), seed, ordinal, run\(cut)
      """, Self.cells(candidates.planned) + scope.planned.cells
    ) { row in
      guard let seed = UInt64(try row.rawText(6)) else {
        throw ColumnDamage(column: "run.seed", wanted: "a seed")
      }
      try body(
        RunSummary(
          id: try row.rawDigest(1), slug: try row.rawText(2), state: .completed,
          config: try row.raw(4), circumstances: try row.raw(9),
          body: .planned(
            arm: try row.rawText(5), seed: seed, phase: try row.rawChoice(7, of: SeedPhase.self),
            ordinal: row[8], study: try row.rawDigest(3)), source: .row(row[0])))
    }
  }

  /// - Parameters:
  ///   - rows: only these; nil for all.
  ///   - inOrder: by study, name and run, as lists begin.
  ///   - body: gets the run and its row, and says whether to go on.
  func eachRegistered(
    _ part: Scope.Part, _ rows: [Int]?, inOrder: Bool, _ body: (RunSummary, Int) throws -> Bool
  ) throws {
    guard hasRegistered else { return }
    let config = query.needsConfig ? "config" : "NULL"
    let circumstances = query.needsCircumstances ? "circumstances" : "NULL"
    try db.walk(
      """
      SELECT id, run, slug, name, client_id, tags, state, parent, \(config), \(circumstances)
      FROM \(Self.source("registered_run", rows)) \(part.condition)
      \(inOrder ? "ORDER BY slug, name, run" : "")\(cut)
      """, Self.cells(rows) + part.cells
    ) { row in
      try body(
        RunSummary(
          id: try row.rawDigest(1), slug: try row.rawText(2),
          state: try row.rawChoice(6, of: RunState.self), config: try row.raw(8),
          circumstances: try row.raw(9),
          body: .registered(
            name: try row.rawText(3), clientID: row.isNull(4) ? nil : try row.rawText(4),
            parent: row.isNull(7) ? nil : try row.rawDigest(7),
            tags: RunSummary.RecordedTags(bytes: try row.raw(5))),
          source: .row(row[0])), row[0])
    }
  }

  /// The rows that are looked at come first: no other index is a shorter way to them.
  static func source(_ table: String, _ rows: [Int]?) -> String {
    rows == nil
      ? table
      : "(SELECT value AS wanted FROM json_each(CAST(? AS TEXT))) CROSS JOIN \(table) ON id = wanted"
  }

  static func cells(_ rows: [Int]?) -> [Cell] {
    rows.map { [.json(.array($0.map { JSON($0) }))] } ?? []
  }

  /// Whether every row is wanted: the index then has them in order. Where a condition takes some, it is faster
  /// to go through the table as it lies and to sort those.
  private var isWhole: Bool { query.condition == nil && query.seeds == nil }

  private var cut: String { isCut ? " LIMIT \(query.limit ?? 0)" : "" }

  /// Runs that have no record yet: planned ones that are not completed, and live ones.
  private func unfinished(_ scope: Scope, _ holds: (RunSummary) throws -> Bool) throws -> (
    planned: [RunSummary], live: [RunSummary]
  ) {
    var planned: [RunSummary] = []
    for row in try db.rows("SELECT CAST(state AS BLOB), CAST(document AS BLOB) FROM attempt") {
      let run = try RunRecord(document: try row.json(1))
      guard scope.admits(run) else { continue }
      let summary = RunSummary(
        id: run.id, slug: run.slug,
        state: try registry.living(try row.choice(0, of: RunState.self), run.id),
        config: JSON.object(run.run.point).canonicalBytes,
        circumstances: JSON.object(run.circumstances).canonicalBytes,
        body: .planned(
          arm: run.run.arm, seed: run.run.seed, phase: run.run.phase, ordinal: run.ordinal,
          study: run.studyDigest), source: .attempt(run))
      if try holds(summary) { planned.append(summary) }
    }
    let live = try live.filter(scope.admits).map { run in
      RunSummary(
        id: run.id, slug: run.slug, state: run.state,
        config: JSON.object(run.config).canonicalBytes,
        circumstances: JSON.object(run.circumstances).canonicalBytes,
        body: .registered(
          name: run.name, clientID: run.clientID, parent: run.parent,
          tags: RunSummary.RecordedTags(
            bytes: JSON.array(run.tags.map { JSON($0) }).canonicalBytes)),
        source: .live(run))
    }.filter(holds)
    return (planned, live)
  }

  /// How many runs there are, without their conditions.
  private func count(_ scope: Scope) throws -> Int {
    let recorded = try count("run", scope.planned)
    let registered =
      try hasRegistered ? scope.registered.map { try count("registered_run", $0) } : 0
    let unfinished = try unfinished(scope) { _ in true }
    return recorded + (registered ?? 0) + unfinished.planned.count + unfinished.live.count
  }

  /// Rows are never removed: of all of them the last one's number tells how many there are.
  func count(_ table: String, _ part: Scope.Part) throws -> Int {
    try part.condition.isEmpty
      ? db.integer("SELECT ifnull(max(id), 0) FROM \(table)") ?? 0
      : db.integer("SELECT count(*) FROM \(table) \(part.condition)", part.cells) ?? 0
  }

  private func total() throws -> Int {
    try count("run", Scope.Part()) + (hasRegistered ? count("registered_run", Scope.Part()) : 0)
      + (db.integer("SELECT count(*) FROM attempt") ?? 0) + live.count
  }

  // MARK: In which order

  private static func precedes(_ left: RunSummary, _ right: RunSummary) -> Bool {
    guard case .registered(let name, _, _, _) = left.body,
      case .registered(let other, _, _, _) = right.body
    else { preconditionFailure("registered runs are sorted among themselves") }
    let slugs = (JSON.Text(left.slug), JSON.Text(right.slug))
    if slugs.0 != slugs.1 { return slugs.0 < slugs.1 }
    let names = (JSON.Text(name), JSON.Text(other))
    return names.0 != names.1 ? names.0 < names.1 : left.id < right.id
  }

  /// Those without a record are few: they are put in their places.
  private static func merged(
    _ recorded: [RunSummary], _ others: [RunSummary], _ key: (RunSummary) -> [JSON.Text]
  ) -> [RunSummary] {
    if others.isEmpty { return recorded }
    return (recorded + others).map { (key($0), $0) }
      .sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
  }

  private static func text(_ run: RunSummary) -> [JSON.Text] {
    func padded(_ number: some BinaryInteger) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, 20 - text.utf8.count)) + text
    }
    switch run.body {
    case .planned(let arm, let seed, _, let ordinal, _):
      return [
        run.slug, String(decoding: run.config, as: UTF8.self), arm, padded(seed), padded(ordinal),
        run.id.hex,
      ].map { JSON.Text($0) }
    case .registered(let name, _, _, _): return [run.slug, name, run.id.hex].map { JSON.Text($0) }
    }
  }

  private func sorted(_ runs: [RunSummary]) throws -> [RunSummary] {
    if query.sort.isEmpty { return runs }
    let keyed = try runs.enumerated().map { position, run in
      (position, try query.sort.map { SortValue(try value($0.key, of: run)) }, run)
    }
    return keyed.sorted { left, right in
      for (index, key) in query.sort.enumerated() {
        let order = SortValue.order(left.1[index], right.1[index], key.isDescending)
        if order != 0 { return order < 0 }
      }
      return left.0 < right.0
    }.map(\.2)
  }

  // MARK: What of them

  private func columns(of runs: [RunSummary]) throws -> [RunKey] {
    try query.columns.flatMap { column -> [RunKey] in
      switch column {
      case .key(let key): return [key]
      case .allSettings:
        return Set(runs.flatMap { $0.settings.flattened.map { JSON.Text($0.path) } })
          .sorted().map { .setting($0) }
      case .allMetrics:
        return Set(try runs.flatMap { try values.metrics(of: $0).map { JSON.Text($0.name) } })
          .sorted().map { .metric($0) }
      }
    }
  }

  /// A name that no run of the whole registry has is a typing error.
  private func refuseUnknownKeys() throws {
    let known = KnownNames(db, hasRegistered: hasRegistered, live: live, index: index)
    let columns = query.columns.compactMap { if case .key(let key) = $0 { key } else { nil } }
    for key in query.keys + columns {
      guard case .named(let name) = key, !values.found.contains(name) else { continue }
      if try known.contains(name) { continue }
      let all = try known.all()
      if all.isEmpty { continue }
      let candidates = all.map(\.value) + RunKey.Fact.allCases.map(\.rawValue)
      let near = Spelling.nearest(to: name.value, among: candidates)
      throw complaint(
        about: key,
        "no run has '\(name.value)'" + (near.map { "; did you mean '\($0)'?" } ?? ""),
        hint: "dormouse list --columns 'id,config.*,metric.*' shows what there is")
    }
  }
}
