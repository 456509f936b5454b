import Determinism
import Records

/// What `show` says about a run registered from elsewhere.
struct RegisteredRunReport {
  let details: RunDetails
  let run: RegisteredRunRecord
  /// Names with a line about each.
  let series: [(String, String)]
  /// Only values whose name contains this text.
  let only: String?

  func print(on terminal: Terminal, asJSON: Bool) throws {
    let reruns = details.reruns
    if asJSON {
      try terminal.say(
        [
          "run": run.document, "id": JSON(run.id), "registered": true,
          "state": JSON(run.state.rawValue),
          "verdict": JSON(details.verdict), "reruns": .array(reruns.map(\.document)),
          "tags": .array(details.tags.map { JSON($0) }), "annotations": details.annotationDocuments,
        ])
      return
    }
    let name = run.name.isEmpty ? "" : " · \(run.name)"
    try terminal.say("run \(run.id.short) · \(run.slug)\(name)".forTerminal)
    try terminal.say("id       \(run.id.hex)")
    if let clientID = run.clientID { try terminal.say("own id   \(clientID)".forTerminal) }
    let origin = run.isDetection ? "probed here" : "registered from elsewhere"
    try terminal.say("state    \(run.state.rawValue), \(origin)")
    let verdicts = reruns.map(\.verdict.rawValue)
    try terminal.say(
      "reruns   \(verdicts.isEmpty ? run.verdictWithoutRerun : verdicts.joined(separator: ", "))")
    try terminal.say(details.tagLines)
    if let parent = run.parent { try terminal.say("parent   \(parent.hex)") }
    for (what, why) in run.notChecked {
      try terminal.say("not checked: \(what): \(why)".forTerminal)
    }
    for (title, object) in [("config", run.config), ("circumstances", run.circumstances)] {
      try list(title, object.flattened.map { ($0.path, $0.value.forPeople) }, on: terminal)
    }
    try list(
      "metrics",
      run.values.scalars.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
        .map { ($0.key, $0.value.description) }, on: terminal)
    try list("series", series, on: terminal)
    try list("curves", curves, on: terminal)
    try list(
      "artifacts",
      run.values.artifacts.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
        .map {
          ($0.key, "\($0.value.size) bytes, \($0.value.role.rawValue), \($0.value.digest.short)")
        },
      on: terminal)
    try terminal.say(details.noteLines)
    if !run.notes.isEmpty {
      try terminal.say()
      for line in run.notes.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
        try terminal.say(String(decoding: Array(line), as: UTF8.self).forTerminal)
      }
    }
  }

  static func lines(about series: [String: SeriesPoints]) throws -> [(String, String)] {
    try series.sorted { JSON.Text($0.key) < JSON.Text($1.key) }.map { name, points in
      let ends = try points.ends().map { "\($0.value) at \($0.step)" }
      let text = ends.isEmpty ? "" : ": \(ends.joined(separator: " … "))"
      return (name, "\(counted(points.count, "point"))\(text)")
    }
  }

  private var curves: [(String, String)] {
    run.values.curves.sorted { JSON.Text($0.key) < JSON.Text($1.key) }.map { name, curve in
      (
        name,
        "AUROC \(curve.auroc) of \(curve.positives) positive and \(curve.negatives) negative examples"
      )
    }
  }

  private func list(_ title: String, _ members: [(String, String)], on terminal: Terminal) throws {
    let wanted = members.filter { key, _ in
      only.map { key.contains(bytesOf: $0) } ?? true
    }
    guard !wanted.isEmpty else { return }
    let limit = only == nil ? 24 : wanted.count
    try terminal.say()
    try terminal.say(title)
    var table = Table([("", .left), ("", .left)])
    for (key, value) in wanted.prefix(limit) { table.add(["  \(key)", value]) }
    for line in table.lines.dropFirst() { try terminal.say(line) }
    if wanted.count > limit {
      try terminal.say("  … \(wanted.count - limit) more: --values TEXT, or --json for all")
    }
  }
}
