import Rendering
import Studies

/// Every prediction of every study in words, for those who look for one.
enum PredictionsPage {
  static let path = "predictions/index.html"

  static func page(_ index: SiteIndex) -> Page {
    let rows = index.studies.flatMap(PredictionRow.rows)
    var table = Table(
      caption: "All predictions",
      columns: [
        .init("Prediction"), .init("Study"), .init("Result"), .init("Estimate"), .init("Paper's"),
        .init("Our forecast", numeric: true),
      ], interactive: true, style: "stack")
    for row in rows {
      var statement: [Inline] = [
        .link([.text(row.statement)], to: .page(row.study.path, anchor: row.anchor))
      ]
      if row.isPrimary { statement.append(.muted([" primary"])) }
      if row.isEarlierVersion { statement.append(.muted([" earlier wording"])) }
      table.append(
        Table.Row(
          [
            statement, [.link([.text(row.study.slug)], to: .page(row.study.path))],
            [Words.badge(row.result)], [.text(row.estimateText)],
            [.text(row.paper.map { NumberText.plain($0) } ?? NumberText.missing)],
            [.text(row.forecast.map { NumberText.percent($0) } ?? NumberText.missing)],
          ], tag: row.result.rawValue,
          keys: [nil, nil, nil, row.estimate?.value, row.paper, row.forecast]))
    }
    return Page(
      path: path, title: "All predictions", kicker: "Registry",
      summary: "Every prediction of every study, with what came out.",
      blocks: [
        .paragraph([
          .text(
            "\(Words.plural(rows.count, "prediction")), of them \(PredictionsBoard.counts(rows)). Each leads to its evidence: the claim, the statistic, the runs behind it, and the command that checks it."
          )
        ]), .table(table),
      ])
  }
}
