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

  @Test func `the SQL of the registry guide runs in the sqlite3 program`() throws {
    let queries = try blocks("sql", in: "registry").flatMap { $0.split(separator: "\n") }
    #expect(queries.count >= 4)
    try withFolder { program in
      try TinyStudy.perform(in: program)
      for query in queries {
        let outcome = try program.shell("sqlite3 registry/registry.sqlite \"$0\"", [String(query)])
        #expect(outcome.status == 0, "\(query): \(outcome.errors)")
        if query.contains("run_value") || query.contains("series_point") {
          #expect(!outcome.output.isEmpty, "\(query) finds nothing")
        }
      }
    }
  }

  @Test func `the study of the study guide is sound`() throws {
    let study = try #require(try blocks("yaml", in: "study-files").first)
    try withFolder { program in
      try TinyStudy.write(study, in: program)
      let outcome = try program.run(["check", "study"])
      #expect(outcome.status == 0, "\(outcome.errors)")
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
