import Determinism
import Rendering

/// Metrics as tables. Names with slashes are read as what they are to people: rows and columns. Of
/// `training/S/1-thread/ratio` and its like, the first word heads a table, the last a column.
struct MetricTables {
  let metrics: [(name: String, value: Double)]

  /// What a page holds; the file beside it has all.
  static let mostRows = 400
  private static let mostColumns = 6

  private struct Metric {
    /// Between the slashes.
    let words: [String]
    let value: Double
  }

  func tables(caption: String) -> [(heading: String?, table: Table)] {
    let split = metrics.prefix(Self.mostRows).map { metric in
      Metric(
        words: metric.name.utf8.split(
          separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
        ).map { String(decoding: Array($0), as: UTF8.self) }, value: metric.value)
    }
    // Groups in the order of their names; what has no group comes first.
    var groups: [(name: String, metrics: [Metric])] = []
    for metric in split {
      let name = metric.words.count > 2 ? metric.words[0] : ""
      if let index = groups.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
        groups[index].metrics.append(metric)
      } else {
        groups.append((name: name, metrics: [metric]))
      }
    }
    let isGrouped = groups.count > 1
    return groups.sorted { JSON.Text($0.name) < JSON.Text($1.name) }.map { group in
      let members =
        group.name.isEmpty
        ? group.metrics
        : group.metrics.map { Metric(words: Array($0.words.dropFirst()), value: $0.value) }
      let heading = group.name.isEmpty ? nil : group.name
      let title = heading.map { "\(caption): \($0)" } ?? caption
      return (
        heading: isGrouped ? heading : nil, table: crossed(members, title) ?? listed(members, title)
      )
    }
  }

  /// Rows by all words but the last, columns by the last; nil where most cells would be empty.
  private func crossed(_ metrics: [Metric], _ caption: String) -> Table? {
    guard metrics.allSatisfy({ $0.words.count > 1 }) else { return nil }
    var columns: [String] = []
    var rows: [(name: String, values: [JSON.Text: Double])] = []
    for metric in metrics {
      guard let column = metric.words.last else { return nil }
      if !columns.contains(where: { $0.utf8.elementsEqual(column.utf8) }) { columns.append(column) }
      let row = metric.words.dropLast().joined(separator: " · ")
      if rows.last?.name.utf8.elementsEqual(row.utf8) != true {
        rows.append((name: row, values: [:]))
      }
      rows[rows.count - 1].values[JSON.Text(column)] = metric.value
    }
    guard (2...Self.mostColumns).contains(columns.count),
      10 * metrics.count >= 6 * rows.count * columns.count
    else { return nil }
    var table = Table(
      caption: caption,
      columns: [Table.Column("")] + columns.map { Table.Column($0, numeric: true) },
      interactive: rows.count > 8)
    for row in rows {
      let values = columns.map { row.values[JSON.Text($0)] }
      table.append(
        Table.Row([[.text(row.name)]] + values.map(Self.cell), keys: [nil] + values.map(Self.key)))
    }
    return table
  }

  private func listed(_ metrics: [Metric], _ caption: String) -> Table {
    var table = Table(
      caption: caption, columns: [.init("Metric"), .init("Value", numeric: true)],
      interactive: metrics.count > 8)
    for metric in metrics {
      table.append(
        Table.Row(
          [[.text(metric.words.joined(separator: "/"))], Self.cell(metric.value)],
          keys: [nil, Self.key(metric.value)]))
    }
    return table
  }

  /// What sorting compares: the words of a cell where there is no number.
  static func key(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }

  static func cell(_ value: Double?) -> [Inline] {
    guard let value else { return [.text(NumberText.missing)] }
    return [.text(text(value))]
  }

  /// Whole numbers as they are, others to three digits.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "∞" : "−∞" }
    if let whole = Int(exactly: value), whole.magnitude < 1_000_000 {
      return NumberText.count(whole)
    }
    return NumberText.plain(value)
  }
}
