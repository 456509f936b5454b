import Foundation
import Testing

/// What the guides tell people to type works.
struct GuideTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/Commands/Guides")

  private func blocks(_ language: String, in guide: String) throws -> [String] {
    let text = try String(
      contentsOf: Self.folder.appending(path: "\(guide).md"), encoding: .utf8)
    return text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }

  /// Names of tests, and of nothing else, stand between backquotes in the table.
  @Test func `each trap of the guide names tests that exist`() throws {
    let guide = try String(contentsOf: Self.folder.appending(path: "traps.md"), encoding: .utf8)
    let rows = guide.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
    #expect(rows.count == 24)
    let tests = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Tests")
    var sources = ""
    for path in try FileManager.default.subpathsOfDirectory(atPath: tests.path())
    where path.hasSuffix(".swift") {
      sources += try String(contentsOf: tests.appending(path: path), encoding: .utf8)
    }
    for row in rows {
      let names = row.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }
      #expect(!names.isEmpty, "\(row)")
      for (_, name) in names { #expect(sources.contains("func `\(name)`"), "no test '\(name)'") }
    }
  }

  @Test func `the SQL of the registry guide runs in the sqlite3 program`() throws {
    let queries = try blocks("sql", in: "registry").flatMap { $0.split(separator: "\n") }
    #expect(queries.count >= 4)
    try withFolder { program in
      try TinyStudy.perform(in: program)
      for query in queries {
        let outcome = try program.shell("sqlite3 registry/registry.sqlite \"$0\"", [String(query)])
        #expect(outcome.status == 0, "\(query): \(outcome.errors)")
        if query.contains("FROM runs ORDER") || query.contains("FROM series_points") {
          #expect(!outcome.output.isEmpty, "\(query) finds nothing")
        }
      }
    }
  }

  @Test(arguments: ["study-files", "language"])
  func `the study of a guide is sound`(guide: String) throws {
    let study = try #require(try blocks("yaml", in: guide).first)
    try withFolder { program in
      try TinyStudy.write(study, in: program)
      let outcome = try program.run(["check", "study"])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test func `the figures of the guide fit its study`() throws {
    let blocks = try blocks("yaml", in: "study-files")
    let figures = try #require(blocks.first { $0.hasPrefix("figures:") })
    try withFolder { program in
      try TinyStudy.write(try #require(blocks.first) + figures, in: program)
      let outcome = try program.run(["check", "study"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      try TinyStudy.write(
        try #require(blocks.first) + figures.replacing("safety:r1", with: "safty:r1"), in: program)
      #expect(try program.run(["check", "study"]).errors.contains("did you mean 'safety'?"))
    }
  }

  @Test func `the documents of the guide to registering are sound`() throws {
    let document = try #require(try blocks("json", in: "run-documents").first)
    let stream = try #require(try blocks("jsonl", in: "run-documents").first)
    try withFolder { program in
      try Data(document.utf8).write(to: URL(filePath: "\(program.folder)/run.json"))
      try Data(stream.utf8).write(to: URL(filePath: "\(program.folder)/stream.jsonl"))
      let checked = try program.run(["check", "run.json"])
      #expect(checked.status == 0, "\(checked.errors)")
      let followed = try program.shell(
        "\"$0\" register --follow < stream.jsonl", [Program.path])
      #expect(followed.status == 0 && followed.errors.isEmpty, "\(followed.errors)")
      #expect(followed.output.contains("completed: 1 metric, 2 series with 3 points"))
    }
  }

  static let hasPython =
    (try? withFolder { try $0.shell("python3 -c 'import json, subprocess'").status == 0 }) ?? false

  @Test(.enabled(if: hasPython, "python3 is not installed"))
  func `the Python of the README registers its runs`() throws {
    let readme = try String(
      contentsOf: Self.folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "README.md"), encoding: .utf8)
    let script = try #require(
      readme.components(separatedBy: "```python\n").dropFirst().first?
        .components(separatedBy: "```").first)
    #expect(script.split(separator: "\n").count <= 32, "short enough to read")
    try withFolder { program in
      try Data(script.utf8).write(to: URL(filePath: "\(program.folder)/example.py"))
      let folder = URL(filePath: Program.path).deletingLastPathComponent().path
      let outcome = try program.shell("PATH=\"$0:$PATH\" python3 example.py", [folder])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let listed = try program.run(["list", "--study", "python-example"]).output
      #expect(listed.contains("2 of 2 runs") && listed.contains("logistic regression"))
      let shown = try program.run(["list", "--json"]).output
      let id = try #require(
        shown.firstMatch(of: /"client_id": "scores",\n(?:.*\n)*?.*"id": "([0-9a-f]{64})"/)
      ).output.1
      let run = try program.run(["show", String(id)]).output
      #expect(run.contains("AUROC 0.") && run.contains("of 200 positive and 200 negative"))
      #expect(try program.run(["check"]).status == 0)
    }
  }

  @Test func `the table of the guide to importing is two runs`() throws {
    let table = try #require(try blocks("csv", in: "import").first)
    try withFolder { program in
      try Data(table.utf8).write(to: URL(filePath: "\(program.folder)/sweep.csv"))
      let outcome = try program.run(["import", "sweep.csv"])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("csv: 2 runs added"))
    }
  }

  /// The shell block of the README that imports runs, if it has one.
  private static let importing: String? = {
    let readme = folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    return (try? String(contentsOf: readme, encoding: .utf8))?
      .components(separatedBy: "```sh\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
      .first { $0.contains("dormouse import") }
  }()

  @Test(.enabled(if: importing != nil, "the README imports no runs"))
  func `the shell session of the README imports runs`() throws {
    let session = try #require(Self.importing)
    let table = try #require(try blocks("csv", in: "import").first)
    try withFolder { program in
      try ImportTests.copy("mlflow/store/mlflow.db", to: "mlflow.db", in: program)
      try Data(table.utf8).write(to: URL(filePath: "\(program.folder)/sweep.csv"))
      let folder = URL(filePath: Program.path).deletingLastPathComponent().path
      let outcome = try program.shell("PATH=\"$0:$PATH\"; set -e; \(session)", [folder])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("mlflow: 4 runs added"))
      #expect(outcome.output.contains("csv: 2 runs added"))
      #expect(outcome.output.contains("wide, fold 1"))
    }
  }

  /// The shell block of the README that compares runs, if it has one.
  private static let comparison: String? = {
    let readme = folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    return (try? String(contentsOf: readme, encoding: .utf8))?
      .components(separatedBy: "```sh\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
      .first { $0.contains("dormouse diff") }
  }()

  @Test(.enabled(if: comparison != nil, "the README compares no runs"))
  func `the shell session of the README compares runs`() throws {
    let script = try #require(Self.comparison)
    try withFolder { program in
      let folder = URL(filePath: Program.path).deletingLastPathComponent().path
      let outcome = try program.shell("PATH=\"$0:$PATH\"; set -e; \(script)", [folder])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      for part in ["2 of 2 runs", "config: 1 of 1 differs", "step 2", "auroc  0.93  0.95"] {
        #expect(outcome.output.contains(part), "\(part): \(outcome.output)")
      }
    }
  }

  @Test func `the filters of the guide to queries are read`() throws {
    let lines = try blocks("sh", in: "queries").flatMap { $0.split(separator: "\n") }
    #expect(lines.count >= 5)
    try withFolder { program in
      try Elsewhere.register(in: program)
      let folder = URL(filePath: Program.path).deletingLastPathComponent().path
      for line in lines where !line.contains("--same-config") {
        let outcome = try program.shell("PATH=\"$0:$PATH\"; \(line)", [folder])
        // A bare name that no run here has is told; nothing else may be wrong.
        #expect(
          outcome.status == 0 || outcome.errors.contains("no run has 'organism.mechanism'"),
          "\(line): \(outcome.errors)")
      }
    }
  }

  @Test func `every command that README and guides show exists`() throws {
    let readme = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    let guides = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".md") }.map { Self.folder.appending(path: $0) }
    let known = Set(HelpTests.commands.map { $0.split(separator: " ")[0] })
    var seen = 0
    for file in guides + [readme] {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?:`|\$ )dormouse ([a-z]+)/) {
        seen += 1
        #expect(
          known.contains(match.output.1), "\(file.lastPathComponent): dormouse \(match.output.1)")
      }
    }
    #expect(seen >= 8)
  }
}
