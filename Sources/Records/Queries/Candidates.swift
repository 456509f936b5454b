import Determinism
import GRDB
import Studies

/// The runs that indices leave of all: rows of those for which a condition can hold, and perhaps of others.
///
/// Of what a condition joins with `and`, the part that leaves the fewest is enough. Nothing is left out by `not`,
/// `~`, and keys that no index has.
struct Candidates {
  /// nil where every run has to be asked.
  private(set) var planned: [Int]?
  private(set) var registered: [Int]?

  static let all = Candidates()

  private init() {}

  init(_ condition: RunCondition, _ index: TermIndex) throws {
    let keys = condition.comparisons.map(\.key)
    if try !keys.contains(where: { try index.isAmbiguous($0) }) {
      registered = try Self.fewest(of: condition, most: index.covered / 8) {
        try index.registered($0, atMost: $1)
      }.map { rows in
        Set(rows).union(try index.wholeRuns()).union(index.uncovered).sorted()
      }
    }
    // Of planned runs nobody knows beforehand.
    let hasNames = keys.contains { if case .named = $0 { true } else { false } }
    if hasNames { return }
    planned = try Self.fewest(of: condition, most: index.plannedCount / 8) {
      try index.planned($0, atMost: $1)
    }.map { Set($0).sorted() }
  }

  /// Looks for a part that leaves few, then for one that leaves more: what it costs is what is found.
  private static func fewest(
    of condition: RunCondition, most: Int,
    _ rows: (RunCondition.Comparison, Int) throws -> [Int]?
  ) throws -> [Int]? {
    var limit = 64
    while true {
      if let found = try Self.rows(condition, limit, rows) { return found }
      if limit >= most { return nil }
      limit = min(8 * limit, most)
    }
  }

  /// nil where it cannot be told, or where there are more than the limit.
  private static func rows(
    _ condition: RunCondition, _ limit: Int, _ find: (RunCondition.Comparison, Int) throws -> [Int]?
  ) throws -> [Int]? {
    switch condition {
    case .comparison(let comparison): return try find(comparison, limit)
    case .not: return nil
    case .and(let parts):
      var fewest: [Int]?
      for part in parts {
        guard let found = try rows(part, limit, find) else { continue }
        if found.count < fewest?.count ?? .max { fewest = found }
      }
      return fewest
    case .or(let parts):
      var union: [Int] = []
      for part in parts {
        guard let found = try rows(part, limit, find) else { return nil }
        union += found
        if union.count > limit { return nil }
      }
      return union
    }
  }
}

/// Answers of the indices to single comparisons.
final class TermIndex {
  let db: Database
  /// Rows of registered runs up to this one have terms.
  let covered: Int
  /// The others, one by one.
  let uncovered: [Int]
  let plannedCount: Int
  let few: Int
  private var meanings: [JSON.Text: Meaning] = [:]

  /// What a name without a prefix is.
  enum Meaning { case setting, metric, both, neither }

  /// - Parameter few: how many runs without a place in an order it names.
  init(_ db: Database, few: Int) throws {
    self.db = db
    self.few = few
    let last = try db.length(of: "registered_run")
    covered = last / TermTable.block * TermTable.block
    plannedCount = try db.length(of: "run")
    uncovered = covered < last ? Array(covered + 1...last) : []
  }

  // MARK: Names

  func name(_ text: JSON.Text) throws -> Int? {
    try db.integer("SELECT id FROM name WHERE name = CAST(? AS TEXT)", [.text(text.value)])
  }

  /// Among the registered runs that have terms.
  func meaning(of name: JSON.Text) throws -> Meaning {
    if let known = meanings[name] { return known }
    var meaning = Meaning.neither
    if let id = try self.name(name) {
      let isSetting = try exists("registered_term", id)
      let isMetric = try exists("registered_scalar", id)
      meaning = isSetting ? (isMetric ? .both : .setting) : isMetric ? .metric : .neither
    }
    meanings[name] = meaning
    return meaning
  }

  /// Whether a run may be asked for what it has twice, which is an error that only that run has.
  func isAmbiguous(_ key: RunKey) throws -> Bool {
    guard case .named(let name) = key else { return false }
    return try meaning(of: name) == .both
  }

