import Determinism
import GRDB

/// The first registered runs of many, without asking all of them.
extension RunSelector {
  struct First {
    /// Those that can be among the first, and perhaps others that are not.
    let runs: [RunSummary]
    /// For how many the condition holds.
    let matched: Int
  }

  /// nil where every run has to be asked: no limit, more in the condition than one comparison that an index
  /// counts, an order that no index has.
  func first(_ scope: Scope) throws -> First? {
    guard let index, let limit = query.limit, limit <= query.few, !isCut,
      candidates.registered == nil, let part = scope.registered, query.seeds == nil,
      query.sameConfigAs == nil,
      try !query.sort.contains(where: { try index.isAmbiguous($0.key) })
    else { return nil }
    let alone = try index.wholeRuns() + index.uncovered
    guard alone.count <= max(query.few, TermTable.block),
      let counted = try counted(scope, part, index, alone),
      let order = try query.sort.first.map({ try index.order(by: $0) }) ?? RunOrder()
    else { return nil }
    // In one study an index of all would lead past the others.
    guard part.condition.isEmpty || order.stretches.isEmpty else { return nil }
    values.reads = .singleRuns
    defer { values.reads = .everything }
    let search = FirstSearch(self, part)
    let matched = try search.ask(alone)
    let single = try search.ask(order.single)
    search.wanted = min(limit, counted - single)
    search.mostAsked = max(query.few, index.covered / 16)
    guard try search.follow(order) else { return nil }
    return First(runs: search.runs, matched: counted + matched)
  }

  /// For how many of those that have terms the condition holds.
  private func counted(
    _ scope: Scope, _ part: Scope.Part, _ index: TermIndex, _ alone: [Int]
  ) throws -> Int? {
    if query.condition == nil || scope.saysAll {
      let all = try count("registered_run", part)
      let others = try db.integer(
        """
        SELECT count(*) FROM \(Self.source("registered_run", alone)) \(part.condition)
        """, Self.cells(alone) + part.cells)
      return all - (others ?? 0)
    }
    guard part.condition.isEmpty, case .comparison(let comparison)? = query.condition else {
      return nil
    }
    return try index.count(comparison, without: index.wholeRuns())
  }
}

/// One way along an order, until there are enough.
private final class FirstSearch {
  /// How many runs are enough.
  var wanted = 0
  /// With more than these, all might have been asked as well.
  var mostAsked = 0
  private(set) var runs: [RunSummary] = []
  private let selector: RunSelector
  private let part: Scope.Part
  /// Rows of runs that were asked.
  private var seen: Set<Int> = []
  /// How many were found on the way.
  private var found = 0

  init(_ selector: RunSelector, _ part: Scope.Part) {
    self.selector = selector
    self.part = part
  }

  /// - Returns: for how many of them the condition holds; none is asked twice.
  func ask(_ rows: [Int]) throws -> Int {
    let new = rows.filter { seen.insert($0).inserted }
    if new.isEmpty { return 0 }
    let before = runs.count
    try selector.eachRegistered(part, new, inOrder: false) { run, _ in
      if try selector.holds(run) { runs.append(run) }
      return true
    }
    return runs.count - before
  }

  /// False where it would be longer than to ask every run.
  func follow(_ order: RunOrder) throws -> Bool {
    for stretch in order.stretches where found < wanted {
      guard try follow(stretch) else { return false }
    }
    if found >= wanted { return true }
    // What is left has one value, or a study each: a further key would have to be asked of all.
    guard selector.query.sort.count <= 1 else { return false }
    guard let slugs = order.slugs else {
      try walk(part)
      return true
    }
    for slug in slugs { try walk(part.adding(slug: slug)) }
    return true
  }

  private func follow(_ stretch: RunOrder.Stretch) throws -> Bool {
    var asked = 0
    /// Whole ties, and the one that is being read.
    var ties: [Int] = []
    var tie: [Int] = []
    var common: DatabaseValue?
    var isFollowed = true
    try selector.db.walk(stretch.sql, stretch.cells) { row in
      let value = stretch.tie(row[0])
      if value != common {
        ties += tie
        tie = []
        common = value
        if ties.count >= wanted - found {
          asked += ties.count
          found += try ask(ties)
          ties = []
          isFollowed = asked <= mostAsked
          guard isFollowed, found < wanted else { return false }
        }
      }
      if seen.contains(row[1]) { return true }
      tie.append(row[1])
      // In a longer one the usual order decides, along which its runs are soon found.
      guard tie.count > selector.query.few else { return true }
      found += try ask(ties)
      isFollowed = try found >= wanted || RunOrder.isOneValue(value) && walk(alongTieOf: row[1])
      (ties, tie) = ([], [])
      return false
    }
    if isFollowed, found < wanted { found += try ask(ties + tie) }
    return isFollowed
  }

  /// - Returns: whether that was enough.
  private func walk(alongTieOf row: Int) throws -> Bool {
    guard selector.query.sort.count == 1, let key = selector.query.sort.first?.key else {
      return false
    }
    var value = SortValue.missing
    try selector.eachRegistered(part, [row], inOrder: false) { run, _ in
      value = SortValue(try selector.value(key, of: run))
      return true
    }
    try walk(part) { run in
      SortValue.order(value, SortValue(try selector.value(key, of: run)), false) == 0
    }
    return found >= wanted
  }

  /// In the usual order.
  private func walk(
    _ part: Scope.Part, where isMeant: (RunSummary) throws -> Bool = { _ in true }
  ) throws {
    guard found < wanted else { return }
    try selector.eachRegistered(part, nil, inOrder: true) { run, row in
      guard !seen.contains(row), try isMeant(run), try selector.holds(run) else { return true }
      seen.insert(row)
      runs.append(run)
      found += 1
      return found < wanted
    }
  }
}
