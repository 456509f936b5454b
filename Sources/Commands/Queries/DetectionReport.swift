import Determinism
import Records
import Studies

/// What a detection run found, as tables for people.
struct DetectionReport {
  let run: RegisteredRunRecord

  private var scalars: [String: Double] { run.values.scalars }
  private var detectors: [String] { run.config["detectors"]?.array?.compactMap(\.string) ?? [] }
  private var position: String { run.config["reported_at"]?["position"]?.string ?? "last" }
  private var layer: Int { run.config["reported_at"]?["layer"]?.int ?? 0 }

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
    for detector in detectors + ["length", "lexical"] {
      let isControl = ["length", "lexical"].contains(detector)
      let stem = "\(detector)/\(position)/\(isControl ? "all" : "primary")/"
      guard let area = scalars[stem + "test/auroc"] else { continue }
      let percentiles = ["isotropic", "covariance", "permuted"].compactMap {
        scalars["\(detector)/\(position)/L\(layer)/test/percentile.\($0)"]
      }
      table.add([
        detector, text(area, 3),
        "\(text(scalars[stem + "test/auroc.delong.lower"], 3)) … "
          + text(scalars[stem + "test/auroc.delong.upper"], 3),
        text(scalars[stem + "test/dprime"], 2), text(scalars[stem + "test/tpr-at-1pct"], 3),
        text(scalars[stem + "test/fpr-realised"], 3), text(scalars[stem + "worst-fpr"], 3),
        // Against the null that it beats least often.
        percentiles.min().map { "\(Decimal.text(100 * $0, places: 1))%" } ?? "—",
      ])
    }
    return table
  }

  private var sweep: Table {
    let layers = Set(
      scalars.keys.compactMap { key -> Int? in
        let words = key.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        guard words.count == 5, words[1].utf8.elementsEqual(position.utf8),
          words[4].utf8.elementsEqual("auroc".utf8), words[2].utf8.first == UInt8(ascii: "L")
        else { return nil }
        return Int(words[2].dropFirst())
      }
    ).sorted()
    // A terminal has room for a dozen; the record has all.
    let step = max(1, (layers.count + 11) / 12)
    let shown = layers.enumerated().filter { $0.offset % step == 0 || $0.element == layer }
      .map(\.element)
    var table = Table([("", .left)] + shown.map { ("L\($0)", .right) })
    guard layers.count > 1 else { return table }
    for detector in detectors {
      let values = shown.map { scalars["\(detector)/\(position)/L\($0)/test/auroc"] }
      guard values.contains(where: { $0 != nil }) else { continue }
      table.add([detector] + values.map { text($0, 3) })
    }
    for null in ["isotropic", "covariance", "permuted"] {
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
