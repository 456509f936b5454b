import Foundation
import Testing

/// The studies of this repository, as its own program sees them.
struct CommittedStudiesTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "studies")

  @Test func `every study is sound, and every hypothesis has its place`() throws {
    try withFolder { program in
      let outcome = try program.run(["check", Self.folder.path, "--json"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let checked = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      // H1 to H36 of the design; that none between them is missing, the map's reader sees to.
      #expect(checked["hypotheses"] as? Int == 36)
      // E1 to E32: drawn by a study's figure, on a page, or with the record that is missing.
      #expect(checked["figures"] as? Int == 32)
    }
  }

  /// A prediction that was primary when it was judged stays in the family, whatever the file says now.
  @Test func `at most eight predictions are primary, in study files and archives together`() throws
  {
    var primary: Set<String> = []
    for study in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted() {
      func lines(_ path: String) -> [Substring] {
        let file = Self.folder.appending(path: "\(study)/\(path)")
        return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n")
      }
      for line in lines("archive/records.jsonl") where line.contains("\"record\":\"assessment\"") {
        let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let document = record?["document"] as? [String: Any]
        let prediction = document?["prediction"] as? [String: Any]
        guard prediction?["primary"] as? Bool == true, let id = prediction?["id"] as? String else {
          continue
        }
        primary.insert("\(study)/\(id)")
      }
      // Each prediction begins with its id; `primary: true` belongs to the last one named.
      var id = ""
      for line in lines("study.yaml") {
        if let found = Self.predictionIDs(in: line).first { id = found }
        if line.contains("primary: true") { primary.insert("\(study)/\(id)") }
      }
    }
    #expect(!primary.isEmpty && primary.count <= 8, "\(primary.sorted())")
  }

  private static func predictionIDs(in yaml: some StringProtocol) -> [String] {
    String(yaml).matches(of: /- *\{? *id: *([a-z0-9-]+)/).map { String($0.1) }
  }

  /// Studies that have been judged: their archives hold assessments.
  static let judged: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return all.sorted().filter { study in
      let records = folder.appending(path: "\(study)/archive/records.jsonl")
      let text = (try? String(contentsOf: records, encoding: .utf8)) ?? ""
      return text.contains("\"record\":\"assessment\"")
    }
  }()

  /// The recorded assessments are what this program makes of the recorded runs, to the byte: nothing is new.
  @Test(arguments: judged)
  func `judging the committed runs again records nothing`(study: String) throws {
    try withFolder { program in
      let folder = Self.folder.appending(path: study).path
      let imported = try program.run(["import", "\(folder)/archive"])
      #expect(imported.status == 0, "\(imported.errors)")
      let before = try program.run(["log", "--json"])
      let judged = try program.run(["assess", folder])
      #expect(judged.status == 0, "\(judged.errors)")
      #expect(try program.run(["log", "--json"]).output == before.output)
      let results = ["supported", "refuted", "inconclusive"]
      #expect(results.contains { judged.output.contains($0) }, "\(judged.output)")
    }
  }

  @Test(arguments: judged) func `a narrative's places name predictions`(study: String) throws {
    func read(_ name: String) throws -> String {
      try String(contentsOf: Self.folder.appending(path: "\(study)/\(name)"), encoding: .utf8)
    }
    let ids = Self.predictionIDs(in: try read("study.yaml"))
    let places = try read("README.md").matches(of: /\{\{(estimate|result): *([^}]*?) *\}\}/)
      .map { String($0.2) }
    #expect(!ids.isEmpty && Set(places).subtracting(ids).isEmpty)
  }
}
