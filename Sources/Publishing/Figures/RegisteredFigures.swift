import Determinism
import Records
import Rendering
import Statistics
import Studies

/// The figures of a registered run: its series by step and its ROC curves.
struct RegisteredFigures {
  let run: RegisteredRunView
  let record: RegisteredRunRecord

  /// What a page draws; the files have all.
  private static let mostPanels = 12
  private static let mostLines = 4
  private static let mostCurves = 7
  private static let mostEnds = 200

  static let styles = [
    Style(.first, .circle), Style(.second, .square), Style(.third, .triangle),
    Style(.fourth, .cross), Style(.fifth, .square), Style(.sixth, .diamond),
    Style(.seventh, .diamond),
  ]

  /// Series whose names end alike (`train/loss`, `validation/loss`) share a panel.
  func series() -> DrawnFigure? {
    let all = record.values.series.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
    guard !all.isEmpty else { return nil }
    var data = DrawnData(
      [
        .init("series", "Series"), .init("step", "Step"), .init("value", "Value"),
      ], keepsRows: false)
    var groups: [(name: String, series: [(label: String, series: Series)])] = []
    var unshown = 0
    var ends = 0
    for (name, series) in all {
      let isShown = ends < Self.mostEnds
      data.append(series: name, series, endsShown: isShown)
      if isShown { ends += min(2, series.steps.count) }
      let words = name.utf8.split(separator: UInt8(ascii: "/"))
      let last = words.last.map { String(decoding: Array($0), as: UTF8.self) } ?? name
      let isOpen = { (group: (name: String, series: [(label: String, series: Series)])) in
        group.name.utf8.elementsEqual(last.utf8) && group.series.count < Self.mostLines
      }
      if let index = groups.firstIndex(where: isOpen) {
        groups[index].series.append((label: name, series: series))
      } else if groups.count < Self.mostPanels {
        groups.append((name: last, series: [(label: name, series: series)]))
      } else {
        unshown += 1
      }
    }
    let panels = groups.enumerated().compactMap { panel(number: $0 + 1, $1.name, $1.series) }
    guard !panels.isEmpty else { return nil }
    return DrawnFigure(
      "series", "By step",
      "as handed in · one run, no interval"
        + (unshown > 0 ? " · \(unshown) of \(all.count) series are in the file alone" : ""),
      panels, data, folder: run.folder,
      how: "series of the registered document; what is not finite is in the file and not drawn.",
      caption: "First and last points; all of them in the file")
  }

