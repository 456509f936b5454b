import ArgumentParser
import Determinism
import Publishing

struct SiteTemplatesCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "init-templates",
    abstract: "Write the built-in templates and style into a folder, to be changed.",
    discussion: """
      'site build --templates FOLDER' uses what is in the folder in place of what is built in, file by file (guide: \
      templates). A file that is there already is left alone, and ends the command.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("Where the files go.", valueName: "folder"))
  var folder = "templates"

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let files = try Publisher.builtInTemplates().sorted { $0.key < $1.key }
    if let taken = files.first(where: { Files.exists("\(folder)/\($0.key)") }) {
      throw Failure(
        .usage, "\(folder)/\(taken.key): is there already",
        hint: "name a new folder, or move it away")
    }
    try Files.makeFolder(folder)
    for (name, text) in files { try Files.write(Array(text.utf8), to: "\(folder)/\(name)") }
    if common.json {
      try terminal.say(["folder": JSON(folder), "files": .array(files.map { JSON($0.key) })])
    } else {
      try terminal.say(
        "\(folder): \(files.map(\.key).joined(separator: ", ")) · dormouse site build --templates \(folder)"
          .forTerminal)
    }
    return .done
  }
}
