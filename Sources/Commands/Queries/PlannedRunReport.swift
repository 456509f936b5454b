import Determinism
import Records
import Studies

/// What `show` says about a run of a study.
struct PlannedRunReport {
  let details: RunDetails
  let run: RunRecord
  let stages: [Digest: StageRecord]
  /// Only values whose name contains this text.
  let only: String?

  func print(on terminal: Terminal, asJSON: Bool) throws {
    if asJSON {
      try terminal.say(document)
      return
    }
    let planned = run.run
    var lines = [
      "run \(run.id.short) · \(run.slug) · \(planned.point.pointText) · \(planned.arm) · seed \(planned.seed)"
        .forTerminal,
      "id       \(run.id.hex)", "phase    \(planned.phase.rawValue)",
      "state    \(details.state.rawValue)",
    ]
    lines += details.stopped.linesForTerminal.map { "         \($0)" }
    let reruns = details.reruns.map(\.verdict.rawValue)
    lines.append("reruns   \(reruns.isEmpty ? "NEVER-RERUN" : reruns.joined(separator: ", "))")
    lines += details.tagLines + [""] + stageTable.lines
    for reference in planned.stages {
      guard let stage = stages[reference.key] else { continue }
      lines += numbers(of: stage, named: reference.name)
    }
    try terminal.say(lines + details.noteLines)
  }

  private var stageTable: Table {
    var table = Table([
      ("stage", .left), ("procedure", .left), ("key", .left), ("seconds", .right),
      ("values", .left), ("artifacts", .right),
    ])
    for reference in run.run.stages {
      guard let stage = stages[reference.key] else {
        table.add([reference.name, "—", reference.key.short, "—", "not performed yet", "—"])
        continue
      }
      let seconds = stage.circumstances["seconds"]?.double
      table.add([
        reference.name, "\(stage.step.kind)@\(stage.step.version)", reference.key.short,
        seconds.map { Decimal.text($0, places: 1) } ?? "—", stage.valuesDigest.short,
        "\(stage.artifacts.count)",
      ])
    }
    return table
  }

  private func numbers(of stage: StageRecord, named name: String) -> [String] {
    let wanted = stage.scalars.filter { key, _ in only.map { key.contains(bytesOf: $0) } ?? true }
      .sorted { JSON.Text($0.key) < JSON.Text($1.key) }
    guard !wanted.isEmpty else { return [] }
    // Probes record hundreds of numbers: without a filter the first few say what there is.
    let limit = only == nil ? 24 : wanted.count
    var table = Table([("  value", .left), ("", .right)])
    for (key, value) in wanted.prefix(limit) { table.add(["  \(key)", value.description]) }
    var lines = ["", name.forTerminal] + table.lines.dropFirst()
    if wanted.count > limit {
      lines.append("  … \(wanted.count - limit) more: --values TEXT, or --json for all")
    }
    return lines
  }

  private var document: JSON {
    [
      "run": run.document, "id": JSON(run.id), "state": JSON(details.state.rawValue),
      "note": JSON(details.stopped.isEmpty ? nil : details.stopped),
      "stages": .array(
        run.run.stages.compactMap { reference in
          stages[reference.key].map {
            ["name": JSON(reference.name), "record": $0.document]
          }
        }),
      "reruns": .array(details.reruns.map(\.document)),
      "tags": .array(details.tags.map { JSON($0) }), "annotations": details.annotationDocuments,
    ]
  }
}
