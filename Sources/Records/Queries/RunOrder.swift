import Determinism
import GRDB

/// How registered runs lie in the order of a sort key, as far as indices tell.
struct RunOrder {
  /// Rows of runs that are in no order here: each is asked where it belongs.
  var single: [Int] = []
  /// Rows in the order of the key, in ties of any order; what is in none of them has one value.
  var stretches: [Stretch] = []
  /// Studies one after the other, where they are the order.
  var slugs: [String]?

  /// Rows of an index from one end to the other: a value, a run.
  struct Stretch {
    let sql: String
    let cells: [Cell]
    /// What tied rows have in common; others do not.
    let tie: @Sendable (DatabaseValue) -> DatabaseValue
  }

  /// Whether tied values are equal: others only their runs can tell apart.
  static func isOneValue(_ tie: DatabaseValue) -> Bool {
    switch tie.storage {
    case .blob(let bytes): bytes.count < Term.ordered
    case .double(let value): value.magnitude < 0x1p63
    default: true
    }
  }
}

extension TermIndex {
  /// nil where an index does not tell.
  func order(by key: RunQuery.SortKey) throws -> RunOrder? {
    switch key.key {
    case .setting(let name): return try setting(name, key.isDescending)
    case .metric(let name): return try metric(name, key.isDescending)
    case .named(let name):
      switch try meaning(of: name) {
      case .setting: return try setting(name, key.isDescending)
      case .metric: return try metric(name, key.isDescending)
      case .neither: return RunOrder()
      case .both: return nil
      }
    case .fact(.name): return try terms(TermTable.Fact.name.rawValue, key.isDescending)
    case .fact(.state): return try terms(TermTable.Fact.state.rawValue, key.isDescending)
    case .fact(.clientID): return try terms(TermTable.Fact.clientID.rawValue, key.isDescending)
    case .fact(.arm), .fact(.seed), .fact(.phase), .fact(.ordinal): return RunOrder()
    case .fact(.kind): return RunOrder()
    case .fact(.study):
      let slugs = try slugs().map { (SortValue(JSON($0)), $0) }.sorted {
        SortValue.order($0.0, $1.0, key.isDescending) < 0
      }
      return RunOrder(slugs: slugs.map(\.1))
    case .fact(.tag):
      return try tagged([.all], "registered_run", few).map { RunOrder(single: $0) }
    case .fact(.rerun): return try judged().map { RunOrder(single: $0) }
    case .fact(.id), .fact(.parent), .series, .circumstance, .tagged, .prediction: return nil
    }
  }

  private func slugs() throws -> [String] {
    Set(try db.rows("SELECT CAST(slug AS BLOB) FROM chain").map { JSON.Text(try $0.text(0)) })
      .sorted().map(\.value)
  }

  private func setting(_ name: JSON.Text, _ isDescending: Bool) throws -> RunOrder? {
    try self.name(name).map { try terms($0, isDescending) } ?? RunOrder()
  }

  /// Numbers, then texts. What has no order is asked, and what is null or no number is as if it were not there.
  private func terms(_ name: Int, _ isDescending: Bool) throws -> RunOrder? {
    let marks: [Term.Mark] = [.no, .yes, .list, .object]
    guard let single = try rows(name, in: marks.map { TermRange(.mark($0)) }, atMost: few)
    else { return nil }
    let parts = [TermRange.numbers, .texts].map { range in
      RunOrder.Stretch(
        sql: """
          SELECT value, run FROM registered_term WHERE name = ? AND value BETWEEN ? AND ?
          ORDER BY value\(isDescending ? " DESC" : "")
          """, cells: [.integer(name), .term(range.lower), .term(range.upper)]
      ) { value in
        // Of longer ones more is no order.
        guard case .blob(let data) = value.storage, data.count > Term.ordered else { return value }
        return data.prefix(Term.ordered).databaseValue
      }
    }
    return RunOrder(single: single, stretches: isDescending ? parts.reversed() : parts)
  }

