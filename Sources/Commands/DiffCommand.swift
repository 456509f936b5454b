import ArgumentParser
import Determinism
import Records

struct DiffCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What differs between runs: settings, code, environment, numbers bit for bit.",
    discussion: """
      Only differences are shown, with how many things are equal; --all shows everything. Runs of studies and runs \
      registered from elsewhere compare alike. Whether there are differences is no error: the status is 0.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("The first digits of two or more runs' ids.", valueName: "run"))
  var names: [String]

  @Flag(help: "Also what is equal.")
  var all = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard names.count >= 2 else { throw ValidationError("diff compares two or more runs") }
    guard names.count <= 26 else { throw ValidationError("diff compares at most 26 runs") }
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let registry = try common.openRegistry(.readOnly)
    let runs = try names.map { try RunName($0).details(in: registry, readingSeries: true) }
    let report = ComparisonReport(comparison: RunComparison(runs), showsAll: all)
    if common.json {
      try terminal.say(report.document)
    } else {
      try terminal.say(report.lines)
    }
    return .done
  }
}
