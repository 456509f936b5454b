/// One thing that is wrong with a study file.
package struct StudyProblem: Error, Equatable, Sendable {
  /// 1-based; 0 when the study did not come from a file with lines.
  package let line: Int
  /// 1-based, in Unicode scalars.
  package let column: Int
  package let message: String
  /// What to write instead; can be pasted.
  package let hint: String?

  package init(line: Int, column: Int, message: String, hint: String? = nil) {
    self.line = line
    self.column = column
    self.message = message
    self.hint = hint
  }
}

/// Everything that is wrong with one study file, in the order of the file.
package struct StudyProblems: Error, Equatable, Sendable, CustomStringConvertible {
  package let file: String
  package let problems: [StudyProblem]

  package init(file: String, problems: [StudyProblem]) {
    self.file = file
    self.problems = problems.enumerated().sorted { left, right in
      (left.element.line, left.element.column, left.offset)
        < (right.element.line, right.element.column, right.offset)
    }.map(\.element)
  }

  /// `file:line:column: error: message`, each followed by its hint.
  package var description: String {
    problems.map { problem in
      let place = problem.line > 0 ? "\(file):\(problem.line):\(problem.column)" : file
      let hint = problem.hint.map { "\n  hint: \($0)" } ?? ""
      return "\(place): error: \(problem.message)\(hint)"
    }.joined(separator: "\n")
  }
}

/// Where something stands in a study: keys from the top, list positions as decimal text.
package typealias StudyPath = [String]

/// Line and column, both from 1.
package struct TextMark: Equatable, Sendable {
  package let line: Int
  package let column: Int
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// Collects problems; knows where each path stands in the file.
struct ProblemCollector {
  let source: StudySource
  private(set) var problems: [StudyProblem] = []

  init(source: StudySource) { self.source = source }

  /// A problem with the value at a path, or with the nearest enclosing value that the file has.
  mutating func value(_ path: StudyPath, _ message: String, hint: String? = nil) {
    add(source.mark(ofValue: path), message, hint)
  }

  /// A problem with a key itself.
  mutating func key(_ path: StudyPath, _ message: String, hint: String? = nil) {
    add(source.mark(ofKey: path), message, hint)
  }

  mutating func add(_ mark: TextMark?, _ message: String, _ hint: String?) {
    let problem = StudyProblem(
      line: mark?.line ?? 0, column: mark?.column ?? 0, message: message, hint: hint)
    if !problems.contains(problem) { problems.append(problem) }
  }
}

/// The wording of messages that occur in more than one place.
package enum Wording {
  package static func unknown(_ what: String, _ word: String, among known: [String]) -> String {
    let near = Spelling.nearest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
    return "unknown \(what) '\(shown(word))'\(near)"
  }

  package static func known(_ what: String, _ known: [String]) -> String? {
    known.isEmpty ? nil : "\(what): \(known.sorted().joined(separator: ", "))"
  }

  /// A text for an error line: control characters escaped, shortened.
  package static func shown(_ text: String) -> String {
    var out = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if index == 60 { return out + "…" }
      if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
        out += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
