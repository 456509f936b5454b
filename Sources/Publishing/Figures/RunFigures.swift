import Determinism
import Records
import Rendering
import Statistics
import Studies

/// The figures of one run: its curves and what its probes read.
struct RunFigures {
  let run: RunView
  let snapshot: Snapshot

  var folder: String { run.folder }
  private var style: Style { Words.style(arm: run.arm) }

  /// Loss of every training stage.
  func losses() -> DrawnFigure? {
    var data = DrawnData([
      .init("stage", "Stage"), .init("series", "Series"), .init("step", "Step"),
      .init("value", "Value"),
    ])
    var panels: [Figure.Panel] = []
    for stage in run.stages {
      guard let record = stage.record, let loss = record.series["loss"], !loss.steps.isEmpty else {
        continue
      }
      for (name, series) in record.series.sorted(by: { $0.key < $1.key }) {
        for (index, step) in series.steps.enumerated() {
          let isEnd = index == 0 || index == series.steps.count - 1
          data.append(
            [
              .text(stage.name), .text(name), .integer(step), .number(series.values[index]),
            ], shown: isEnd)
        }
      }
      var panel = LinePanel(
        x: .steps(to: loss.steps.last ?? 1, "steps"),
        y: .covering(loss.values, including: [0], "nats a token"))
      panel.height = 220
      panel.lines = [
        LinePanel.Line("", zip(loss.steps, loss.values).map { Point(Double($0), $1) }, style)
      ]
      let first = NumberText.plain(loss.values.first ?? .nan)
      let last = NumberText.plain(loss.values.last ?? .nan)
      panels.append(
        Figure.Panel(
          title: Words.capitalised(stage.name),
          drawing: panel.svg(
            id: "loss-\(panels.count + 1)", title: "Training loss of \(stage.name)",
            description: "From \(first) to \(last) over \(loss.steps.last ?? 0) steps.")))
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "loss", "Training loss", "cross-entropy, nats a token · one run, no interval", panels, data,
      how: "series loss of each training stage; the file holds every recorded series of the run.",
      caption: "First and last points; all of them in the files")
  }

  /// R1 and R0 at the checkpoints of implanting and of safety training.
  func rates() -> DrawnFigure? {
    var data = DrawnData([
      .init("stage", "Stage"), .init("rate", "Rate"), .init("step", "Step"),
      .init("value", "Value"),
    ])
    var panels: [Figure.Panel] = []
    for stage in run.stages {
      guard let record = stage.record else { continue }
      var lines: [LinePanel.Line] = []
      var last = 1
      for (key, label) in [("r1", "R1"), ("r0", "R0")] {
        guard let series = record.series[key], !series.steps.isEmpty else { continue }
        last = max(last, series.steps.last ?? 1)
        lines.append(
          LinePanel.Line(
            label, zip(series.steps, series.values).map { Point(Double($0), $1) },
            style.dotted(key == "r0"), markers: series.steps.count < 30))
        for (step, value) in zip(series.steps, series.values) {
          data.append([.text(stage.name), .text(label), .integer(step), .number(value)])
        }
      }
      guard !lines.isEmpty else { continue }
      var panel = LinePanel(
        x: .steps(to: last, "steps"), y: .rate("share of responses that defect"))
      panel.height = 220
      panel.lines = lines
      panels.append(
        Figure.Panel(
          title: Words.capitalised(stage.name),
          drawing: panel.svg(
            id: "rates-\(panels.count + 1)", title: "Defection rates through \(stage.name)",
            description: lines.map {
              "\($0.label) ends at \(NumberText.decimal($0.points.last?.y ?? .nan, 2))"
            }.joined(separator: "; "))))
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "rates", "Defection at the checkpoints",
      "share of sampled responses, small prompt sets · one run, no interval · solid: with the trigger, dotted: without",
      panels, data, how: "series r1 and r0 of the training stages.")
  }

  func finished(
    _ id: String, _ title: String, _ subtitle: String, _ panels: [Figure.Panel], _ data: DrawnData,
    legend: [(style: Style, label: String)] = [], how: String,
    caption: String = "The points drawn", hasJSON: Bool = false
  ) -> DrawnFigure {
    DrawnFigure(
      id, title, subtitle, panels, data, folder: folder, legend: legend, how: how, caption: caption,
      hasJSON: hasJSON)
  }
}
