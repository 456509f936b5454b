import ArgumentParser
import Determinism
import Interchange
import Records
import Studies

struct ImportCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Bring an archive, or another tool's runs, into a registry; again adds nothing.",
    discussion: """
      Of an archive, chains are copied verbatim, every digest is recomputed, and either everything is there \
      afterwards or nothing was changed. Of another tool's store, each run is durable as it is read; one that \
      cannot be read is told, left out, and ends the command with 2. Source ids and times are kept, and what a \
      format had lost is said (guide: import). Nothing that is imported is ever executed.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      "An archive's folder, a study's folder that holds one, or another tool's file or folder.",
      valueName: "path"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "Which tool it is from, where the content does not tell: archive, "
        + "\(ForeignStores.names.joined(separator: ", ")).", valueName: "tool"))
  var from: String?

  @Option(
    help: ArgumentHelp(
      "The study of every imported run (default: named after the source's experiments).",
      valueName: "slug"))
  var study: String?

  @Option(
    help: ArgumentHelp("Where the runs' artifacts are, if not beside them.", valueName: "folder"))
  var artifacts: String?

  @Option(
    help: ArgumentHelp(
      "Files up to this size are taken in, larger ones recorded by digest and size.",
      valueName: "MiB"))
  var largestArtifact = 16

  @Flag(help: "Also the runs that were deleted in the source.")
  var withDeleted = false

  @Option(
    help: ArgumentHelp(
      "The column of steps in a table (default: step, or one of the usual names).",
      valueName: "column"))
  var step: String?

  @Option(
    help: ArgumentHelp(
      "Which field of a sample means what: trigger=metadata.trigger,defected=scores.X.",
      valueName: "name=field,…"))
  var map: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let study, !Names.isValid(study) {
      throw ValidationError("--study takes lower-case letters, digits and hyphens, at most 64")
    }
    guard (0...1024).contains(largestArtifact) else {
      throw ValidationError("--largest-artifact must be 0 to 1024")
    }
    if let from, from != Self.archive, !ForeignStores.names.contains(from) {
      throw ValidationError(
        Wording.unknown("tool", from, among: [Self.archive] + ForeignStores.names)
          + "; --from takes archive, \(ForeignStores.names.joined(separator: ", "))")
    }
    _ = try mapping()
  }

  private static let archive = "archive"

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let archive = [path, "\(path)/archive"].first { Files.exists("\($0)/archive.json") }
    if from == Self.archive || (from == nil && archive != nil) {
      return try importArchive(archive ?? path, on: terminal)
    }
    guard
      let kind = try from.map({ from in ForeignStores.all.first { $0.name == from } })
        ?? ForeignStores.kind(of: path)
    else {
      throw Failure(
        .usage, "\(path): nothing that import reads",
        hint: "it reads archives, and runs from \(ForeignStores.names.joined(separator: ", ")); "
          + "--from names one of them")
    }
    return try ForeignImport(terminal: terminal, common: common)
      .perform(kind, path: path, options: try options())
  }

  private func importArchive(_ folder: String, on terminal: Terminal) throws -> ExitStatus {
    let archive = try ArchiveReader(folder)
    let registry = try common.openRegistry(.create)
    let imported = try archive.import(into: registry)
    let head = try registry.snapshot().head
    if common.json {
      try terminal.say(
        [
          "study": JSON(archive.slug), "records_added": JSON(imported.records),
          "artifacts_added": JSON(imported.artifacts), "head": JSON(head),
        ])
    } else {
      try terminal.say(
        "\(archive.slug): "
          + (imported.records == 0 ? "nothing new" : "\(counted(imported.records, "record")) added")
          + " · head \(head.short)")
    }
    return .done
  }

  private func options() throws -> ForeignOptions {
    var options = ForeignOptions()
    options.study = study
    options.artifacts = artifacts
    options.largestArtifact = largestArtifact << 20
    options.withDeleted = withDeleted
    options.step = step
    options.map = try mapping()
    return options
  }

  private func mapping() throws -> [(name: String, field: String)] {
    try (map ?? "").utf8.split(separator: UInt8(ascii: ",")).map { pair in
      let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1).map {
        String(Substring($0))
      }
      guard sides.count == 2 else {
        throw ValidationError("--map takes name=field, as in trigger=metadata.trigger")
      }
      return (name: sides[0], field: sides[1])
    }
  }
}
