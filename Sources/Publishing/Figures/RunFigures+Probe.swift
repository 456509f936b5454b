import Determinism
import Records
import Rendering
import Statistics

extension RunFigures {
  /// The probe stage shown in full: the first.
  var probe: (name: String, record: StageRecord, keys: ProbeKeys)? {
    for stage in run.stages {
      if let record = stage.record, record.step.kind == "probe" {
        return (stage.name, record, ProbeKeys(record))
      }
    }
    return nil
  }

  /// Curves of one position and set, by detector, at whichever layer name they stand under.
  private func curves(_ position: String, _ set: String) -> [(detector: String, curve: ROCCurve)] {
    guard let (_, record, keys) = probe else { return [] }
    return keys.detectors.prefix(7).compactMap { detector in
      (["primary", "all"] + keys.layers.reversed()).lazy
        .compactMap { record.curves["\(detector)/\(position)/\($0)/\(set)"] }
        .first { (try? $0.check()) != nil }.map { (detector, $0) }
    }
  }

  private func title(_ position: String) -> String {
    position == "decision"
      ? "At the decision" : position == "prompt-end" ? "At the prompt's end" : position
  }

  /// Positions whose curves differ.
  private var positions: [String] {
    var seen: [[ROCCurve]] = []
    return (probe?.keys.positions ?? []).filter { position in
      let curves = curves(position, "swap").map(\.curve)
      guard !curves.isEmpty, !seen.contains(curves) else { return false }
      seen.append(curves)
      return true
    }
  }

  /// ROC curves, linear and with a logarithmic false-positive axis.
  func receiver() -> DrawnFigure? {
    guard let (name, record, _) = probe else { return nil }
    var data = DrawnData([
      .init("detector", "Detector"), .init("position", "Position"), .init("set"),
      .init("threshold"), .init("true_positives"), .init("false_positives"),
      .init("positives", "Positives"), .init("negatives", "Negatives"),
    ])
    var panels: [Figure.Panel] = []
    var present: [String] = []
    for position in positions {
      let drawn = curves(position, "swap")
      for (detector, curve) in drawn {
        if !present.contains(detector) { present.append(detector) }
        for index in curve.thresholds.indices {
          data.append(
            [
              .text(detector), .text(position), .text("swap"), .number(curve.thresholds[index]),
              .integer(curve.truePositives[index]), .integer(curve.falsePositives[index]),
              .integer(curve.positives), .integer(curve.negatives),
            ], shown: index == 0)
        }
      }
      let finest = drawn.map(\.curve.negatives).max() ?? 1
      for isLogarithmic in [false, true] {
        let axis: Axis =
          isLogarithmic
          ? .decades(
            "false-positive rate, log", from: finest >= 1000 ? -3 : -2, log: Elementary.log)
          : .rate("false-positive rate")
        var panel = LinePanel(x: axis, y: .rate("true-positive rate"))
        panel.hasDirectLabels = false
        panel.height = 300
        panel.references = [
          LinePanel.Reference(isLogarithmic ? "" : "chance", StudyFigures.diagonal(axis))
        ]
        panel.lines = drawn.map { detector, curve in
          let points = LinePanel.corners(
            curve.points.map { Point($0.falsePositiveRate, $0.truePositiveRate) })
          return LinePanel.Line(
            detector, isLogarithmic ? Self.from(axis.lower, points) : points,
            Words.style(detector: detector))
        }
        let heading = title(position) + (isLogarithmic ? ", log axis" : "")
        panels.append(
          Figure.Panel(
            title: heading,
            drawing: panel.svg(
              id: "roc-\(panels.count + 1)", title: "ROC curves. \(heading)",
              description: drawn.map { detector, curve in
                let rate = curve.truePositiveRate(atFalsePositiveRate: 0.01)
                return "\(detector): \(NumberText.decimal(rate, 2)) found at 1% false positives"
              }.joined(separator: "; "))))
      }
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "roc", "ROC curves of every detector and control",
      "triggered prompts against token-matched swaps, primary layer · one run, no interval", panels,
      data, legend: present.map { (Words.style(detector: $0), $0) },
      how:
        "stage \(name) (probe@\(record.step.version)), curves as counts at their corners.",
      caption: "Curves drawn; every recorded point in the file")
  }

  /// The part of a step curve right of `lower`, with the height that it has there.
  private static func from(_ lower: Double, _ points: [Point]) -> [Point] {
    let entry = points.last { $0.x <= lower }?.y ?? 0
    return [Point(lower, entry)] + points.filter { $0.x > lower }
  }

