import Determinism
import Records
import Rendering
import Statistics

/// The curves of two runs laid over each other.
struct ComparisonFigures {
  let comparison: RunComparison
  let folder: String

  /// What a page draws; the tables below have the others.
  private static let mostPanels = 12
  private static let styles = [Style(.first, .circle), Style(.second, .square)]
  private static let letters = ["A", "B"]

  private var legend: [(style: Style, label: String)] {
    zip(Self.styles, zip(Self.letters, comparison.runs)).map { style, run in
      (style: style, label: "\(run.0): \(run.1.comparedName)")
    }
  }

  func all(_ stages: [RunComparison.StageRow]) -> [DrawnFigure] {
    let shared = Set(stages.filter { $0.relation == .shared }.map { JSON.Text($0.name) })
    return [series(shared), receiver(shared)].compactMap { $0 }
  }

  /// `pretrain` of `pretrain:loss`; empty for a run from elsewhere.
  private static func split(_ name: String) -> (stage: String, key: String) {
    let parts = name.utf8.split(
      separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false
    ).map { String(decoding: Array($0), as: UTF8.self) }
    return parts.count == 2 ? (parts[0], parts[1]) : ("", name)
  }

  /// Loss and rates of the stages; of runs from elsewhere every series that both have.
  private func isWanted(_ name: String) -> Bool {
    comparison.runs.contains { $0.record == nil }
      || ["loss", "r1", "r0"].contains(Self.split(name).key)
  }

  private func series(_ shared: Set<JSON.Text>) -> DrawnFigure? {
    var data = DrawnData([
      .init("series", "Series"), .init("run", "Run"), .init("step", "Step"),
      .init("value", "Value"),
    ])
    let wanted = comparison.series.filter { row in
      isWanted(row.name) && row.counts.allSatisfy { $0 ?? 0 > 0 }
    }
    var panels: [Figure.Panel] = []
    for row in wanted.prefix(Self.mostPanels) {
      let isShared = shared.contains(JSON.Text(Self.split(row.name).stage))
      var lines: [LinePanel.Line] = []
      for (index, run) in comparison.runs.enumerated() {
        guard let series = run.values.series[row.name] else { continue }
        if isShared, index > 0 { continue }
        let label = isShared ? "A and B" : Self.letters[index]
        for (place, step) in series.steps.enumerated() {
          data.append(
            [.text(row.name), .text(label), .integer(step), .number(series.values[place])],
            shown: place == 0 || place == series.steps.count - 1)
        }
        // Axes are made for numbers that people read.
        let points = zip(series.steps, series.values).filter { $0.1.magnitude < 1e100 }
          .map { Point(Double($0.0), $0.1) }
        guard !points.isEmpty else { continue }
        lines.append(
          LinePanel.Line(
            label, points, isShared ? Style(.ink) : Self.styles[index], markers: points.count < 30))
      }
      guard !lines.isEmpty else { continue }
      let points = lines.flatMap(\.points)
      let key = Self.split(row.name).key
      let isRate = ["r1", "r0"].contains(key) && points.allSatisfy { (0...1).contains($0.y) }
      var panel = LinePanel(
        x: RegisteredFigures.stepAxis(points.map(\.x)),
        y: isRate
          ? .rate(key == "r1" ? "R1" : "R0")
          : .covering(points.map(\.y), DeclaredDrawing.shortened(key, to: 40)))
      panel.height = 220
      panel.lines = lines
      let title = DeclaredDrawing.shortened(
        Self.split(row.name).stage.isEmpty ? key : "\(Self.split(row.name).stage): \(key)", to: 60)
      panels.append(
        Figure.Panel(
          title: title,
          drawing: panel.svg(
            id: "series-\(panels.count + 1)", title: title,
            description: lines.map { line in
              let ends = [line.points.first, line.points.last].compactMap { $0?.y }
              return "\(line.label): \(ends.map(NumberText.plain).joined(separator: " to "))"
            }.joined(separator: "; "))))
    }
    guard !panels.isEmpty else { return nil }
    let rest = wanted.count - panels.count
    return DrawnFigure(
      "series-overlaid", "By step",
      "two single runs, no interval"
        + (rest > 0 ? " · \(rest) more series of both are in the table below" : ""),
      panels, data, folder: folder, legend: legend,
      how: "series as recorded; what is not finite is in the file and not drawn.",
      caption: "First and last points; all of them in the file")
  }

  private func receiver(_ shared: Set<JSON.Text>) -> DrawnFigure? {
    var data = DrawnData([
      .init("curve", "Curve"), .init("run", "Run"), .init("threshold"), .init("true_positives"),
      .init("false_positives"), .init("positives", "Positives"), .init("negatives", "Negatives"),
    ])
    var panels: [Figure.Panel] = []
    for row in comparison.curves where panels.count < Self.mostPanels {
      guard !shared.contains(JSON.Text(Self.split(row.name).stage)) else { continue }
      let curves = comparison.runs.compactMap { $0.values.curves[row.name] }
        .filter { (try? $0.check()) != nil }
      guard curves.count == comparison.runs.count else { continue }
      for (letter, curve) in zip(Self.letters, curves) {
        for index in curve.thresholds.indices {
          data.append(
            [
              .text(row.name), .text(letter), .number(curve.thresholds[index]),
              .integer(curve.truePositives[index]), .integer(curve.falsePositives[index]),
              .integer(curve.positives), .integer(curve.negatives),
            ], shown: index == 0)
        }
      }
      var panel = LinePanel(x: .rate("false-positive rate"), y: .rate("true-positive rate"))
      panel.hasDirectLabels = false
      panel.height = 300
      panel.references = [
        LinePanel.Reference("chance", StudyFigures.diagonal(.rate("false-positive rate")))
      ]
      panel.lines = zip(zip(Self.letters, Self.styles), curves).map { look, curve in
        LinePanel.Line(
          look.0,
          LinePanel.corners(curve.points.map { Point($0.falsePositiveRate, $0.truePositiveRate) }),
          look.1)
      }
      let title = DeclaredDrawing.shortened(row.name, to: 60)
      panels.append(
        Figure.Panel(
          title: title,
          drawing: panel.svg(
            id: "roc-\(panels.count + 1)", title: "ROC curves. \(title)",
            description: zip(Self.letters, curves).map {
              "\($0): AUROC \(NumberText.decimal($1.auroc, 3))"
            }.joined(separator: "; "))))
    }
    guard !panels.isEmpty else { return nil }
    return DrawnFigure(
      "roc-overlaid", "ROC curves", "two single runs, no interval", panels, data, folder: folder,
      legend: legend, how: "curves as counts at their corners.",
      caption: "Curves drawn; every recorded point in the file")
  }
}
