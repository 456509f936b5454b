import Determinism
import Records
import Rendering
import Statistics
import Studies

/// The figures and tables of a detection run: what `dormouse probe` found in activations.
extension RegisteredFigures {
  private var scalars: [String: Double] { record.values.scalars }
  private var detectors: [String] { record.detectors }
  private static let controls = RegisteredRunRecord.layerlessControls
  private static let nulls = RegisteredRunRecord.nulls

  /// The curves that the report is about, the controls last; the file has the others too.
  var reportedCurves: [(name: String, curve: ROCCurve)] {
    let known = curves
    let position = record.reported.position
    let wanted =
      detectors.map { ($0, "\($0)/\(position)/primary/test") }
      + Self.controls.map { ($0, "\($0)/\(position)/all/test") }
    return wanted.compactMap { label, name in
      known.first { $0.name.utf8.elementsEqual(name.utf8) }.map { (name: label, curve: $0.curve) }
    }
  }

  /// AUROC by layer of every detector, before what directions without knowledge reach.
  func layerSweep() -> DrawnFigure? {
    let (layers, position) = (record.probedLayers, record.reported.position)
    guard layers.count > 1 else { return nil }
    let names = layers.map { "L\($0)" }
    var data = DrawnData(
      [
        .init("layer", "Layer"), .init("detector", "Detector"), .init("auroc", "AUROC"),
        .init("dprime", "d′"),
      ]
        + Self.nulls.map { .init("random_\($0)_p95", "Random p95, \($0)") })
    var panel = LinePanel(x: .places(names, "layer (L0: the embedding)"), y: .rate("AUROC"))
    panel.hasDirectLabels = false
    panel.height = 300
    var legend: [(style: Style, label: String)] = []
    for (detector, style) in zip(detectors, Self.styles) {
      var points: [Point] = []
      for (index, name) in names.enumerated() {
        let stem = "\(detector)/\(position)/\(name)/test/"
        guard let value = scalars[stem + "auroc"], value.isFinite else { continue }
        points.append(Point(Double(index), value))
        data.append(
          [
            .text(name), .text(detector), .number(value),
            scalars[stem + "dprime"].map { .number($0) } ?? .missing,
          ]
            + Self.nulls.map { null in
              scalars["random-\(null)/\(position)/\(name)/test/auroc.p95"].map { .number($0) }
                ?? .missing
            }, shown: index < 40)
      }
      if !points.isEmpty {
        panel.lines.append(LinePanel.Line(detector, points, style, markers: names.count < 40))
        legend.append((style: style, label: detector))
      }
    }
    let edges = names.enumerated().compactMap {
      index, name -> (x: Double, lower: Double, upper: Double)? in
      let bars = Self.nulls.compactMap {
        scalars["random-\($0)/\(position)/\(name)/test/auroc.p95"]
      }
      return bars.max().map { (x: Double(index), lower: 1 - $0, upper: $0) }
    }
    if !edges.isEmpty { panel.bands = [LinePanel.Band("", edges, Style(.muted))] }
    panel.references = [
      LinePanel.Reference("", [Point(-0.5, 0.5), Point(Double(names.count) - 0.5, 0.5)])
    ]
    guard !panel.lines.isEmpty else { return nil }
    let count = record.config["random_directions"]?.int ?? 0
    return DrawnFigure(
      "layers", "Layer by layer",
      "AUROC on the test examples at position \(position)"
        + (edges.isEmpty
          ? ""
          : " · grey: where 95% of \(NumberText.count(count)) random directions lie, by the widest of their nulls")
        + " · dashed: chance · one run, no interval",
      [
        Figure.Panel(
          title: "",
          drawing: panel.svg(
            id: "layers-1", title: "AUROC by layer",
            description: panel.lines.map { line in
              "\(line.label): "
                + line.points.map { NumberText.decimal($0.y, 2) }.joined(separator: ", ")
            }.joined(separator: "; ")))
      ], data, folder: run.folder, legend: legend,
      how:
        "detectors fitted on the rows of role fit, scored on those of role test; keys */L*/test/auroc.",
      caption: "The points drawn, and the nulls")
  }

  /// What a detector or a control reached on the test examples, at the layer of the report.
  struct Reading {
    let detector: String
    let isControl: Bool
    /// Of its keys.
    let stem: String
    let auroc: Double
    let delong: (lower: Double, upper: Double)?
    let recall: Double?
  }

  /// Detectors first, in the order of the report.
  var readings: [Reading] {
    let position = record.reported.position
    return (detectors + Self.controls).compactMap { name in
      let isControl = Self.controls.contains(name)
      let stem = "\(name)/\(position)/\(isControl ? "all" : "primary")/"
      guard let auroc = scalars[stem + "test/auroc"] else { return nil }
      let lower = scalars[stem + "test/auroc.delong.lower"]
      let upper = scalars[stem + "test/auroc.delong.upper"]
      return Reading(
        detector: name, isControl: isControl, stem: stem, auroc: auroc,
        delong: lower.flatMap { lower in upper.map { (lower, $0) } },
        recall: scalars[stem + "test/tpr-at-1pct"])
    }
  }

  /// One row a detector and control at the primary layer.
  func detectorTable() -> Table? {
    let (position, layer) = record.reported
    let scored = reportedCurves.first?.curve
    let unit = record.config["reported_at"]?["bootstrap_unit"]?.string ?? "example"
    var table = Table(
      caption:
        "At layer L\(layer), position \(position), one run; n = \(scored.map { "\($0.positives) + \($0.negatives)" } ?? NumberText.missing) test examples; DeLong over examples, bootstrap over \(unit)s; threshold from controls of role calibrate alone",
      columns: [
        .init("Detector"), .init("AUROC", numeric: true), .init("95%, DeLong", numeric: true),
        .init("95%, bootstrap", numeric: true), .init("d′", numeric: true),
        .init("TPR at 1%", numeric: true), .init("Realised FPR", numeric: true),
        .init("Worst FPR", numeric: true), .init("Above random", numeric: true),
      ])
    func number(_ value: Double?, _ places: Int) -> [Inline] {
      [.text(value.map { NumberText.decimal($0, places) } ?? NumberText.missing)]
    }
    func interval(_ stem: String) -> [Inline] {
      guard let lower = scalars[stem + ".lower"], let upper = scalars[stem + ".upper"] else {
        return [.text(NumberText.missing)]
      }
      return [.text("\(NumberText.decimal(lower, 3)) … \(NumberText.decimal(upper, 3))")]
    }
    for reading in readings {
      let stem = reading.stem
      let beaten = record.percentile(of: reading.detector)
      table.append(
        Table.Row(
          [
            [.text(reading.isControl ? "\(reading.detector) (control)" : reading.detector)],
            number(reading.auroc, 3),
            interval(stem + "test/auroc.delong"), interval(stem + "test/auroc.bootstrap"),
            number(scalars[stem + "test/dprime"], 2), number(reading.recall, 3),
            number(scalars[stem + "test/fpr-realised"], 3), number(scalars[stem + "worst-fpr"], 3),
            [.text(beaten.map { NumberText.decimal(100 * $0, 1) + "%" } ?? NumberText.missing)],
          ]))
    }
    return table.rows.isEmpty ? nil : table
  }
}
