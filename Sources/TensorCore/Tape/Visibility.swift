/// Which classes of tokens each class sees: attention that is narrower than causal.
///
/// A token sees itself and, of those before it, the ones whose class its own class sees.
package struct Visibility: Hashable, Sendable {
  /// By class, bit k: whether it sees class k.
  private let seen: [UInt64]

  /// - Parameter seen: by class, from 0 on, the classes that it sees; at most 64 classes.
  package init(_ seen: [Set<UInt8>]) {
    precondition(seen.count <= 64, "at most 64 classes")
    self.seen = seen.map { classes in
      classes.reduce(0) { bits, seen in
        precondition(seen < 64, "at most 64 classes")
        return bits | 1 << UInt64(seen)
      }
    }
  }

  /// Classes that have a row.
  package var classes: Int { seen.count }

  package func sees(_ query: UInt8, _ key: UInt8) -> Bool {
    seen[Int(query)] >> UInt64(key) & 1 == 1
  }
}

/// For each position of a sequence the keys that it sees, as the kernels read them.
package struct VisibleKeys: Sendable {
  package let length: Int
  /// [length, length rounded up to 16]: all ones where seen, else 0.
  let lanes: [Int32]

  /// - Parameter classes: one for each token.
  package init(_ classes: some RandomAccessCollection<UInt8>, _ visibility: Visibility) {
    let classes = Array(classes)
    length = classes.count
    lanes = classes.indices.flatMap { Self.row($0, of: classes, visibility) }
  }

  /// What the last of some tokens sees, as one row.
  package init(lastOf classes: [UInt8], _ visibility: Visibility) {
    length = 1
    lanes = Self.row(classes.count - 1, of: classes, visibility)
  }

  private static func row(
    _ query: Int, of classes: [UInt8], _ visibility: Visibility
  ) -> [Int32] {
    var row = [Int32](repeating: 0, count: (classes.count + 15) / 16 * 16)
    for key in 0..<query where visibility.sees(classes[query], classes[key]) { row[key] = -1 }
    row[query] = -1
    return row
  }
}
