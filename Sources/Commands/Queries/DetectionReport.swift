import Determinism
import Records
import Studies

/// What a detection run found, as tables for people.
struct DetectionReport {
  private let run: RegisteredRunRecord

  init(run: RegisteredRunRecord) { self.run = run }

  private var scalars: [String: Double] { run.values.scalars }
  private var position: String { run.reported.position }
  private var layer: Int { run.reported.layer }
  private let controls = RegisteredRunRecord.layerlessControls

  func print(on terminal: Terminal) throws {
    try terminal.say("run \(run.id.short) · \(run.slug) · \(run.name)".forTerminal)
    try terminal.say()
    for line in main.lines { try terminal.say(line) }
    let sweep = sweep
    if !sweep.isEmpty {
      try terminal.say()
      try terminal.say("AUROC by layer, at \(position)".forTerminal)
      for line in sweep.lines { try terminal.say(line) }
    }
    let notChecked = run.notChecked
    guard !notChecked.isEmpty else { return }
    try terminal.say()
    for (what, why) in notChecked {
      try terminal.say("not checked: \(what): \(why)".forTerminal)
    }
  }

  /// Detectors at the primary layer, then the controls that have no layer.
  private var main: Table {
    var table = Table([
      ("L\(layer) at \(position)", .left), ("AUROC", .right), ("95% (DeLong)", .right),
      ("d′", .right), ("TPR at 1%", .right), ("FPR", .right), ("worst FPR", .right),
      ("above random", .right),
    ])
    for detector in run.detectors + controls {
      let isControl = controls.contains(detector)
      let stem = "\(detector)/\(position)/\(isControl ? "all" : "primary")/"
      guard let area = scalars[stem + "test/auroc"] else { continue }
      table.add([
        detector, text(area, 3),
        "\(text(scalars[stem + "test/auroc.delong.lower"], 3)) … "
          + text(scalars[stem + "test/auroc.delong.upper"], 3),
        text(scalars[stem + "test/dprime"], 2), text(scalars[stem + "test/tpr-at-1pct"], 3),
        text(scalars[stem + "test/fpr-realised"], 3), text(scalars[stem + "worst-fpr"], 3),
        // Against the null that it beats least often.
        run.percentile(of: detector).map { "\(Decimal.text(100 * $0, places: 1))%" } ?? "—",
      ])
    }
    return table
  }

  private var sweep: Table {
    let layers = run.probedLayers
    // A terminal has room for a dozen; the record has all.
    let step = max(1, (layers.count + 11) / 12)
    let shown = layers.enumerated().filter { $0.offset % step == 0 || $0.element == layer }
      .map(\.element)
    var table = Table([("", .left)] + shown.map { ("L\($0)", .right) })
    guard layers.count > 1 else { return table }
    for detector in run.detectors {
      let values = shown.map { scalars["\(detector)/\(position)/L\($0)/test/auroc"] }
      guard values.contains(where: { $0 != nil }) else { continue }
      table.add([detector] + values.map { text($0, 3) })
    }
    for null in RegisteredRunRecord.nulls {
      let values = shown.map { scalars["random-\(null)/\(position)/L\($0)/test/auroc.p95"] }
      guard values.contains(where: { $0 != nil }) else { continue }
      table.add(["random p95, \(null)"] + values.map { text($0, 3) })
    }
    return table
  }

  private func text(_ value: Double?, _ places: Int) -> String {
    value.map { Decimal.text($0, places: places) } ?? "—"
  }
}
