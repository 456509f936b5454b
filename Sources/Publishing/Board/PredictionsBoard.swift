import Determinism
import Records
import Rendering

/// The centre of the home page and a part of each study's: every prediction, with equal weight whatever came out.
struct PredictionsBoard {
  let index: SiteIndex

  /// A study's, for its own page.
  func table(_ study: StudyView) -> Table? {
    table(
      PredictionRow.rows(of: study), caption: "Predictions of \(study.title)", prefix: "board",
      linksToStudy: false)
  }

  /// - Parameters:
  ///   - prefix: makes the ids of drawings unique on the page.
  ///   - linksToStudy: rows lead to their studies' pages, and name them.
  func table(
    _ rows: [PredictionRow], caption: String, prefix: String, linksToStudy: Bool
  ) -> Table? {
    guard !rows.isEmpty else { return nil }
    // What is no rate shares an axis within a study; over studies units differ, and each row has its own.
    let others = rows.filter { !$0.isRate }.flatMap(\.numbers)
    let common = Axis.covering(others, including: [0], "")
    var table = Table(
      caption: caption,
      columns: [
        .init("Prediction"), .init("Estimate"), .init("95% interval"), .init("Result"),
        .init("Evidence"), .init("Rerun"),
      ], interactive: true, style: "board")
    for (position, row) in rows.enumerated() {
      let wide = linksToStudy ? Axis.covering(row.numbers + row.seeds, including: [0], "") : common
      let axis: (lower: Double, upper: Double) =
        row.isRate ? (0, 1) : (lower: wide.lower, upper: wide.upper)
      let place =
        linksToStudy
        ? Link.page(row.study.path, anchor: row.anchor) : Link.anchor(row.anchor)
      var statement: [Inline] = [.link([.text(row.statement)], to: place)]
      if row.isEarlierVersion { statement.append(.muted([" earlier wording"])) }
      if linksToStudy {
        statement.append(.muted([.text(" " + row.study.slug)]))
      } else if row.isPrimary {
        statement.append(.muted([" primary"]))
      }
      if row.paper != nil {
        statement.append(
          .muted([.text(" ◇ \(NumberText.plain(row.paper ?? .nan)) is the paper's")]))
      }
      let order: [ClaimResult: Double] = [
        .supported: 0, .refuted: 1, .inconclusive: 2, .notTested: 3,
      ]
      table.append(
        Table.Row(
          [
            statement, [row.glyph(axis: axis, id: "\(prefix)-\(position + 1)")],
            [.text(row.estimateText)], [Words.badge(row.result)], [.text(row.seedsText)],
            row.rerunText(index),
          ], tag: row.result.rawValue,
          keys: [
            nil, row.estimate?.value, row.estimate?.value, order[row.result],
            Double(row.assessment?.runs.count ?? 0),
          ]))
    }
    return table
  }

  /// `3 supported, 1 refuted, 1 inconclusive, 0 not tested`.
  static func counts(_ rows: [PredictionRow]) -> String {
    ClaimResult.allCases.map { result in
      "\(rows.count { $0.result == result }) \(result.rawValue)"
    }.joined(separator: ", ")
  }
}
