import Determinism
import Records
import Studies

/// A `probe.yaml`: which activations of which examples to probe, and how. One detection run for each arm and
/// seed that it names.
package struct ProbeManifest: Sendable {
  package struct Run: Sendable {
    /// Without the contents of the activations: nobody has read them yet.
    package let plan: DetectionPlan
    package let table: ExampleTable
    package let tableBytes: [UInt8]
  }

  package let runs: [Run]
  /// What was left out, and why.
  package let remarks: [String]

  /// Reads a manifest, its table, and the names of its files.
  ///
  /// - Parameters:
  ///   - activations: the folder that file names are relative to; by default the manifest's.
  ///   - detectors: those that there are, in the order in which they are reported.
  /// - Throws: `RunDocumentProblems`, with every problem in one go.
  package init(
    contentsOf path: String, activations: String? = nil, detectors: [String]
  ) throws(RunDocumentProblems) {
    let file = Self.file(path)
    let folder = BesideFolder(path: Self.folder(of: path))
    let bytes: [UInt8]
    do throws(BesideFolder.Refusal) {
      let name = file.utf8.split(separator: UInt8(ascii: "/")).last.map { String($0) } ?? nil
      bytes = try folder.read(name ?? file, atMost: Self.rules.maximumSize)
    } catch {
      throw RunDocumentProblems([
        RunDocumentProblem(file: file, error.message, hint: error.hint ?? "check the path")
      ])
    }
    guard bytes.contains(where: { !" \t\r\n".utf8.contains($0) }) else {
      throw RunDocumentProblems([
        RunDocumentProblem(
          file: file, line: 1, column: 1, "is empty", hint: "begin with '\(Self.rules.beginning)'")
      ])
    }
    let source = try RunDocumentSource(bytes, file: file, rules: Self.rules)
    var reader = ProbeManifestReader(
      source: source, folder: folder, activations: BesideFolder(path: activations ?? folder.path),
      detectors: detectors)
    runs = reader.runs()
    remarks = reader.remarks
    guard reader.problems.isEmpty else { throw reader.problems.located(in: source) }
  }

  private static func file(_ path: String) -> String {
    Path.kind(of: path) == .folder ? "\(path)/probe.yaml" : path
  }

  /// That names in a manifest are relative to.
  package static func folder(of path: String) -> String { Path.parent(of: file(path)) }

  static let rules = StudySource.Rules(
    maximumSize: 1 << 20, maximumDepth: 16, takesNonFinite: false, noun: "a probe manifest",
    beginning: "study: …")
}

extension ExampleTable {
  /// The table that a run was recorded with.
  ///
  /// - Throws: `RunDocumentProblems`.
  package init(_ bytes: [UInt8], file: String) throws(RunDocumentProblems) {
    var problems = RunProblemCollector()
    var remarks: [String] = []
    let table = try DataTable(bytes, file: file)
    let read = ExampleTableReader(table).read(&problems, &remarks)
    guard let read, problems.isEmpty else {
      throw RunDocumentProblems([RunDocumentProblem(file: file, "is no table of examples")])
    }
    self = read
  }
}
