import TensorCore

/// Classes of the tokens of some sequences, and which class sees which: a bottleneck through which a model
/// must pass what it has read. Part of the data, as the tokens are, and not of a model.
package struct Segments: Equatable, Sendable {
  /// One for each token of each sequence; below `visibility.classes`.
  package var classes: [[UInt8]]
  package var visibility: Visibility

  package init(classes: [[UInt8]], visibility: Visibility) {
    self.classes = classes
    self.visibility = visibility
  }

  /// Traps on classes that are not as many as tokens, or not in the table.
  func check(_ sequences: [[Int32]]) {
    precondition(classes.count == sequences.count, "classes for each sequence")
    for (row, sequence) in zip(classes, sequences) {
      precondition(row.count == sequence.count, "as many classes as tokens")
      precondition(row.allSatisfy { $0 < visibility.classes }, "a row of the table for each class")
    }
  }
}
