import ArgumentParser
import Determinism
import Records

struct MigrateCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring a registry that an older dormouse made up to the format of this one.",
    discussion: """
      Reading a registry never changes it. Any command that writes does the same as this one first: a backup under \
      backups/, compared row for row with the registry, and then all steps in one transaction. Records and \
      their hashes stay as they are, and so does the head. A registry of a newer format is refused untouched.

      \(ExitStatus.help)
      """)

  @Flag(help: "Say what would be done, and do nothing.")
  var dryRun = false

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let path = common.registryFolder
    let before = try common.openRegistry(.readOnly)
    let (from, to) = (before.format, Registry.newestFormat)
    let head = try before.head()
    let backup = "\(path)/backups/registry-v\(from).sqlite"
    guard from < to, !dryRun else {
      let news =
        from == to
        ? "format \(from), the newest: nothing to do"
        : "format \(from); would be brought to format \(to), with a backup at \(backup)"
      try answer(news, from, from, head, nil, on: terminal)
      return .done
    }
    let damage = try before.check(deep: false).filter { $0.severity == .damage }
    guard damage.isEmpty else {
      throw Failure(
        .couldNotFinish,
        "\(path): \(counted(damage.count, "finding")) of damage; nothing was changed",
        hint: "dormouse check --deep \(path)")
    }
    let after = try common.openRegistry(.existing)
    let isSame = try after.head() == head
    let wrong = try after.check(deep: false).filter { $0.severity == .damage }
    guard isSame, wrong.isEmpty else {
      throw Failure(
        .couldNotFinish, "\(path): not the same after the migration; the backup is at \(backup)",
        hint: "put the backup in place of registry.sqlite, and report this")
    }
    try answer(
      "brought from format \(from) to \(to); backup at \(backup)", from, to, head, backup,
      on: terminal)
    return .done
  }

  private func answer(
    _ news: String, _ from: Int, _ to: Int, _ head: Digest, _ backup: String?, on terminal: Terminal
  ) throws {
    if common.json {
      try terminal.say(
        [
          "path": JSON(common.registryFolder), "from": JSON(from), "to": JSON(to),
          "head": JSON(head), "backup": JSON(backup),
        ])
    } else {
      try terminal.say("\(common.registryFolder): \(news)".forTerminal)
      try terminal.say("head \(head.hex)")
    }
  }
}