  private func exists(_ table: String, _ name: Int) throws -> Bool {
    try db.row("SELECT 1 FROM \(table) WHERE name = ? LIMIT 1", [.integer(name)]) != nil
  }

  /// Every setting that some of them has.
  func settings() throws -> [String] {
    func isThere(_ condition: String) -> String {
      "EXISTS (SELECT 1 FROM registered_term WHERE name = name.id AND \(condition))"
    }
    return try db.rows(
      "SELECT CAST(name AS BLOB) FROM name WHERE \(isThere("value < ?1")) OR \(isThere("value > ?1"))",
      [.term(.mark(.object))]
    ).map { try $0.text(0) }
  }

  // MARK: Rows

  func rows(_ sql: String, _ cells: [Cell], atMost limit: Int) throws -> [Int]? {
    var rows: [Int] = []
    try db.each("\(sql) LIMIT ?", cells + [.integer(limit + 1)]) { rows.append($0[0]) }
    return rows.count > limit ? nil : rows
  }

  /// What is found of all of them; nil where one does not tell, or where it is more than the limit.
  func gathered<Item>(_ items: [Item], _ limit: Int, _ find: (Item) throws -> [Int]?)
    throws -> [Int]?
  {
    var all: [Int] = []
    for item in items {
      guard let found = try find(item) else { return nil }
      all += found
      if all.count > limit { return nil }
    }
    return all
  }

  func rows(_ name: Int, in ranges: [TermRange], atMost limit: Int) throws -> [Int]? {
    try gathered(ranges, limit) { range in
      try rows(
        "SELECT run FROM registered_term WHERE name = ? AND value BETWEEN ? AND ?",
        [.integer(name), .term(range.lower), .term(range.upper)], atMost: limit)
    }
  }

  /// Registered runs that were not taken apart.
  func wholeRuns() throws -> [Int] {
    try rows(TermTable.Fact.whole.rawValue, in: [.all], atMost: .max - 1) ?? []
  }

  /// Registered runs that have terms and for which a comparison can hold.
  func registered(_ comparison: RunCondition.Comparison, atMost limit: Int) throws -> [Int]? {
    switch comparison.key {
    case .setting(let name): return try settings(name, comparison.test, limit)
    case .metric(let name): return try metrics(name, comparison.test, limit)
    case .named(let name):
      switch try meaning(of: name) {
      case .setting: return try settings(name, comparison.test, limit)
      case .metric: return try metrics(name, comparison.test, limit)
      case .neither: return []
      case .both: return nil
      }
    case .fact(.name): return try facts(.name, comparison.test, limit)
    case .fact(.state): return try facts(.state, comparison.test, limit)
    case .fact(.clientID): return try facts(.clientID, comparison.test, limit)
    case .fact(.tag):
      // A run without tags has an empty list of them.
      if case .exists = comparison.test { return nil }
      guard let ranges = TermRange.ranges(for: comparison.test) else { return nil }
      return try tagged(ranges, "registered_run", limit)
    case .tagged(let name): return try tagged(Self.ranges(ofTag: name), "registered_run", limit)
    case .fact(.arm), .fact(.seed), .fact(.phase), .fact(.ordinal): return []
    case .fact(.kind): return comparison.holds("registered") ? nil : []
    case .fact(.study): return try words(comparison.test, "slug", "registered_run", limit)
    case .fact(.rerun): return try verdict(comparison.test, "registered_run", limit)
    case .fact(.id), .fact(.parent), .series, .circumstance, .prediction: return nil
    }
  }

