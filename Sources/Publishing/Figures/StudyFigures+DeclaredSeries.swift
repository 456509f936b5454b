import Determinism
import Records
import Rendering
import Statistics
import Studies

extension DeclaredDrawing {
  private struct Curve {
    let label: String
    let style: Style
    let points: [Point]
    let edges: [(x: Double, lower: Double, upper: Double)]
    let seeds: [[Point]]
  }

  /// The mean over seeds at the steps that all of them have, with its interval as a band.
  func lines(of series: [DeclaredFigure.Named<ClaimReference>]) -> DrawnFigure? {
    var data = DrawnData(
      (keys + (series.count > 1 ? [("series", "Series")] : [])).map { .init($0.name, $0.title) } + [
        .init("step", "Step"), .init("value", "Mean"), .init("lower", "Lower"),
        .init("upper", "Upper"), .init("n", "Seeds"), .init("interval"),
      ])
    var notes = SampleNotes()
    var panels: [[Curve]] = []
    var missing = 0
    for panel in layout.panels.indices {
      var curves: [Curve] = []
      for line in layout.lines.indices {
        let runs = runs(panel, line).filter { $0.phase == study.phase }
        for (index, entry) in series.enumerated() {
          let reference = entry.value
          missing += runs.count { run in
            run.stage(reference.stage).map { $0.series[reference.key] == nil } ?? false
          }
          let names = [lineLabel(line), series.count > 1 ? entry.name : ""].filter { !$0.isEmpty }
          var points: [Point] = []
          var edges: [(x: Double, lower: Double, upper: Double)] = []
          for step in StudyFigures.commonSteps(runs, reference.stage, reference.key) {
            guard let sample = sample(runs, reference, at: step) else { continue }
            notes.add(sample)
            let estimate = sample.estimate
            points.append(Point(Double(step), estimate.value))
            edges.append((Double(step), estimate.lower, estimate.upper))
            data.append(
              cells(panel, line) + (series.count > 1 ? [.text(entry.name)] : []) + [
                .integer(step), .number(estimate.value), .number(estimate.lower),
                .number(estimate.upper), .integer(estimate.n), .text(estimate.method),
              ])
          }
          guard !points.isEmpty else { continue }
          curves.append(
            Curve(
              label: names.joined(separator: ", "),
              style: series.count == 1
                ? style(panel, line)
                : Self.styles[(line * series.count + index) % Self.styles.count],
              points: points, edges: edges,
              seeds: runs.compactMap { run in
                run.stage(reference.stage)?.series[reference.key].map { own in
                  zip(own.steps, own.values).map { Point(Double($0), $1) }
                }
              }))
        }
      }
      panels.append(curves)
    }
    let all = panels.flatMap { $0 }
    guard !all.isEmpty else { return nil }
    let label = figure.y.label ?? (series.count == 1 ? series[0].value.text : "")
    let columns = min(160, max(12, 1200 / all.count))
    // Single seeds while they can be told apart, and while the page can hold them.
    let showsSeeds =
      all.count / panels.count { !$0.isEmpty } <= 3
      && all.flatMap(\.seeds).reduce(0) { $0 + min($1.count, 2 * columns) } <= 6000
    let axis = axis(
      label,
      all.flatMap { curve in
        curve.points.map(\.y)
          + curve.edges.flatMap { [$0.lower, $0.upper] }.filter(\.isFinite)
          + (showsSeeds ? curve.seeds.flatMap { $0.map(\.y) } : [])
      }, areShares: series.allSatisfy { Self.isRate($0.value) })
    let places = all.flatMap(\.points).map(\.x)
    let (first, last) = (Int(places.min() ?? 0), Int(places.max() ?? 1))
    let stages = Set(series.map(\.value.stage)).sorted().joined(separator: ", ")
    let x = Axis.steps(from: first, to: last, figure.x.label ?? "steps of \(stages)")
    let isLabelled = Self.haveShortNames(all.map(\.label))
    let drawn = panels.indices.filter { !panels[$0].isEmpty }.map { index -> Figure.Panel in
      let description = panels[index].map { curve in
        [curve.label, "from \(NumberText.plain(curve.points[0].y))"]
          .filter { !$0.isEmpty }.joined(separator: " ")
          + " to \(NumberText.plain(curve.points[curve.points.count - 1].y))"
      }.joined(separator: "; ")
      let curves = panels[index]
      return panel(index, description: description) { width in
        var panel = LinePanel(x: x, y: axis)
        panel.width = width
        panel.left = Self.room(for: axis)
        panel.columns = columns
        panel.hasDirectLabels = isLabelled
        for curve in curves {
          panel.lines.append(
            LinePanel.Line(
              curve.label, curve.points, curve.style, markers: curve.points.count < 25))
          panel.bands.append(
            LinePanel.Band("", Self.thinned(curve.edges, columns: columns, to: last), curve.style))
          if showsSeeds {
            panel.faint += curve.seeds.map { LinePanel.Line("", $0, curve.style) }
          }
        }
        return panel
      }
    }
    let beyond = all.flatMap(\.points).count { !(axis.lower...axis.upper).contains($0.y) }
    return finished(
      drawn,
      subtitle: notes.text(study, unit: unit(label)) + (showsSeeds ? " · faint: single seeds" : "")
        + Self.remarks(missing: missing, beyond: beyond),
      legend: isLabelled ? [] : Self.legend(all.map { ($0.style, $0.label) }), data: data,
      how: how(
        "series \(series.map(\.value.text).joined(separator: ", ")), mean over seeds at each step that all of them have"
      ))
  }

