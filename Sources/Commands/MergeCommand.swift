import ArgumentParser
import Determinism
import Records

struct MergeCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Take everything that another registry has recorded into this one.",
    discussion: """
      Chains come over as they are: every record and every link keeps its hash, and nothing is appended to them. \
      Merged again, nothing is added. Where the two contradict each other, every conflict is said and nothing is \
      merged. Runs that are not completed stay where they are. The other registry is only read.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The other registry's folder.", valueName: "other"))
  var other: String

  @Flag(help: "Say what would be merged, and merge nothing.")
  var dryRun = false

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let theirs = try Registry(at: other, access: .readOnly)
    let damage = try theirs.check(deep: false).filter { $0.severity == .damage }
    guard damage.isEmpty else {
      for finding in damage { terminal.note("\(other): \(finding)".forTerminal) }
      throw Failure(
        .couldNotFinish,
        "\(other): \(counted(damage.count, "finding")) of damage; nothing was merged",
        hint: "dormouse check --deep \(other)")
    }
    let registry = try common.openRegistry(.create)
    let merge = try registry.compare(with: theirs)
    guard merge.conflicts.isEmpty else { return try report(merge.conflicts, on: terminal) }
    let added = dryRun ? Registry.Imported() : try registry.perform(merge, from: theirs)
    let head = try registry.head()
    if common.json {
      try terminal.say(
        [
          "other": JSON(other), "records": JSON(dryRun ? merge.newRecords : added.records),
          "artifacts": JSON(added.artifacts), "chains": JSON(merge.chainCount),
          "not_merged": JSON(merge.unfinished), "merged": JSON(!dryRun), "head": JSON(head),
        ])
      return .done
    }
    if dryRun {
      try terminal.say(
        "would merge \(counted(merge.newRecords, "record")) of \(counted(merge.chainCount, "chain"))"
      )
    } else if added == Registry.Imported() {
      try terminal.say("nothing new in \(other)".forTerminal)
    } else {
      try terminal.say(
        "merged \(counted(added.records, "record")), \(counted(added.artifacts, "artifact")) of "
          + counted(merge.chainCount, "chain"))
    }
    if merge.unfinished > 0, !common.quiet {
      terminal.note(
        "remark: \(counted(merge.unfinished, "run")) of \(other) not completed: no records yet"
          .forTerminal)
    }
    try terminal.say("head \(head.hex)")
    return .done
  }

  private func report(_ conflicts: [RegistryError], on terminal: Terminal) throws -> ExitStatus {
    if common.json {
      try terminal.say(
        [
          "other": JSON(other), "merged": false,
          "conflicts": .array(conflicts.map { JSON($0.problem) }),
        ])
      return .no
    }
    for conflict in conflicts.prefix(20) {
      terminal.note("conflict: \(conflict.problem)".forTerminal)
      if let hint = conflict.hint { terminal.note("  hint: \(hint)".forTerminal) }
    }
    if conflicts.count > 20 { terminal.note("… and \(conflicts.count - 20) more") }
    try terminal.say("\(counted(conflicts.count, "conflict")): nothing was merged")
    return .no
  }
}
