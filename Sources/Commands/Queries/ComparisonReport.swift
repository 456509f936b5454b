import Determinism
import Records

/// Runs beside each other, as `diff` tells it: a letter for each, a section for each kind of thing.
struct ComparisonReport {
  let comparison: RunComparison
  /// Also what is equal.
  let showsAll: Bool

  private var letters: [String] {
    comparison.runs.indices.map { String(UnicodeScalar(UInt8(ascii: "A") + UInt8($0))) }
  }

  // MARK: For people

  var lines: [String] {
    var lines: [String] = []
    for (letter, run) in zip(letters, comparison.runs) {
      lines.append("\(letter)  \(run.id.short) · \(run.slug)\(run.label)".forTerminal)
    }
    lines += section("run", comparison.facts, isEqual: \.isEqual, rows: facts)
    lines += section("config", comparison.settings, isEqual: \.isEqual, rows: facts)
    lines += section("code", comparison.code, isEqual: \.isEqual, rows: facts)
    lines += section("environment", comparison.environment, isEqual: \.isEqual, rows: facts)
    lines += section("metrics", comparison.metrics, isEqual: \.isEqual, rows: metrics)
    lines += section("series", comparison.series, isEqual: \.isEqual, rows: series)
    lines += section("curves", comparison.curves, isEqual: \.isEqual, rows: curves)
    lines += section("artifacts", comparison.artifacts, isEqual: \.isEqual, rows: artifacts)
    return lines
  }

  private func section<Item>(
    _ title: String, _ items: [Item], isEqual: (Item) -> Bool, rows: ([Item]) -> Table
  ) -> [String] {
    guard !items.isEmpty else { return [] }
    let different = items.filter { !isEqual($0) }
    let count =
      different.isEmpty
      ? (items.count == 1 ? "equal" : "all \(items.count) equal")
      : "\(different.count) of \(items.count) \(different.count == 1 ? "differs" : "differ")"
    let wanted = showsAll ? items : different
    let shown = showsAll ? wanted : Array(wanted.prefix(Self.mostRows))
    var lines = ["", "\(title): \(count)"]
    if !shown.isEmpty { lines += rows(shown).lines.map { "  \($0)" } }
    if shown.count < wanted.count {
      lines.append("  … \(wanted.count - shown.count) more: --all, or --json")
    }
    return lines
  }

  /// Rows of a section; probes record hundreds of numbers.
  private static let mostRows = 40

  /// Exact where it says how near two numbers are, rounded where they are far apart.
  private static func ulps(_ value: UInt64?) -> String {
    guard let value else { return "—" }
    let digits = Array(String(value).utf8)
    guard digits.count > 7 else { return "\(value)" }
    return String(decoding: [digits[0], 0x2E, digits[1]], as: UTF8.self) + "e\(digits.count - 1)"
  }

  /// A list of a million would fill the screen; JSON has it whole.
  private static func brief(_ value: JSON?) -> String {
    guard let text = value?.forPeople else { return "—" }
    let longest = 60
    return text.utf8.count <= longest
      ? text : String(text.unicodeScalars.prefix(longest - 1)) + "…"
  }

  private func facts(_ rows: [RunComparison.Row]) -> Table {
    var table = Table([("", .left)] + letters.map { ($0, .left) })
    for row in rows { table.add([row.name] + row.values.map(Self.brief)) }
    return table
  }

  private func artifacts(_ rows: [RunComparison.Row]) -> Table {
    var table = Table([("", .left)] + letters.map { ($0, .left) })
    for row in rows { table.add([row.name] + row.values.map { $0?.digest?.short ?? "—" }) }
    return table
  }

  private static func text(_ value: Double?) -> String { value?.description ?? "—" }

