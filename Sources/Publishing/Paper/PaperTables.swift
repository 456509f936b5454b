import Records
import Rendering
import Studies

/// A study's tables for paper: what the site shows in its own tables.
struct PaperTables {
  /// A file below `tables/`, without its ending.
  struct File {
    let name: String
    /// What it shows, in words.
    let caption: String
    let text: String
  }

  let study: StudyView
  let width: PaperWidth

  /// The most rows of a figure's data that a paper would print.
  static let mostRows = 30
  /// Of one part, in points: besides it a page holds a caption and the references.
  private static let height = 440.0

  func files(of figures: [DrawnFigure]) -> [File] {
    var files = parts("predictions", predictions)
    files += parts("runs", runs)
    for figure in figures {
      guard let table = figure.figure.table, (1...Self.mostRows).contains(table.rows.count) else {
        continue
      }
      files += parts("figure-\(figure.name)", table)
    }
    return files
  }

  private func parts(_ name: String, _ table: Table) -> [File] {
    guard !table.rows.isEmpty else { return [] }
    let printed = table.printed(
      width: width.page * PaperWidth.texPointsPerInch, height: Self.height)
    return printed.parts.enumerated().map { index, part in
      let caption =
        table.caption
        + (printed.parts.count > 1 ? ", part \(index + 1) of \(printed.parts.count)" : "")
      return File(
        name: index == 0 ? name : "\(name)-\(index + 1)", caption: caption,
        text: "% \(LaTeXText.escaped(caption)). Needs booktabs.\n\(part)")
    }
  }

  /// Every prediction, with equal weight whatever came of it.
  var predictions: Table {
    let rows = PredictionRow.rows(of: study)
    let hasPaper = rows.contains { $0.paper != nil }
    var table = Table(
      caption: "Predictions of \(study.title)",
      columns: [
        .init("Prediction"), .init("Estimate [95% interval]"), .init("Claim"),
      ] + (hasPaper ? [.init("Paper", numeric: true)] : []) + [
        .init("Result"), .init("Runs", numeric: true), .init("Seeds", numeric: true),
      ])
    for row in rows {
      var statement: [Inline] = [.text(row.statement)]
      if row.isEarlierVersion { statement.append(.muted([" earlier wording"])) }
      if row.isPrimary { statement.append(.muted([" primary"])) }
      let assessment = row.assessment
      var cells: [[Inline]] = [
        statement, [.text(row.estimateText)], [.text(row.thresholdText)],
      ]
      if hasPaper { cells.append([.text(row.paper.map(NumberText.plain) ?? NumberText.missing)]) }
      cells += [
        [.text(row.result.rawValue)], [.text(NumberText.count(assessment?.runs.count ?? 0))],
        [.text(NumberText.count(Set(assessment?.seeds ?? []).count))],
      ]
      table.append(Table.Row(cells))
    }
    return table
  }

  /// Completed runs by point and arm.
  var runs: Table {
    let points = study.points
    let telling = RunsTable.tellingPaths(points)
    let hasDevelopment = study.evidence.contains { $0.phase == .development }
    let hasConfirmatory = study.evidence.contains { $0.phase == .confirmatory }
    var table = Table(
      caption: "Completed runs of \(study.title)",
      columns: [.init("Point"), .init("Arm")]
        + (hasConfirmatory ? [.init("Confirmatory seeds")] : [])
        + (hasDevelopment ? [.init("Development seeds")] : [])
        + [.init("Rerun exactly", numeric: true)])
    for point in points {
      for arm in study.arms {
        let runs = study.runs(at: point, arm: arm)
        guard !runs.isEmpty else { continue }
        let name = Words.point(point, only: telling)
        table.append(
          Table.Row(
            [[.text(name.isEmpty ? NumberText.missing : name)], [.text(arm)]]
              + (hasConfirmatory ? [[.text(Self.seeds(runs, .confirmatory))]] : [])
              + (hasDevelopment ? [[.text(Self.seeds(runs, .development))]] : [])
              + [[.text("\(runs.count { $0.lastVerdict == .exact }) of \(runs.count)")]]))
      }
    }
    return table
  }

  /// `10 (1000–1009)`.
  private static func seeds(_ runs: [RunView], _ phase: SeedPhase) -> String {
    let seeds = runs.filter { $0.phase == phase }.map(\.seed).sorted()
    guard let first = seeds.first, let last = seeds.last else { return NumberText.missing }
    return "\(seeds.count) (\(first == last ? "\(first)" : "\(first)–\(last)"))"
  }
}
