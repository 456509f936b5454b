import TensorCore

/// Classes of the tokens of some sequences, and which class sees which: a bottleneck through which a model
/// must pass what it has read. Part of the data, as the tokens are, and not of a model.
package struct Segments: Equatable, Sendable {
  /// One for each token of each sequence; below `visibility.classes`.
  package var classes: [[UInt8]]
  package let visibility: Visibility

  /// - Parameter seen: by class, from 0 on, the classes that it sees; at most 64. A token sees itself and, of
  ///   those before it, the ones of a class that its own class sees.
  package init(classes: [[UInt8]], seen: [Set<UInt8>]) {
    self.classes = classes
    visibility = Visibility(seen)
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
