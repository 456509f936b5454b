import ArgumentParser
import Determinism
import Interchange
import Records

struct ExportCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a study's archive: its records byte for byte, and every kept artifact.",
    discussion: """
      With --format mlflow: the study's runs as a store that MLflow opens, a new folder with mlflow.db and the kept \
      artifacts, or a new file that ends in .db (guide: import).

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The study's slug.", valueName: "study"))
  var slug: String

  @Option(
    help: ArgumentHelp(
      "Where it goes: a new folder, or for an archive a replaced one.", valueName: "folder"))
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
    case .mlflow: try writeMLflow(of: snapshot, on: terminal)
    }
    return .done
  }

  private func writeMLflow(of snapshot: Snapshot, on terminal: Terminal) throws {
    let summary = try MLflowExport(snapshot, slug: slug).write(to: to)
    if !common.quiet {
      for remark in summary.remarks { terminal.note("remark: \(remark)".forTerminal) }
    }
    if common.json {
      try terminal.say(
        [
          "runs": JSON(summary.runs), "points": JSON(summary.points),
          "artifacts": JSON(summary.artifacts), "remarks": .array(summary.remarks.map { JSON($0) }),
        ])
    } else {
      try terminal.say(
        "\(to): \(counted(summary.runs, "run")), \(counted(summary.points, "point")), "
          + counted(summary.artifacts, "artifact"))
    }
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
