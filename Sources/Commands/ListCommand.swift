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
    let snapshot = try registry.snapshot()
    let runs = filter.runs(in: snapshot)
    if common.json {
      try terminal.say(.array(runs.map { document(of: $0, in: snapshot) }))
      return .done
    }
    try terminal.say(
      "\(runs.count) of \(counted(snapshot.runs.count, "run")) in \(common.registryFolder)"
        + " · head \(snapshot.head.short)")
    guard !runs.isEmpty else { return .done }
    try terminal.say()
    var table = Table([
      ("run", .left), ("study", .left), ("point", .left), ("arm", .left), ("seed", .right),
      ("phase", .left), ("state", .left), ("rerun", .left),
    ])
    for run in runs {
      table.add([
        run.id.short, run.slug, run.pointText, run.run.arm, "\(run.run.seed)",
        run.run.phase.rawValue, snapshot.states[run.id]?.rawValue ?? "—",
        snapshot.latestRerun(of: run.id)?.verdict.rawValue ?? "NEVER-RERUN",
      ])
    }
    for line in table.lines { try terminal.say(line) }
    return .done
  }

  private func document(of run: RunRecord, in snapshot: Snapshot) -> JSON {
    [
      "id": JSON(run.id), "study": JSON(run.slug), "point": .object(run.run.point),
      "arm": JSON(run.run.arm), "seed": JSON(run.run.seed), "phase": JSON(run.run.phase.rawValue),
      "state": JSON(snapshot.states[run.id]?.rawValue),
      "verdict": JSON(snapshot.latestRerun(of: run.id)?.verdict.rawValue ?? "NEVER-RERUN"),
    ]
  }
}
