import ArgumentParser
import Determinism
import Records
import Studies

struct ShowCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: its stages, its numbers, its reruns.",
    discussion: ExitStatus.help)

  @Argument(help: ArgumentHelp("The first digits of a run's id.", valueName: "run"))
  var name: String

  @Option(help: ArgumentHelp("Only values whose name contains this text.", valueName: "text"))
  var values: String?

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let snapshot = try common.openRegistry(.readOnly).snapshotWithLiveRuns()
    let run: RunRecord
    switch try snapshot.anyRun(named: name) {
    case .registered(let registered):
      try RegisteredRunReport(run: registered, snapshot: snapshot, only: values)
        .print(on: terminal, asJSON: common.json)
      return .done
    case .planned(let planned): run = planned
    }
    if common.json {
      try terminal.say(document(of: run, in: snapshot))
      return .done
    }
    let planned = run.run
    try terminal.say(
      "run \(run.id.short) · \(run.slug) · \(run.pointText) · \(planned.arm) · seed \(planned.seed)"
    )
    try terminal.say("id       \(run.id.hex)")
    try terminal.say("phase    \(planned.phase.rawValue)")
    try terminal.say("state    \(snapshot.states[run.id]?.rawValue ?? "—")")
    for line in snapshot.notes[run.id]?.linesForTerminal ?? [] {
      try terminal.say("         \(line)")
    }
    let reruns = snapshot.reruns.filter { $0.run == run.id }
    try terminal.say(
      "reruns   \(reruns.isEmpty ? "NEVER-RERUN" : reruns.map(\.verdict.rawValue).joined(separator: ", "))"
    )
    try terminal.say()
    try stages(of: run, in: snapshot, on: terminal)
    for reference in planned.stages {
      guard let stage = snapshot.stages[reference.key] else { continue }
      try numbers(of: stage, named: reference.name, on: terminal)
    }
    return .done
  }

  private func stages(of run: RunRecord, in snapshot: Snapshot, on terminal: Terminal) throws {
    var table = Table([
      ("stage", .left), ("procedure", .left), ("key", .left), ("seconds", .right),
      ("values", .left), ("artifacts", .right),
    ])
    for reference in run.run.stages {
      guard let stage = snapshot.stages[reference.key] else {
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
    for line in table.lines { try terminal.say(line) }
  }

  private func numbers(of stage: StageRecord, named name: String, on terminal: Terminal) throws {
    let wanted = stage.scalars.filter { key, _ in
      values.map { Array(key.utf8).contains(Array($0.utf8)) } ?? true
    }.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
    guard !wanted.isEmpty else { return }
    // Probes record hundreds of numbers: without a filter the first few say what there is.
    let limit = values == nil ? 24 : wanted.count
    try terminal.say()
    try terminal.say(name)
    var table = Table([("  value", .left), ("", .right)])
    for (key, value) in wanted.prefix(limit) { table.add(["  \(key)", value.description]) }
    for line in table.lines.dropFirst() { try terminal.say(line) }
    if wanted.count > limit {
      try terminal.say("  … \(wanted.count - limit) more: --values TEXT, or --json for all")
    }
  }

  private func document(of run: RunRecord, in snapshot: Snapshot) -> JSON {
    [
      "run": run.document, "id": JSON(run.id), "state": JSON(snapshot.states[run.id]?.rawValue),
      "note": JSON(snapshot.notes[run.id]),
      "stages": .array(
        run.run.stages.compactMap { reference in
          snapshot.stages[reference.key].map {
            ["name": JSON(reference.name), "record": $0.document]
          }
        }),
      "reruns": .array(snapshot.reruns.filter { $0.run == run.id }.map(\.document)),
    ]
  }
}