  /// Planned runs for which a comparison can hold.
  func planned(_ comparison: RunCondition.Comparison, atMost limit: Int) throws -> [Int]? {
    switch comparison.key {
    case .fact(.name), .fact(.clientID), .fact(.parent): return []
    case .fact(.kind): return comparison.holds("planned") ? nil : []
    case .fact(.state): return comparison.holds(JSON(RunState.completed.rawValue)) ? nil : []
    case .fact(.study): return try words(comparison.test, "slug", "run", limit)
    case .fact(.arm): return try words(comparison.test, "arm", "run", limit)
    case .fact(.seed):
      guard case .equals(let literals) = comparison.test else { return nil }
      let seeds = literals.map { literal in
        if case .integer(let seed)? = literal.number { seed.uint64 } else { nil as UInt64? }
      }
      guard !seeds.contains(nil) else { return nil }
      return try equal(seeds.compactMap { $0.map { "\($0)" } }, "seed", "run", limit)
    case .fact(.tag):
      if case .exists = comparison.test { return nil }
      guard let ranges = TermRange.ranges(for: comparison.test) else { return nil }
      return try tagged(ranges, "run", limit)
    case .tagged(let name): return try tagged(Self.ranges(ofTag: name), "run", limit)
    case .fact(.rerun): return try verdict(comparison.test, "run", limit)
    case .setting, .metric, .named, .series, .circumstance, .prediction: return nil
    case .fact(.id), .fact(.phase), .fact(.ordinal): return nil
    }
  }

  private func settings(_ name: JSON.Text, _ test: RunCondition.Test, _ limit: Int) throws -> [Int]?
  {
    guard let ranges = TermRange.ranges(for: test) else { return nil }
    guard let id = try self.name(name) else { return [] }
    return try rows(id, in: ranges, atMost: limit)
  }

  private func facts(_ fact: TermTable.Fact, _ test: RunCondition.Test, _ limit: Int) throws
    -> [Int]?
  {
    guard let ranges = TermRange.ranges(for: test) else { return nil }
    return try rows(fact.rawValue, in: ranges, atMost: limit)
  }

  private func metrics(_ name: JSON.Text, _ test: RunCondition.Test, _ limit: Int) throws -> [Int]?
  {
    guard let ranges = MetricRange.ranges(for: test) else { return nil }
    guard let id = try self.name(name) else { return [] }
    return try gathered(ranges, limit) { range in
      try rows(
        "SELECT run FROM registered_scalar WHERE name = ? AND bits BETWEEN ? AND ?",
        [.integer(id), .blob(range.lower), .blob(range.upper)], atMost: limit)
    }
  }

  // MARK: Facts

  private func equal(_ words: [String], _ column: String, _ table: String, _ limit: Int) throws
    -> [Int]?
  {
    try gathered(words, limit) { word in
      try rows(
        "SELECT id FROM \(table) WHERE \(column) = CAST(? AS TEXT)", [.text(word)], atMost: limit)
    }
  }

  /// A number could be written in other words.
  private func words(
    _ test: RunCondition.Test, _ column: String, _ table: String, _ limit: Int
  ) throws -> [Int]? {
    guard case .equals(let literals) = test, literals.allSatisfy({ $0.number == nil }) else {
      return nil
    }
    return try equal(literals.map(\.text), column, table, limit)
  }

  /// Of verdicts that were recorded; the last one counts, which the run knows.
  private func verdict(_ test: RunCondition.Test, _ table: String, _ limit: Int) throws -> [Int]? {
    guard case .equals(let literals) = test else { return nil }
    return try gathered(literals, limit) { literal in
      let verdict = Verdict.allCases.first { $0.rawValue.lowercased() == literal.text }
      guard let verdict else { return nil }
      return try rows(
        """
        SELECT owner.id FROM rerun CROSS JOIN \(table) AS owner ON owner.run = rerun.run
        WHERE rerun.verdict = CAST(? AS TEXT)
        """, [.text(verdict.rawValue)], atMost: limit)
    }
  }

  func tagged(_ ranges: [TermRange], _ table: String, _ limit: Int) throws -> [Int]? {
    let recorded =
      try table == "registered_run"
      ? rows(TermTable.Fact.tag.rawValue, in: ranges, atMost: limit) : []
    let added = try gathered(ranges, limit) { range in
      try rows(
        """
        SELECT owner.id FROM annotation_tag AS tag CROSS JOIN annotation
          ON annotation.id = tag.annotation
        CROSS JOIN \(table) AS owner ON owner.run = annotation.run
        WHERE tag.value BETWEEN ? AND ?
        """, [.term(range.lower), .term(range.upper)], atMost: limit)
    }
    return try gathered([recorded, added], limit) { $0 }
  }

  /// Of a tag `x`, and of tags `x=…`.
  private static func ranges(ofTag name: JSON.Text) -> [TermRange] {
    [TermRange(Term(name.value)), TermRange(prefix: Array("\(name.value)=".utf8))]
  }
}
