import Determinism
import Studies

/// A run document as a tree of values, from JSON or from YAML.
struct RunDocumentSource {
  private enum Text {
    case json([UInt8])
    case yaml(StudySource)
  }

  /// As errors name it.
  let file: String
  let root: JSON
  private let text: Text

  /// Bytes of the largest document that is read.
  static let maximumSize = 256 << 20

  static let rules = StudySource.Rules(
    maximumSize: 8 << 20, maximumDepth: JSON.maximumDepth, takesNonFinite: true,
    noun: "a run document", beginning: "study: …")

  /// - Parameter isYAML: nil: JSON when it begins with a brace or a bracket.
  /// - Throws: the one thing that stops reading.
  init(
    _ bytes: [UInt8], file: String, isYAML: Bool? = nil, rules: StudySource.Rules = rules
  ) throws(RunDocumentProblems) {
    func refusal(_ line: Int, _ column: Int, _ message: String, _ hint: String?)
      -> RunDocumentProblems
    {
      RunDocumentProblems([
        RunDocumentProblem(file: file, line: line, column: column, message, hint: hint)
      ])
    }
    self.file = file
    guard bytes.count <= Self.maximumSize else {
      throw refusal(
        0, 0, "has \(bytes.count) bytes; at most \(Self.maximumSize >> 20) MiB are read",
        "put long series into files beside it: series_files: [metrics.csv]")
    }
    if bytes.starts(with: [0x1F, 0x8B]) {
      throw refusal(0, 0, "is compressed with gzip", "gunzip it first")
    }
    var bytes = bytes
    // A byte order mark becomes spaces, so that columns stay what they are.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes.replaceSubrange(0..<3, with: Array(repeating: 0x20, count: 3))
    }
    let first = bytes.first { !" \t\r\n".utf8.contains($0) }
    guard let first else {
      throw refusal(1, 1, "is empty", #"the least is {"study": "my-study"}"#)
    }
    guard isYAML ?? (first != UInt8(ascii: "{") && first != UInt8(ascii: "[")) else {
      do { root = try JSON(parsing: bytes, nonFinite: true) } catch {
        throw refusal(error.line, error.column, error.message, Self.hint(for: error.message))
      }
      text = .json(bytes)
      return
    }
    do {
      let source = try StudySource(yaml: bytes, file: file, rules: rules)
      root = source.root
      text = .yaml(source)
    } catch {
      throw RunDocumentProblems(
        error.problems.map {
          RunDocumentProblem(
            file: file, line: $0.line, column: $0.column, $0.message, hint: $0.hint)
        })
    }
  }

  private static func hint(for message: String) -> String? {
    switch message {
    case "not a JSON value":
      "of what is not JSON, NaN, Infinity and -Infinity are read, as Python's json writes them"
    case "expected a key in quotes": "no comma after the last member, and keys in double quotes"
    case "not valid UTF-8": "save the file as UTF-8"
    case "text after the value":
      "one document a file; a document on each line is for register --lines, a live run for --follow"
    default: nil
    }
  }

  func places(of paths: Set<DocumentPath>) -> [DocumentPath: JSON.Place] {
    switch text {
    case .json(let bytes): return JSON.places(of: paths, in: bytes, nonFinite: true)
    case .yaml(let source):
      var places: [DocumentPath: JSON.Place] = [:]
      for path in paths {
        // Paths that the document does not have get no place: theirs is that of what encloses them.
        guard source.has(path), let value = source.mark(ofValue: path),
          let key = source.mark(ofKey: path)
        else { continue }
        places[path] = JSON.Place(
          key: JSON.Place.Mark(line: key.line, column: key.column),
          value: JSON.Place.Mark(line: value.line, column: value.column))
      }
      return places
    }
  }
}
