import ArgumentParser
import Determinism
import Interchange
import Records

struct ImportCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Bring an archive into a registry; again adds nothing.",
    discussion: """
      Chains are copied verbatim, every digest is recomputed, and either everything is there afterwards or nothing \
      was changed. Nothing that an archive contains is ever executed.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      "An archive's folder, or a study's folder that holds one.", valueName: "archive"))
  var folder: String

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let archive = try ArchiveReader(
      Files.exists("\(folder)/archive/archive.json") ? "\(folder)/archive" : folder)
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
}
