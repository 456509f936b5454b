import Determinism
import Rendering
import Statistics

extension StudyFigures {
  /// Scores of the danger contrast by arm, triggered above untriggered, in units of the untriggered spread.
  func scoresByArm() -> DrawnFigure? {
    guard let (stage, _) = probe() else { return nil }
    let axis = Axis(
      "score, in standard deviations of the run's untriggered scores", from: -6, to: 10,
      ticks: [-6, -4, -2, 0, 2, 4, 6, 8, 10].map { Axis.Tick($0, NumberText.decimal($0, 0)) })
    let bins = 48
    var data = DrawnData([
      .init("point", "Point"), .init("arm", "Arm"), .init("prompts", "Prompts"),
      .init("from"), .init("to"), .init("count"), .init("n", "n"),
    ])
    var panels: [Figure.Panel] = []
    for point in study.points {
      var rows: [HistogramPanel.Row] = []
      for arm in study.arms {
        let tables = study.runs(at: point, arm: arm).filter { $0.phase == study.phase }
          .compactMap { ScoreTable($0.stage(stage), snapshot) }
        for isTriggered in [true, false] {
          let scores = tables.flatMap {
            $0.standardised("danger", "decision", isTriggered ? "triggered" : "swap")
          }
          guard !scores.isEmpty else { continue }
          let counts = HistogramPanel.counts(scores, bins: bins, on: axis)
          let label = isTriggered ? "triggered" : "not triggered"
          let style = Words.style(arm: arm).dotted(!isTriggered)
          let row = HistogramPanel.Row("\(arm), \(label)", counts: counts, style: style)
          rows.append(row)
          for (bin, count) in counts.enumerated() {
            let width = (axis.upper - axis.lower) / Double(bins)
            data.append(
              [
                .text(Words.point(point)), .text(arm), .text(label),
                .number(axis.lower + Double(bin) * width),
                .number(axis.lower + Double(bin + 1) * width), .integer(count), .integer(row.total),
              ], shown: bin == 0)
          }
        }
      }
      guard !rows.isEmpty else { continue }
      let title = panelTitle(point)
      panels.append(
        Figure.Panel(
          title: title, id: panelID("scores-by-arm", panels.count),
          name: "Score histograms. \(title)",
          description: rows.map { row in
            let peak = row.counts.indices.max { row.counts[$0] < row.counts[$1] } ?? 0
            let width = (axis.upper - axis.lower) / Double(bins)
            let at = axis.lower + (Double(peak) + 0.5) * width
            return "\(row.label): most scores near \(NumberText.decimal(at, 1))"
          }.joined(separator: "; "),
          chart: HistogramPanel(rows: rows, x: axis)))
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "scores-by-arm", title: "Scores of the danger contrast, by arm",
      subtitle:
        "at the decision, primary layer, triggered against token-matched swaps · all \(Words.phase(study.phase)) pooled after scaling each run by its own untriggered scores · outermost bins hold what lies beyond",
      panels: panels, data: data,
      how:
        "stage \(stage) (\(versions("probe"))), artifact scores, tensor danger/decision.",
      tableCaption: "Histograms drawn; bins in the files")
  }
}
