import Determinism
import Records
import Studies

/// The predictions of studies and how they came out: one row for each condition of a claim.
struct PredictionTable {
  let snapshot: Snapshot
  let slugs: [String]

  var table: RunTable {
    RunTable(
      "predictions",
      [
        "study", "prediction", "primary", "statement", "claim", "arm", "versus", "forecast",
        "seen_in_pilot", "result", "condition", "value", "lower", "upper", "level", "n", "method",
        "statistic", "seeds", "per_seed", "runs", "note", "paper_value", "paper_source",
      ]
    ) { emit in
      for slug in slugs {
        for (prediction, assessment) in snapshot.board(slug) {
          let estimates = assessment?.estimates ?? []
          for index in 0..<max(1, estimates.count) {
            let estimate = estimates.indices.contains(index) ? estimates[index] : nil
            try emit([
              .init(slug), .init(prediction["id"]), .init(prediction["primary"]),
              .init(prediction["statement"]), .init(prediction["claim"]), .init(prediction["arm"]),
              .init(prediction["versus"]), .init(prediction["forecast"]),
              .init(prediction["seen_in_pilot"]),
              .init((assessment?.result ?? .notTested).rawValue),
              .init(estimate.map { _ in index + 1 }), .init(estimate?.value),
              .init(estimate?.lower), .init(estimate?.upper), .init(estimate?.level),
              .init(estimate?.n), .init(estimate?.method), .init(assessment?.statistic),
              .init(assessment.map { Self.list($0.seeds.map { "\($0)" }) }),
              .init(
                index == 0 ? assessment.map { Self.list($0.perSeed.map(\.description)) } : nil),
              .init(assessment.map { Self.list($0.runs.map(\.hex)) }), .init(assessment?.note),
              .init(prediction["paper"]?["value"]), .init(prediction["paper"]?["source"]),
            ])
          }
        }
      }
    }
  }

  private static func list(_ words: [String]) -> String { words.joined(separator: " ") }
}

extension Snapshot {
  /// Judged predictions as they were worded, then those of the study file that nobody has judged.
  func board(_ slug: String) -> [(prediction: JSON, assessment: AssessmentRecord?)] {
    let judged = currentAssessments(slug)
    let ids = Set(judged.map { JSON.Text($0.predictionID) })
    let open = (currentStudy(slug).flatMap { studies[$0]?.study }?["predictions"]?.array ?? [])
      .filter { $0["id"]?.string.map { !ids.contains(JSON.Text($0)) } ?? false }
    return judged.map { (prediction: $0.prediction, assessment: $0) }
      + open.map { (prediction: $0, assessment: nil) }
  }
}
