import Foundation
import Testing

struct HelpTests {
  static let commands = [
    "run", "freeze", "register", "schema", "list", "show", "assess", "rerun", "site build",
    "export", "export records", "export paper", "import", "check", "doctor", "bench", "diff", "log",
    "note", "tag",
    "gc", "merge", "migrate", "probe",
  ]

  @Test(arguments: commands)
  func `every command's help lists its exit statuses`(command: String) throws {
    try withFolder { program in
      let help = try program.run(["help"] + command.split(separator: " ").map(String.init))
      #expect(help.status == 0)
      #expect(help.output.contains("Exit status: 0 done"))
      #expect(help.output.contains("USAGE: dormouse \(command)"))
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions are printed for every shell`(shell: String) throws {
    try withFolder { program in
      let script = try program.run(["--generate-completion-script", shell])
      #expect(script.status == 0)
      #expect(script.output.contains("rerun"))
    }
  }

  @Test func `a wrong command line ends with 64 and says what is known`() throws {
    try withFolder { program in
      var session = Transcript(program)
      try session.type("dormouse run")
      try session.type("dormouse list --seeds 3..1")
      try session.type("dormouse rerun")
      try session.type("dormouse show xyz")
      try session.type("dormouse rerun abcd --threads 0")
      try session.expect("wrong-command-lines")
    }
  }

  @Test func `every transcript belongs to a test`() throws {
    // A session that nothing compares any more is a promise that nobody keeps.
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let names = try FileManager.default.contentsOfDirectory(
      atPath: here.appending(path: "Transcripts").path)
    let sources = try FileManager.default.contentsOfDirectory(atPath: here.path)
      .filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOf: here.appending(path: $0), encoding: .utf8) }.joined()
    for name in names {
      #expect(sources.contains("expect(\"\(name.dropLast(4))\")"), "\(name) is compared by no test")
    }
  }
}
