import Determinism
import Records
import Rendering
import Studies

/// Registered runs as rows, and the page of a study that has no others.
enum RegisteredRuns {
  /// Letters that the names of metrics may take in a row of headings.
  private static let roomForMetrics = 44
  private static let mostSideBySide = 5
  private static let mostMetrics = 80

  /// - Parameters:
  ///   - studies: by slug: a column says which of them each run belongs to, in the place of metrics.
  ///   - metrics: in columns of their own; nil for those that the runs share.
  static func table(
    _ runs: [RegisteredRunView], caption: String, studies: [String: StudyView] = [:],
    metrics: [String]? = nil
  ) -> Table {
    let metrics = metrics ?? (studies.isEmpty ? headings(runs) : [])
    var columns: [Table.Column] = [.init("Run")]
    if !studies.isEmpty { columns.append(.init("Study")) }
    columns += [.init("Finished"), .init("State"), .init("Rerun")]
    columns += metrics.map { .init($0, numeric: true) }
    var table = Table(caption: caption, columns: columns, interactive: runs.count > 8)
    for run in runs {
      var cells: [[Inline]] = [[.link([.text(run.title)], to: .page(run.path))]]
      if !studies.isEmpty {
        cells.append([
          studies[run.outline.slug].map { .link([.text($0.title)], to: .page($0.path)) }
            ?? .text(run.outline.slug)
        ])
      }
      cells += [
        [.text(run.finished ?? NumberText.missing)], [Words.badge(run.outline.state)],
        [Words.badge(of: run)],
      ]
      let values = metrics.map { run.outline.scalars[$0] }
      table.append(
        Table.Row(
          cells + values.map(MetricTables.cell), tag: run.outline.state.rawValue,
          keys: cells.map { _ in nil } + values.map(MetricTables.key)))
    }
    return table
  }

  /// As many of the shared metrics as there is room for in a row of headings.
  static func headings(_ runs: [RegisteredRunView]) -> [String] {
    var room = roomForMetrics
    return shared(runs).prefix { name in
      room -= name.unicodeScalars.count + 4
      return room >= 0
    }
  }

  /// Metrics that most of the runs have; those that differ between runs first, then by name.
  private static func shared(_ runs: [RegisteredRunView]) -> [String] {
    var values: [JSON.Text: [UInt64]] = [:]
    for run in runs {
      for (name, value) in run.outline.scalars {
        values[JSON.Text(name), default: []].append(value.bitPattern)
      }
    }
    return values.filter { 2 * $0.value.count > runs.count }
      .map { (isConstant: Set($0.value).count == 1, name: $0.key) }
      .sorted { $0.isConstant == $1.isConstant ? $0.name < $1.name : $1.isConstant }
      .map(\.name.value)
  }

  /// The newest runs in columns, a metric a row: where there are more metrics than the table of runs shows.
  private static func sideBySide(_ runs: [RegisteredRunView]) -> [Block] {
    let metrics = shared(runs).sorted { JSON.Text($0) < JSON.Text($1) }
    guard metrics.count > headings(runs).count else { return [] }
    let newest = runs.newest(mostSideBySide)
    func heading(_ run: RegisteredRunView) -> String {
      let title = run.title.unicodeScalars
      return title.count > 16 ? String(title.prefix(15)) + "…" : run.title
    }
    var table = Table(
      caption: metrics.count > mostMetrics
        ? "The first \(mostMetrics) of \(metrics.count) metrics that most runs have"
        : "Metrics that most runs have",
      columns: [.init("Metric")] + newest.map { .init(heading($0), numeric: true) },
      interactive: metrics.count > 8)
    for name in metrics.prefix(mostMetrics) {
      let values = newest.map { $0.outline.scalars[name] }
      table.append(
        Table.Row(
          [[.text(name)]] + values.map(MetricTables.cell),
          keys: [nil] + values.map(MetricTables.key)))
    }
    return [.heading(2, "The newest side by side", anchor: "newest"), .table(table)]
  }

  private static func areDetections(_ runs: [RegisteredRunView]) -> Bool {
    !runs.isEmpty && runs.allSatisfy(\.outline.isDetection)
  }

  static func count(_ runs: [RegisteredRunView]) -> String {
    if areDetections(runs) { return Words.plural(runs.count, "detection run") }
    return Words.plural(runs.count, "run") + " registered from elsewhere"
  }

  /// A part of the page of a study that also has runs of ours.
  static func section(_ study: StudyView) -> [Block] {
    let runs = study.registered
    guard !runs.isEmpty else { return [] }
    return [
      .heading(
        2, areDetections(runs) ? "Detection runs" : "Registered from elsewhere",
        anchor: "registered"),
      .paragraph([
        .text(
          areDetections(runs)
            ? "On activations that were dumped elsewhere; no figure and no prediction above counts them."
            : "Done by their owners, not by this program; no figure and no prediction above counts them."
        )
      ]),
    ] + StudyRuns.registered(of: study)
  }

  /// A study that is only a name under which runs were registered.
  static func page(_ study: StudyView, _ index: SiteIndex) -> Page {
    let base = "../../"
    var blocks: [Block] = [
      .lead([
        .text(
          "\(Words.capitalised(count(study.registered))). "
            + (areDetections(study.registered)
              ? "The activations were dumped elsewhere; the numbers were computed from them by this program, and can be again."
              : "Their owners did them; this program keeps their numbers to the bit and claims nothing about them.")
        )
      ])
    ]
    if let narrative = study.narrative {
      let segments = Markdown.segments(of: narrative, anchorPrefix: "text-", base: base) {
        SiteLinks.resolve($0, index)
      }
      blocks += segments.map { segment in
        switch segment {
        case .prose(let piece): .prose(piece)
        case .figure(let name):
          .notice([
            .text("The figure '\(name)' cannot be drawn: this study has registered runs only.")
          ])
        }
      }
    }
    blocks.append(.heading(2, "Runs", anchor: "runs"))
    blocks += StudyRuns.registered(of: study)
    blocks += sideBySide(study.registered)
    return Page(
      path: study.path, title: study.title, kicker: "Study · " + study.slug,
      summary: Words.capitalised(count(study.registered)) + ".", blocks: blocks)
  }
}