  private func metrics(_ rows: [RunComparison.Metric]) -> Table {
    let isPair = comparison.runs.count == 2
    var table = Table(
      [("", .left)] + letters.map { ($0, .right) } + (isPair ? [("B − A", .right)] : [])
        + [("ulps", .right)])
    for row in rows {
      var cells = [row.name] + row.values.map(Self.text)
      if isPair {
        if let a = row.values[0], let b = row.values[1] {
          cells.append((b - a).description)
        } else {
          cells.append("—")
        }
      }
      table.add(cells + [Self.ulps(row.ulps)])
    }
    return table
  }

  private func series(_ rows: [RunComparison.SeriesRow]) -> Table {
    var table = Table(
      [("", .left)] + letters.map { ("points of \($0)", .right) } + [
        ("differing", .right), ("first at", .right),
      ] + letters.map { ($0, .right) } + [("ulps", .right)])
    for row in rows {
      let first = row.first
      table.add(
        [row.name] + row.counts.map { $0.map { "\($0)" } ?? "—" } + [
          "\(row.differing)", first.map { "step \($0.step)" } ?? "—",
        ] + comparison.runs.indices.map { Self.text(first?.values[$0]) }
          + [Self.ulps(first?.ulps)])
    }
    return table
  }

  private func curves(_ rows: [RunComparison.CurveRow]) -> Table {
    var table = Table(
      [("", .left)] + letters.map { ("AUROC of \($0)", .right) } + [("ulps", .right)])
    for row in rows {
      table.add([row.name] + row.areas.map(Self.text) + [Self.ulps(row.ulps)])
    }
    return table
  }

  // MARK: For machines

  var document: JSON {
    func shown<Item>(_ items: [Item], _ isEqual: (Item) -> Bool, _ form: (Item) -> JSON) -> JSON {
      .array(items.filter { showsAll || !isEqual($0) }.map(form))
    }
    func row(_ row: RunComparison.Row) -> JSON {
      [
        "name": JSON(row.name), "values": .array(row.values.map { $0 ?? .null }),
        "present": .array(row.values.map { JSON($0 != nil) }), "equal": JSON(row.isEqual),
      ]
    }
    func numbers(_ values: [Double?]) -> JSON {
      .array(values.map { $0.map { JSON($0) } ?? .null })
    }
    func ulps(_ value: UInt64?) -> JSON { value.map { JSON($0) } ?? .null }
    return [
      "runs": .array(
        comparison.runs.map { ["id": JSON($0.id), "study": JSON($0.slug)] }),
      "run": shown(comparison.facts, \.isEqual, row),
      "config": shown(comparison.settings, \.isEqual, row),
      "code": shown(comparison.code, \.isEqual, row),
      "environment": shown(comparison.environment, \.isEqual, row),
      "metrics": shown(comparison.metrics, \.isEqual) {
        [
          "name": JSON($0.name), "values": numbers($0.values), "ulps": ulps($0.ulps),
          "equal": JSON($0.isEqual),
        ]
      },
      "series": shown(comparison.series, \.isEqual) { row in
        [
          "name": JSON(row.name), "points": .array(row.counts.map { $0.map { JSON($0) } ?? .null }),
          "differing": JSON(row.differing), "equal": JSON(row.isEqual),
          "first": row.first.map {
            ["step": JSON($0.step), "values": numbers($0.values), "ulps": ulps($0.ulps)]
          } ?? .null,
        ]
      },
      "curves": shown(comparison.curves, \.isEqual) {
        [
          "name": JSON($0.name), "auroc": numbers($0.areas), "ulps": ulps($0.ulps),
          "equal": JSON($0.isEqual),
        ]
      },
      "artifacts": shown(comparison.artifacts, \.isEqual, row),
    ]
  }
}

extension RunDetails {
  /// What tells it from the others: its name, or its point, arm and seed.
  fileprivate var label: String {
    switch body {
    case .planned(let run, _):
      " · \(run.run.point.pointText) · \(run.run.arm) · seed \(run.run.seed)"
    case .registered(let run): run.name.isEmpty ? "" : " · \(run.name)"
    }
  }
}
