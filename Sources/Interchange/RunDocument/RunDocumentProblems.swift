import Determinism
import Studies

/// One thing that is wrong with a run document or with a file that it refers to.
package struct RunDocumentProblem: Equatable, Sendable {
  /// As it was named.
  package let file: String
  /// Both from 1; 0 when the file as a whole is at fault. The column counts bytes in JSON and tables,
  /// scalars in YAML.
  package let line: Int
  package let column: Int
  /// `series.loss.values[17]`; empty for the document as a whole.
  package let path: String
  package let message: String
  /// What to do about it.
  package let hint: String?

  init(
    file: String, line: Int = 0, column: Int = 0, path: String = "", _ message: String,
    hint: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.message = message
    self.hint = hint
  }
}

/// Everything that is wrong with a run document, in the order of its file.
package struct RunDocumentProblems: Error, Equatable, Sendable, CustomStringConvertible {
  package let problems: [RunDocumentProblem]

  /// What is written out at most: whoever has more has made one mistake many times.
  static let shown = 50

  init(_ problems: [RunDocumentProblem]) {
    self.problems = problems.enumerated().sorted { left, right in
      (left.element.line, left.element.column, left.offset)
        < (right.element.line, right.element.column, right.offset)
    }.map(\.element)
  }

  /// Of a document that is one line of a file: the line that it is.
  func moved(toLine number: Int, of file: String) -> RunDocumentProblems {
    RunDocumentProblems(
      problems.map { problem in
        guard problem.file == file else { return problem }
        return RunDocumentProblem(
          file: file, line: number, column: max(problem.column, 1), path: problem.path,
          problem.message, hint: problem.hint)
      })
  }

  /// `file:line:column: error: path: message`, each followed by its hint.
  package var description: String {
    var lines = problems.prefix(Self.shown).map { problem in
      let place =
        problem.line > 0 ? "\(problem.file):\(problem.line):\(problem.column)" : problem.file
      let path = problem.path.isEmpty ? "" : "\(problem.path): "
      let hint = problem.hint.map { "\n  hint: \($0)" } ?? ""
      return "\(place): error: \(path)\(problem.message)\(hint)"
    }
    if problems.count > Self.shown { lines.append("… and \(problems.count - Self.shown) more") }
    return lines.joined(separator: "\n")
  }
}

/// Where something stands in a document: keys from the top, list positions as decimal text.
typealias DocumentPath = [String]

/// Collects problems by their paths; where those stand is looked up once, at the end.
struct RunProblemCollector {
  private struct Found {
    let path: DocumentPath
    let isKey: Bool
    let message: String
    let hint: String?
  }
  private var found: [Found] = []
  /// In files beside the document.
  private var elsewhere: [RunDocumentProblem] = []

  var isEmpty: Bool { found.isEmpty && elsewhere.isEmpty }

  /// A problem with the value at a path, or with the nearest enclosing value that the document has.
  mutating func value(_ path: DocumentPath, _ message: String, hint: String? = nil) {
    found.append(Found(path: path, isKey: false, message: message, hint: hint))
  }

  mutating func key(_ path: DocumentPath, _ message: String, hint: String? = nil) {
    found.append(Found(path: path, isKey: true, message: message, hint: hint))
  }

  mutating func add(_ problem: RunDocumentProblem) { elsewhere.append(problem) }

  func located(in source: RunDocumentSource) -> RunDocumentProblems {
    // Of each also the values around it: what is missing has no place of its own.
    let paths = Set(found.flatMap { found in found.path.indices.map { Array(found.path[...$0]) } })
      .union([[]])
    let places = source.places(of: paths)
    let here = found.map { found -> RunDocumentProblem in
      var path = found.path
      while places[path] == nil, !path.isEmpty { path.removeLast() }
      let isThere = path.count == found.path.count
      let mark = places[path].map { found.isKey && isThere ? $0.key : $0.value }
      return RunDocumentProblem(
        file: source.file, line: mark?.line ?? 0, column: mark?.column ?? 0,
        path: Self.text(found.path), found.message, hint: found.hint)
    }
    return RunDocumentProblems(here + elsewhere)
  }

  /// `series.loss.values[17]`; keys that are not plain in quotes.
  static func text(_ path: DocumentPath) -> String {
    var text = ""
    for (depth, step) in path.enumerated() {
      let bytes = Array(step.utf8)
      if depth > 0, !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x39).contains($0) }) {
        text += "[\(step)]"
        continue
      }
      let isPlain =
        !bytes.isEmpty
        && bytes.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte) || "_-/@$".utf8.contains(byte)
        }
      let shown = isPlain ? step : "'\(Wording.shown(step))'"
      text += depth == 0 ? shown : ".\(shown)"
    }
    return text
  }
}
