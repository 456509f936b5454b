import Determinism
import Glibc
import Records

/// A run that was done elsewhere, as its owner writes it down: one JSON document, or YAML of the same shape,
/// and the files beside it that it names. `run.schema.json` describes it; `register` records it.
package struct RunDocument: Sendable {
  package let record: RegisteredRunRecord
  /// The bytes of its kept artifacts.
  package let artifacts: [Digest: [UInt8]]
  /// What was left out, and why.
  package let remarks: [String]

  /// What a folder may hold its document as.
  package static let names = ["run.json", "run.yaml", "run.yml"]

  /// Reads a document, or that of a folder.
  ///
  /// - Throws: `RunDocumentProblems`, with every problem of the document in one go.
  package init(contentsOf path: String) throws(RunDocumentProblems) {
    var file = path
    if Path.kind(of: path) == .folder {
      let found = Self.names.filter { Path.kind(of: "\(path)/\($0)") != .missing }
      guard found.count == 1 else {
        throw RunDocumentProblems([
          RunDocumentProblem(
            file: path, found.isEmpty ? "holds no run document" : "holds \(found.count) documents",
            hint: "one of \(Self.names.joined(separator: ", "))")
        ])
      }
      file = path.utf8.last == UInt8(ascii: "/") ? path + found[0] : "\(path)/\(found[0])"
    }
    let bytes: [UInt8]
    do {
      guard let read = try DurableFile.read(file, atMost: RunDocumentSource.maximumSize) else {
        throw RunDocumentProblems([
          RunDocumentProblem(file: file, "there is no such file", hint: "check the path")
        ])
      }
      bytes = read
    } catch let problems as RunDocumentProblems {
      throw problems
    } catch {
      let problem = (error as? RegistryError)?.problem ?? "\(error)"
      throw RunDocumentProblems([
        RunDocumentProblem(file: file, "cannot be read: \(problem)", hint: "check the path")
      ])
    }
    let isYAML = [".yaml", ".yml"].contains {
      file.utf8.suffix($0.utf8.count).elementsEqual($0.utf8)
    }
    try self.init(bytes, file: file, folder: Path.parent(of: file), isYAML: isYAML ? true : nil)
  }

  /// Reads a document's bytes.
  ///
  /// - Parameters:
  ///   - file: as errors name it.
  ///   - folder: that the paths in it are relative to.
  /// - Throws: `RunDocumentProblems`.
  package init(_ bytes: [UInt8], file: String, folder: String, isYAML: Bool? = nil)
    throws(RunDocumentProblems)
  {
    let source = try RunDocumentSource(bytes, file: file, isYAML: isYAML)
    var reader = RunDocumentReader(source: source, folder: BesideFolder(path: folder))
    let record = reader.record()
    guard reader.problems.isEmpty, let record else {
      throw reader.problems.located(in: source)
    }
    self.record = record
    artifacts = reader.artifacts
    remarks = reader.remarks
  }

  /// Reads a document that is a line of a file of many.
  ///
  /// - Parameter number: of the line, from 1.
  /// - Throws: `RunDocumentProblems`.
  package init(line: [UInt8], number: Int, file: String, folder: String)
    throws(RunDocumentProblems)
  {
    do {
      try self.init(line, file: file, folder: folder, isYAML: false)
    } catch {
      throw error.moved(toLine: number, of: file)
    }
  }

  /// The JSON Schema (draft 2020-12) of a document.
  package static var schema: String {
    String(decoding: PackageResources.run_schema_json, as: UTF8.self)
  }
}
