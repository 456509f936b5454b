import Determinism
import Records
import Rendering
import Statistics
import Studies

extension DeclaredDrawing {
  private struct Curve {
    let label: String
    let style: Style
    let estimate: KaplanMeier
    let censored: [Double]
  }

  /// The share of runs that still have what a rate measures, over steps (Kaplan and Meier).
  func removal(of reference: ClaimReference) -> DrawnFigure? {
    var data = DrawnData(
      keys.map { .init($0.name, $0.title) } + [
        .init("step", "Step"), .init("at_risk", "At risk"), .init("removed", "Removed"),
        .init("censored", "Censored"), .init("share", "Share left"), .init("lower", "Lower"),
        .init("upper", "Upper"), .init("n", "Seeds"),
      ])
    var panels: [[Curve]] = []
    var missing = 0
    for panel in layout.panels.indices {
      var curves: [Curve] = []
      for line in layout.lines.indices {
        let runs = runs(panel, line).filter { $0.phase == study.phase }
        let removals = figures.snapshot.removals(
          stage: reference.stage, key: reference.key, in: runs.map(\.record)
        ).map(\.removal)
        missing += runs.count { $0.stage(reference.stage) != nil } - removals.count
        guard let estimate = try? KaplanMeier(removals) else { continue }
        append(estimate, removals, cells(panel, line), to: &data)
        curves.append(
          Curve(
            label: lineLabel(line), style: style(panel, line), estimate: estimate,
            censored: removals.filter { !$0.isObserved }.map(\.time)))
      }
      panels.append(curves)
    }
    let all = panels.flatMap { $0 }
    guard !all.isEmpty else { return nil }
    let label = figure.y.label ?? "share of runs not yet removed"
    let x = Axis.steps(
      to: Int(all.map(\.estimate.lastTime).max() ?? 1),
      figure.x.label ?? "steps of \(reference.stage)")
    let isLabelled = Self.haveShortNames(all.map(\.label))
    let drawn = panels.indices.filter { !panels[$0].isEmpty }.map { index -> Figure.Panel in
      let curves = panels[index]
      return panel(
        index, description: curves.map(description).joined(separator: "; ")
      ) { width in
        var panel = LinePanel(x: x, y: .rate(label))
        panel.width = width
        panel.hasDirectLabels = isLabelled
        for curve in curves { draw(curve, on: &panel) }
        return panel
      }
    }
    let counts = all.map(\.estimate.count)
    let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
    return finished(
      drawn,
      subtitle: unit(label)
        + " · n = \(least == most ? "\(most)" : "\(least)–\(most)") \(Words.phase(study.phase))"
        + " · band: 95%, Greenwood, pointwise · stroke: watching ended, not removed by then"
        + Self.remarks(missing: missing, beyond: 0),
      legend: isLabelled ? [] : Self.legend(all.map { ($0.style, $0.label) }), data: data,
      how: how(
        "removal of \(reference.text): the first of \(Series.successiveLooks) successive evaluations below ½; Kaplan–Meier over seeds"
      ))
  }

  private func draw(_ curve: Curve, on panel: inout LinePanel) {
    let estimate = curve.estimate
    var points = [Point(0, 1)]
    var edges = [(x: 0.0, lower: 1.0, upper: 1.0)]
    for step in estimate.steps {
      let band = step.band()
      let before = edges[edges.count - 1]
      points += [Point(step.time, points[points.count - 1].y), Point(step.time, step.survival)]
      edges += [
        (step.time, before.lower, before.upper), (step.time, band.lower, band.upper),
      ]
    }
    let last = edges[edges.count - 1]
    points.append(Point(estimate.lastTime, points[points.count - 1].y))
    edges.append((estimate.lastTime, last.lower, last.upper))
    panel.bands.append(LinePanel.Band("", edges, curve.style))
    var line = LinePanel.Line(curve.label, LinePanel.corners(points), curve.style)
    line.strokes = Set(curve.censored).sorted().map { Point($0, estimate.survival(at: $0)) }
    panel.lines.append(line)
    // The marker that goes with the colour, at each removal.
    panel.lines.append(
      LinePanel.Line(
        "", estimate.steps.flatMap { [Point($0.time, $0.survival), Point(.nan, .nan)] },
        curve.style, markers: true))
  }

  private func description(_ curve: Curve) -> String {
    let (removed, n) = (curve.estimate.count - curve.censored.count, curve.estimate.count)
    return [curve.label, "\(removed) of \(n) removed"].filter { !$0.isEmpty }
      .joined(separator: ": ")
      + (curve.estimate.median.map { ", half by step \(NumberText.count(Int($0)))" } ?? "")
  }

  /// A row at each time at which something was removed or watching ended, after one at the start.
  private func append(
    _ estimate: KaplanMeier, _ removals: [TimeToEvent], _ cells: [CSV.Cell],
    to data: inout DrawnData
  ) {
    var band = (lower: 1.0, upper: 1.0)
    for time in Set([0] + removals.map(\.time)).sorted() {
      let step = estimate.steps.first { $0.time == time }
      if let step { band = step.band() }
      data.append(
        cells + [
          .integer(Int(time)), .integer(removals.count { $0.time >= time }),
          .integer(step?.events ?? 0),
          .integer(removals.count { $0.time == time && !$0.isObserved }),
          .number(estimate.survival(at: time)), .number(band.lower), .number(band.upper),
          .integer(estimate.count),
        ])
    }
  }
}