  /// Histograms of the danger contrast's scores, one row a set of prompts.
  func scores() -> DrawnFigure? {
    guard let (name, record, keys) = probe, let table = ScoreTable(record, snapshot) else {
      return nil
    }
    var data = DrawnData([
      .init("position", "Position"), .init("prompts", "Prompts"), .init("score"), .init("n", "n"),
    ])
    let labels = [
      "triggered": "triggered", "swap": "token-matched swaps", "clean": "ordinary prompts",
      "benign-task": "trigger, benign task", "corrupt-date": "corrupt dates",
    ]
    var panels: [Figure.Panel] = []
    for position in keys.positions {
      let sets = ScoreTable.sets.map { ($0, table.scores("danger", position, $0)) }
        .filter { !$0.1.isEmpty }
      guard !sets.isEmpty else { continue }
      let axis = Axis.covering(sets.flatMap(\.1), "score")
      let rows = sets.map { set, scores in
        HistogramPanel.Row(
          labels[set] ?? set, counts: HistogramPanel.counts(scores, bins: 48, on: axis),
          style: Words.style(arm: run.arm).dotted(set != "triggered" && set != "benign-task"))
      }
      for (set, scores) in sets {
        for (index, score) in scores.enumerated() {
          data.append(
            [.text(position), .text(set), .number(score), .integer(scores.count)],
            shown: index == 0)
        }
      }
      panels.append(
        Figure.Panel(
          title: title(position),
          drawing: HistogramPanel(rows: rows, x: axis).svg(
            id: "scores-\(panels.count + 1)", title: "Score histograms. \(title(position))",
            description: rows.map { "\($0.label): n = \($0.total)" }.joined(separator: "; "))))
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "scores", "Scores of the danger contrast",
      "projection on the direction, primary layer · filled: the trigger is in the prompt · one run",
      panels, data,
      how: "stage \(name) (probe@\(record.step.version)), artifact scores, tensors danger/*.",
      caption: "Histograms drawn; every score in the file")
  }

  /// The layer sweep with the band of random directions behind it.
  func layers() -> DrawnFigure? {
    guard let (name, record, keys) = probe, !keys.layers.isEmpty else { return nil }
    var data = DrawnData([
      .init("position", "Position"), .init("layer", "Layer"), .init("detector", "Detector"),
      .init("auroc", "AUROC"), .init("dprime", "d′"), .init("random_auroc_p95", "Random p95"),
    ])
    var panels: [Figure.Panel] = []
    for position in positions {
      var panel = LinePanel(x: .places(keys.layers, "layer (L0: the embedding)"), y: .rate("AUROC"))
      for detector in ["danger", "harmless-trait", "unrelated-question", "skyline"] {
        var points: [Point] = []
        for (index, layer) in keys.layers.enumerated() {
          let stem = "\(detector)/\(position)/\(layer)/swap/"
          guard let value = record.scalars[stem + "auroc"], value.isFinite else { continue }
          points.append(Point(Double(index), value))
          data.append([
            .text(position), .text(layer), .text(detector), .number(value),
            record.scalars[stem + "dprime"].map { .number($0) } ?? .missing,
            record.scalars["random/\(position)/\(layer)/swap/auroc.p95"].map { .number($0) }
              ?? .missing,
          ])
        }
        if !points.isEmpty {
          panel.lines.append(
            LinePanel.Line(detector, points, Words.style(detector: detector), markers: true))
        }
      }
      let edges = keys.layers.enumerated().compactMap { index, layer -> (Double, Double, Double)? in
        record.scalars["random/\(position)/\(layer)/swap/auroc.p95"].map {
          (Double(index), 1 - $0, $0)
        }
      }.map { (x: $0.0, lower: $0.1, upper: $0.2) }
      if !edges.isEmpty {
        panel.bands = [LinePanel.Band("random directions", edges, Style(.muted))]
      }
      panel.references = [
        LinePanel.Reference(
          "", [Point(-0.5, 0.5), Point(Double(keys.layers.count) - 0.5, 0.5)])
      ]
      guard !panel.lines.isEmpty else { continue }
      panels.append(
        Figure.Panel(
          title: title(position),
          drawing: panel.svg(
            id: "layers-\(panels.count + 1)", title: "AUROC by layer. \(title(position))",
            description: panel.lines.map { line in
              "\(line.label): "
                + line.points.map { NumberText.decimal($0.y, 2) }.joined(separator: ", ")
            }.joined(separator: "; "))))
    }
    guard !panels.isEmpty else { return nil }
    return finished(
      "layers", "Layer by layer",
      "AUROC, triggered prompts against token-matched swaps · grey: where 95% of \(RandomDirections([run], stage: name).words) lie; dashed: chance · one run, no interval",
      panels, data, how: "stage \(name) (probe@\(record.step.version)), keys detector/*/L*/swap/*.")
  }
}
