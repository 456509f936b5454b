import Determinism
import Records
import Rendering
import Statistics
import Studies

extension StudyPage {
  /// What is left of the supports when all claims are looked at together, and how good our forecasts were.
  var multiplicity: [Block] {
    let rows = PredictionRow.rows(of: study).filter { !$0.isEarlierVersion }
    let assessments = rows.compactMap(\.assessment).filter { $0.result != .notTested }
    let found = index.significance(of: assessments, in: study)
    guard !found.isEmpty else { return [] }
    var table = Table(
      caption: "Every claim, corrected for looking at all of them",
      columns: [
        .init("Prediction"), .init("Forecast", numeric: true), .init("Seen in pilot"),
        .init("Result"), .init("p", numeric: true), .init("Corrected", numeric: true), .init("By"),
        .init("Could find"),
      ])
    for (assessment, one) in zip(assessments, found) {
      let row = rows.first { $0.assessment?.predictionID == assessment.predictionID }
      table.append(
        Table.Row([
          [.text(one.predictionID)],
          [.text(row?.forecast.map { NumberText.fixed($0, 2) } ?? "—")],
          [.text(row?.prediction["seen_in_pilot"]?.bool == true ? "yes" : "no")],
          [Words.badge(assessment.result)], [.text(text(one.p))], [.text(text(one.adjusted))],
          [.muted([.text(one.method)])], [.muted([.text(text(one.detectable))])],
        ]))
    }
    let survivors = zip(assessments, found).count {
      $0.result == .supported && $1.primary && $1.adjusted <= 0.05
    }
    let supported = zip(assessments, found).count { $0.result == .supported && $1.primary }
    var words =
      "Of \(Words.plural(supported, "supported primary prediction")), \(survivors) would still be at a family-wise level of 0.05, counting the primary predictions of every study in this registry. p is one minus the highest level whose interval lies wholly within the claim. If no claim held by more than a hair, \(NumberText.fixed(supportsByChance(claims: assessments.count), 1)) of these \(assessments.count) would be expected to come out supported by chance. The last column says what a claim could have found with a power of 0.8."
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

  private func text(_ detectable: Assessor.Detectable?) -> String {
    switch detectable {
    case .beyondBound(let effect): "\(NumberText.plain(effect)) beyond the bound"
    case .share(let share): "a true share of \(NumberText.fixed(share, 2))"
    case nil: NumberText.missing
    }
  }

  /// Over predictions that were supported or refuted.
  private func brier(_ rows: [PredictionRow]) -> (mean: Double, count: Int)? {
    let told = rows.filter {
      $0.forecast != nil && ($0.result == .supported || $0.result == .refuted)
    }
    let score = try? Calibration(
      probabilities: told.compactMap(\.forecast), labels: told.map { $0.result == .supported })
    return score.map { ($0.brier, told.count) }
  }
}