  /// `train` of `train/loss`, cut where it is long.
  private static func first(of name: String) -> String {
    let words = name.utf8.split(separator: UInt8(ascii: "/")).dropLast()
    let label = words.map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: "/")
    let shown = (label.isEmpty ? name : label).unicodeScalars
    return shown.count > 18 ? String(shown.prefix(17)) + "…" : String(shown)
  }

  /// From zero, unless all of them are far from it.
  static func stepAxis(_ steps: [Double]) -> Axis {
    let first = steps.min() ?? 0
    let last = steps.max() ?? 1
    return first >= 0 && last < 1e15 && first <= last / 2
      ? .steps(to: Int(last), "steps") : .covering(steps, "steps")
  }

  private func panel(
    number: Int, _ title: String, _ series: [(label: String, series: Series)]
  ) -> Figure.Panel? {
    let lines = series.enumerated().map { index, one -> LinePanel.Line in
      // Axes are made for numbers that people read.
      let points = zip(one.series.steps, one.series.values).filter { $0.1.magnitude < 1e100 }
        .map { Point(Double($0.0), $0.1) }
      return LinePanel.Line(
        series.count > 1 ? Self.first(of: one.label) : "", points, Self.styles[index],
        markers: points.count < 30)
    }
    let points = lines.flatMap(\.points)
    guard !points.isEmpty else { return nil }
    var panel = LinePanel(
      x: Self.stepAxis(points.map(\.x)), y: .covering(points.map(\.y), title))
    panel.height = 220
    panel.lines = lines
    let heading = series.map(\.label).joined(separator: ", ")
    return Figure.Panel(
      title: heading,
      drawing: panel.svg(
        id: "series-\(number)", title: heading,
        description: zip(series, lines).map { one, line in
          let ends = [line.points.first, line.points.last].compactMap { $0?.y }
          let text = ends.map(NumberText.plain).joined(separator: " to ")
          return "\(one.label): \(ends.isEmpty ? "nothing finite" : text)"
        }.joined(separator: "; ")))
  }

  /// ROC curves, which check as curves: others are in the record alone.
  var curves: [(name: String, curve: ROCCurve)] {
    record.values.curves.filter { (try? $0.value.check()) != nil }
      .sorted { JSON.Text($0.key) < JSON.Text($1.key) }.map { (name: $0.key, curve: $0.value) }
  }

  func receiver() -> DrawnFigure? {
    let curves = curves
    guard !curves.isEmpty else { return nil }
    var data = DrawnData(
      [
        .init("curve", "Curve"), .init("threshold"), .init("true_positives"),
        .init("false_positives"), .init("positives", "Positives"), .init("negatives", "Negatives"),
      ], keepsRows: false)
    for (number, (name, curve)) in curves.enumerated() {
      for index in curve.thresholds.indices {
        data.append(
          [
            .text(name), .number(curve.thresholds[index]), .integer(curve.truePositives[index]),
            .integer(curve.falsePositives[index]), .integer(curve.positives),
            .integer(curve.negatives),
          ], shown: index == 0 && number < 40)
      }
    }
    let reported = record.isDetection ? reportedCurves : curves
    let drawn = Array((reported.isEmpty ? curves : reported).prefix(Self.mostCurves))
    var panel = LinePanel(x: .rate("false-positive rate"), y: .rate("true-positive rate"))
    panel.hasDirectLabels = false
    panel.height = 300
    panel.references = [
      LinePanel.Reference("chance", StudyFigures.diagonal(.rate("false-positive rate")))
    ]
    panel.lines = zip(drawn, Self.styles).map { one, style in
      LinePanel.Line(
        one.name,
        LinePanel.corners(
          one.curve.points.map { Point($0.falsePositiveRate, $0.truePositiveRate) }), style)
    }
    let drawing = panel.svg(
      id: "roc-1", title: "ROC curves",
      description: drawn.map { "\($0.name): AUROC \(NumberText.decimal($0.curve.auroc, 3))" }
        .joined(separator: "; "))
    return DrawnFigure(
      "roc", "ROC curves",
      "one run, no interval"
        + (drawn.count < curves.count ? " · the first \(drawn.count) of \(curves.count)" : ""),
      [Figure.Panel(title: "", drawing: drawing)], data, folder: run.folder,
      legend: zip(drawn, Self.styles).map { (style: $1, label: $0.name) },
      how: record.isDetection
        ? "curves as counts at their corners, of the scores in the artifact 'scores'."
        : "curves as counts: computed here from the scores that came along, or as handed in.",
      caption: "Curves drawn; every recorded point in the file")
  }

  /// Each curve in numbers.
  func areas() -> Table? {
    let curves = curves
    guard !curves.isEmpty else { return nil }
    var table = Table(
      caption: "Areas, exact from the counts",
      columns: [
        .init("Curve"), .init("AUROC", numeric: true), .init("TPR at 1% FPR", numeric: true),
        .init("Positives", numeric: true), .init("Negatives", numeric: true),
      ], interactive: curves.count > 8)
    for (name, curve) in curves.prefix(MetricTables.mostRows) {
      let rate = curve.truePositiveRate(atFalsePositiveRate: 0.01)
      table.append(
        Table.Row(
          [
            [.text(name)], [.text(NumberText.decimal(curve.auroc, 3))],
            [.text(NumberText.decimal(rate, 3))], [.text(NumberText.count(curve.positives))],
            [.text(NumberText.count(curve.negatives))],
          ],
          keys: [nil, curve.auroc, rate, Double(curve.positives), Double(curve.negatives)]))
    }
    return table
  }
}
