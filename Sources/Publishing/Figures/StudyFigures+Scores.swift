import Determinism
import Rendering
import Statistics

extension StudyFigures {
  /// Scores of the danger contrast by arm, triggered above untriggered, in units of the untriggered spread.
  func scoresByArm() -> DrawnFigure? {
    guard let (stage, keys) = probe() else { return nil }
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
        let curves = study.runs(at: point, arm: arm).filter { $0.phase == study.phase }
          .compactMap { run in
            layers(keys).lazy.compactMap {
              run.stage(stage)?.curves["danger/decision/\($0)/swap"]
            }.first
          }.filter { (try? $0.check()) != nil }
        guard !curves.isEmpty else { continue }
        for isTriggered in [true, false] {
          let scores = curves.flatMap { $0.standardised(positives: isTriggered) }
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
          title: title,
          drawing: HistogramPanel(rows: rows, x: axis).svg(
            id: panelID("scores-by-arm", panels.count), title: "Score histograms. \(title)",
            description: rows.map { row in
              let peak = row.counts.indices.max { row.counts[$0] < row.counts[$1] } ?? 0
              let width = (axis.upper - axis.lower) / Double(bins)
              let at = axis.lower + (Double(peak) + 0.5) * width
              return "\(row.label): most scores near \(NumberText.decimal(at, 1))"
            }.joined(separator: "; "))))
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "scores-by-arm", title: "Scores of the danger contrast, by arm",
      subtitle:
        "at the decision, primary layer, triggered against token-matched swaps · all \(Words.phase(study.phase)) pooled after scaling each run by its own untriggered scores · outermost bins hold what lies beyond",
      panels: panels, data: data,
      how:
        "stage \(stage) (\(versions("probe"))), curves danger/decision/*/swap: the counts at each threshold are the scores.",
      tableCaption: "Histograms drawn; bins in the files")
  }
}

extension ROCCurve {
  /// Scores of one class with how often each occurs: differences of the counts.
  func scores(positives isPositive: Bool) -> [(score: Double, count: Int)] {
    let cumulative = isPositive ? truePositives : falsePositives
    var before = 0
    return zip(thresholds, cumulative).compactMap { threshold, count in
      defer { before = count }
      return count > before ? (threshold, count - before) : nil
    }
  }

  /// The same in standard deviations of the negatives' scores around their mean.
  func standardised(positives isPositive: Bool) -> [(score: Double, count: Int)] {
    let reference = scores(positives: false).filter { $0.score.isFinite }
    let n = Double(reference.reduce(0) { $0 + $1.count })
    guard n > 1 else { return [] }
    let mean = reference.reduce(0) { $0 + $1.score * Double($1.count) } / n
    let squares = reference.reduce(0) {
      $0 + ($1.score - mean) * ($1.score - mean) * Double($1.count)
    }
    let deviation = (squares / (n - 1)).squareRoot()
    guard deviation > 0 else { return [] }
    return scores(positives: isPositive).map {
      (score: ($0.score - mean) / deviation, count: $0.count)
    }
  }
}
