import Determinism

/// A study file, or another document in YAML, as a tree of values, and where each of them stands.
package struct StudySource: Sendable {
  /// As errors name it.
  package let file: String
  package let root: JSON
  private(set) var valueMarks: [StudyPath: TextMark] = [:]
  private(set) var keyMarks: [StudyPath: TextMark] = [:]
  /// Keys of each mapping in the order of the file; canonical JSON sorts them.
  private(set) var order: [StudyPath: [String]] = [:]
  /// Scalars whose text begins exactly at their mark, so that positions inside can be located.
  private(set) var plain: Set<StudyPath> = []

  init(file: String, root: JSON) {
    self.file = file
    self.root = root
  }

  init(
    file: String, root: JSON, valueMarks: [StudyPath: TextMark], keyMarks: [StudyPath: TextMark],
    order: [StudyPath: [String]], plain: Set<StudyPath>
  ) {
    self.init(file: file, root: root)
    self.valueMarks = valueMarks
    self.keyMarks = keyMarks
    self.order = order
    self.plain = plain
  }

  /// Of the value, or of the nearest value around it.
  package func mark(ofValue path: StudyPath) -> TextMark? {
    var path = path
    while true {
      if let mark = valueMarks[path] ?? keyMarks[path] { return mark }
      if path.isEmpty { return nil }
      path.removeLast()
    }
  }

  /// Whether a value stands at just this path.
  package func has(_ path: StudyPath) -> Bool { valueMarks[path] != nil }

  package func mark(ofKey path: StudyPath) -> TextMark? { keyMarks[path] ?? mark(ofValue: path) }

  /// The keys of a mapping in the order of the file; of one that is not from a file, sorted.
  func keys(at path: StudyPath, of object: JSON.Object) -> [String] { order[path] ?? object.keys }
}