  private func metric(_ name: JSON.Text, _ isDescending: Bool) throws -> RunOrder? {
    guard let id = try self.name(name) else { return RunOrder() }
    let source = "SELECT bits, run FROM registered_scalar WHERE name = ? AND bits"
    func stretch(_ range: MetricRange, falls: Bool) -> RunOrder.Stretch {
      RunOrder.Stretch(
        sql: "\(source) BETWEEN ? AND ? ORDER BY bits\(falls ? " DESC" : "")",
        cells: [.integer(id), .blob(range.lower), .blob(range.upper)], tie: { $0 })
    }
    let parts = [
      stretch(MetricRange.negatives, falls: !isDescending),
      RunOrder.Stretch(
        sql: "\(source) IN (?, ?)",
        cells: [.integer(id)] + MetricRange.zeros.map { .blob($0.lower) }, tie: { _ in .null }),
      stretch(MetricRange.positives, falls: isDescending),
    ]
    return RunOrder(stretches: isDescending ? parts.reversed() : parts)
  }

  /// Registered runs that are not what most are: not rerunnable.
  private func judged() throws -> [Int]? {
    let judged = try rows(
      """
      SELECT registered_run.id FROM rerun CROSS JOIN registered_run ON registered_run.run = rerun.run
      """, [], atMost: few)
    let probed = try rows(
      "SELECT id FROM registered_run WHERE \(Schema.mayBeDetection)", [], atMost: few)
    return try gathered([judged, probed], few) { $0 }
  }

  // MARK: Counting

  /// For how many of the registered runs that have terms, those named left out, a comparison holds; nil where
  /// the index does not tell exactly.
  func count(_ comparison: RunCondition.Comparison, without rows: [Int]) throws -> Int? {
    switch comparison.key {
    case .setting(let name): try settings(name, comparison.test, rows)
    case .metric(let name): try metrics(name, comparison.test, rows)
    case .named(let name):
      switch try meaning(of: name) {
      case .setting: try settings(name, comparison.test, rows)
      case .metric: try metrics(name, comparison.test, rows)
      case .neither: 0
      case .both: nil
      }
    case .fact(.name): try terms(TermTable.Fact.name.rawValue, comparison.test, rows)
    case .fact(.state): try terms(TermTable.Fact.state.rawValue, comparison.test, rows)
    case .fact(.clientID): try terms(TermTable.Fact.clientID.rawValue, comparison.test, rows)
    default: nil
    }
  }

  private func settings(_ name: JSON.Text, _ test: RunCondition.Test, _ rows: [Int]) throws -> Int?
  {
    try self.name(name).map { try terms($0, test, rows) } ?? 0
  }

  private func terms(_ name: Int, _ test: RunCondition.Test, _ rows: [Int]) throws -> Int? {
    guard TermRange.isExact(test), let ranges = TermRange.ranges(for: test),
      // Of a list several elements may count.
      try self.rows(name, in: [TermRange(.mark(.list))], atMost: 0) != nil
    else { return nil }
    func count(_ ranges: [TermRange]) throws -> Int {
      try total(
        "registered_term WHERE name = ? AND value BETWEEN ? AND ?",
        ranges.map { [.integer(name), .term($0.lower), .term($0.upper)] }, rows)
    }
    return try count(ranges) - count(TermRange.excluded(by: test))
  }

  private func metrics(_ name: JSON.Text, _ test: RunCondition.Test, _ rows: [Int]) throws -> Int? {
    guard MetricRange.isExact(test), let ranges = MetricRange.ranges(for: test) else { return nil }
    guard let id = try self.name(name) else { return 0 }
    func count(_ ranges: [MetricRange]) throws -> Int {
      try total(
        "registered_scalar WHERE name = ? AND bits BETWEEN ? AND ?",
        ranges.map { [.integer(id), .blob($0.lower), .blob($0.upper)] }, rows)
    }
    return try count(ranges) - count(MetricRange.excluded(by: test))
  }

  private func total(_ source: String, _ parts: [[Cell]], _ rows: [Int]) throws -> Int {
    let left =
      rows.isEmpty ? "" : " AND run NOT IN (\(rows.map { "\($0)" }.joined(separator: ",")))"
    return try parts.reduce(0) { sum, cells in
      try sum
        + (db.integer(
          "SELECT count(*) FROM \(source) AND run <= ?\(left)", cells + [.integer(covered)]) ?? 0)
    }
  }
}
