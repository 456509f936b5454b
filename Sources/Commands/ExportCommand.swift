import ArgumentParser
import Determinism
import Interchange
import Records

struct ExportCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a study's archive: its records byte for byte, and every kept artifact.",
    discussion: ExitStatus.help)

  @Argument(help: ArgumentHelp("The study's slug.", valueName: "study"))
  var slug: String

  @Option(
    help: ArgumentHelp("Where the archive goes: a new or replaced folder.", valueName: "folder"))
  var to: String

  @Option(help: ArgumentHelp("What to write: \(ExportFormat.names).", valueName: "format"))
  var format = ExportFormat.archive

  @Flag(help: "Carry the checkpoints and other remade artifacts too.")
  var withWeights = false

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let snapshot = try common.openRegistry(.readOnly).snapshot()
    let known = Set(snapshot.chains.map(\.slug)).sorted()
    guard known.contains(slug) else {
      throw Failure(
        .usage, "the registry has no study '\(slug)'",
        hint: known.isEmpty ? "it is empty" : "it has: \(known.joined(separator: ", "))")
    }
    switch format {
    case .archive: try writeArchive(of: snapshot, on: terminal)
    }
    return .done
  }

  private func writeArchive(of snapshot: Snapshot, on terminal: Terminal) throws {
    let summary = try ArchiveWriter(snapshot, slug: slug, withWeights: withWeights).write(to: to)
    if common.json {
      try terminal.say(
        [
          "records": JSON(summary.records), "artifacts": JSON(summary.artifacts),
          "bytes": JSON(summary.bytes), "not_held": JSON(summary.notHeld),
        ])
    } else {
      try terminal.say(
        "\(to): \(counted(summary.records, "record")), \(counted(summary.artifacts, "artifact")), "
          + "\(Decimal.text(Double(summary.bytes) / 1e6, places: 2)) MB"
          + (summary.notHeld > 0 ? "; \(summary.notHeld) artifacts are not held here" : ""))
    }
  }
}