  private func sample(_ runs: [RunView], _ reference: ClaimReference, at step: Int) -> Sample? {
    Sample(runs, phase: study.phase) { run in
      run.stage(reference.stage)?.series[reference.key]?.value(at: step).map {
        Self.isRate(reference) ? .bounded($0, 0...1) : .number($0)
      }
    }
  }

  /// Series have no counts; these are the names that stages give to rates.
  private static func isRate(_ reference: ClaimReference) -> Bool {
    ClaimExpression.value(reference).isShareByName
      || reference.key.utf8.split(separator: UInt8(ascii: ".")).contains { part in
        ["r1", "r0", "rate"].contains { part.elementsEqual($0.utf8) }
      }
  }

  /// Direct labels only where they leave the lines their room.
  static func haveShortNames(_ names: [String]) -> Bool {
    Set(names).count > 1 && names.allSatisfy { $0.unicodeScalars.count <= 10 }
  }

  /// Every look once, where there is more than one.
  static func legend(_ entries: [(Style, String)]) -> [(style: Style, label: String)] {
    var legend: [(style: Style, label: String)] = []
    for (style, label) in entries where !label.isEmpty {
      if !legend.contains(where: { $0.label.utf8.elementsEqual(label.utf8) }) {
        legend.append((style, label))
      }
    }
    return legend.count > 1 ? legend : []
  }

  /// A band of so many columns: of each its widest reach.
  private static func thinned(
    _ edges: [(x: Double, lower: Double, upper: Double)], columns: Int, to last: Int
  ) -> [(x: Double, lower: Double, upper: Double)] {
    let finite = edges.filter { $0.lower.isFinite && $0.upper.isFinite }
    guard finite.count > 2 * columns else { return finite }
    var kept: [(x: Double, lower: Double, upper: Double)] = []
    var current = -1
    for edge in finite {
      let column = Int(edge.x / Double(max(last, 1)) * Double(columns))
      if column == current {
        kept[kept.count - 1].lower = min(kept[kept.count - 1].lower, edge.lower)
        kept[kept.count - 1].upper = max(kept[kept.count - 1].upper, edge.upper)
      } else {
        kept.append(edge)
        current = column
      }
    }
    return kept
  }
}
