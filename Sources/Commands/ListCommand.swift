import ArgumentParser
import Determinism
import Records
import Studies

struct ListCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runs of a registry, one a line.",
    discussion: ExitStatus.help)

  @OptionGroup var filter: RunFilter
  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let registry = try common.openRegistry(.readOnly)
    let snapshot = try registry.snapshotWithLiveRuns()
    let runs = filter.runs(in: snapshot)
    let registered = filter.registered(in: snapshot)
    if common.json {
      try terminal.say(
        .array(
          runs.map { document(of: $0, in: snapshot) }
            + registered.map { document(of: $0, in: snapshot) }))
      return .done
    }
    let total = snapshot.runs.count + snapshot.registered.count
    try terminal.say(
      "\(runs.count + registered.count) of \(counted(total, "run")) in \(common.registryFolder)"
        + " · head \(snapshot.head.short)")
    if !runs.isEmpty { try list(runs, in: snapshot, on: terminal) }
    if !registered.isEmpty { try list(registered, in: snapshot, on: terminal) }
    return .done
  }

  private func list(_ runs: [RunRecord], in snapshot: Snapshot, on terminal: Terminal) throws {
    try terminal.say()
    var table = Table([
      ("run", .left), ("study", .left), ("point", .left), ("arm", .left), ("seed", .right),
      ("phase", .left), ("state", .left), ("rerun", .left),
    ])
    for run in runs {
      table.add([
        run.id.short, run.slug, run.pointText, run.run.arm, "\(run.run.seed)",
        run.run.phase.rawValue, snapshot.states[run.id]?.rawValue ?? "—",
        snapshot.verdictText(of: .planned(run)),
      ])
    }
    for line in table.lines { try terminal.say(line) }
  }

  private func list(
    _ registered: [RegisteredRunRecord], in snapshot: Snapshot, on terminal: Terminal
  ) throws {
    try terminal.say()
    var table = Table([
      ("registered", .left), ("study", .left), ("name", .left), ("state", .left),
      ("rerun", .left), ("metrics", .left),
    ])
    for run in registered {
      table.add([
        run.id.short, run.slug, run.name.isEmpty ? "—" : run.name, run.state.rawValue,
        snapshot.verdictText(of: .registered(run)), run.keyMetrics,
      ])
    }
    for line in table.lines { try terminal.say(line) }
  }

  private func document(of run: RunRecord, in snapshot: Snapshot) -> JSON {
    [
      "id": JSON(run.id), "study": JSON(run.slug), "point": .object(run.run.point),
      "arm": JSON(run.run.arm), "seed": JSON(run.run.seed), "phase": JSON(run.run.phase.rawValue),
      "state": JSON(snapshot.states[run.id]?.rawValue),
      "verdict": JSON(snapshot.verdictText(of: .planned(run))),
    ]
  }

  private func document(of run: RegisteredRunRecord, in snapshot: Snapshot) -> JSON {
    [
      "id": JSON(run.id), "study": JSON(run.slug), "registered": true, "name": JSON(run.name),
      "client_id": JSON(run.clientID), "tags": .array(run.tags.map { JSON($0) }),
      "state": JSON(run.state.rawValue), "config": .object(run.config),
      "metrics": .object(JSON.Object(run.values.scalars.map { ($0.key, JSON($0.value)) })),
      "verdict": JSON(snapshot.verdictText(of: .registered(run))),
    ]
  }
}

extension RegisteredRunRecord {
  /// The first few metrics by name, as a line has room for them.
  fileprivate var keyMetrics: String {
    let sorted = values.scalars.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
    let shown = sorted.prefix(3).map { "\($0.key)=\($0.value)" }
    let rest = sorted.count - shown.count
    return shown.isEmpty
      ? "—" : shown.joined(separator: " ") + (rest > 0 ? " … \(rest) more" : "")
  }
}
