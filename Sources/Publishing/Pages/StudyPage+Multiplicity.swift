import Determinism
import Records
import Rendering
import Studies

extension StudyPage {
  /// What is left of the supports when all claims are looked at together, and how good our forecasts were.
  var multiplicity: [Block] {
    let rows = PredictionRow.rows(of: study).filter { !$0.isEarlierVersion }
    let assessments = rows.compactMap(\.assessment).filter { $0.result != .notTested }
    guard !assessments.isEmpty,
      let found = try? Assessor(index.snapshot).significance(of: assessments)
    else { return [] }
    var table = Table(
      caption: "Every claim, corrected for looking at all of them",
      columns: [
        .init("Prediction"), .init("Forecast", numeric: true), .init("Result"),
        .init("p", numeric: true), .init("Corrected", numeric: true), .init("By"),
      ])
    for (assessment, one) in zip(assessments, found) {
      let row = rows.first { $0.assessment?.predictionID == assessment.predictionID }
      table.append(
        Table.Row([
          [.text(one.predictionID)],
          [.text(row?.forecast.map { NumberText.fixed($0, 2) } ?? "—")],
          [Words.badge(assessment.result)], [.text(text(one.p))], [.text(text(one.adjusted))],
          [.muted([.text(one.method)])],
        ]))
    }
    let survivors = zip(assessments, found).count {
      $0.result == .supported && $1.primary && $1.adjusted <= 0.05
    }
    let supported = zip(assessments, found).count { $0.result == .supported && $1.primary }
    var words =
      "Of \(Words.plural(supported, "supported primary prediction")), \(survivors) would still be at a family-wise level of 0.05. p is one minus the highest level whose interval lies wholly within the claim."
    if let score = brier(rows) {
      words +=
        " Our forecasts score \(NumberText.fixed(score.mean, 2)) (Brier; 0 is perfect, 0.25 a coin) over \(Words.plural(score.count, "prediction")) that came out either way."
    }
    return [
      .heading(3, "All claims together", anchor: "together"), .paragraph([.text(words)]),
      .table(table),
    ]
  }

  private func text(_ p: Double) -> String {
    guard p.isFinite else { return "—" }
    return p < 0.001 ? "< 0.001" : NumberText.fixed(p, 3)
  }

  /// Over predictions that were supported or refuted.
  private func brier(_ rows: [PredictionRow]) -> (mean: Double, count: Int)? {
    let errors = rows.compactMap { row -> Double? in
      guard let forecast = row.forecast else { return nil }
      switch row.result {
      case .supported: return (1 - forecast) * (1 - forecast)
      case .refuted: return forecast * forecast
      case .inconclusive, .notTested: return nil
      }
    }
    return errors.isEmpty ? nil : (errors.reduce(0, +) / Double(errors.count), errors.count)
  }
}
