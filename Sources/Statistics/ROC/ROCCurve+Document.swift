import Determinism

/// The canonical document: threshold patterns as one hexadecimal string, counts as integers.
extension ROCCurve {
  package var document: JSON {
    [
      "thresholds": JSON(
        Hexadecimal.text(of: thresholds.flatMap(\.bigEndianBytes))),
      "tp": .array(truePositives.map { JSON($0) }), "fp": .array(falsePositives.map { JSON($0) }),
      "positives": JSON(positives), "negatives": JSON(negatives),
    ]
  }

  /// Reads a document back and checks it.
  package init(document: JSON) throws(StatisticsError) {
    func counts(_ key: String) throws(StatisticsError) -> [Int] {
      guard let elements = document[key]?.array else {
        throw .malformed("a curve needs '\(key)', a list")
      }
      var counts: [Int] = []
      counts.reserveCapacity(elements.count)
      for element in elements {
        guard let count = element.int, count >= 0 else {
          throw .malformed("'\(key)' holds counts")
        }
        counts.append(count)
      }
      return counts
    }
    func total(_ key: String) throws(StatisticsError) -> Int {
      guard let count = document[key]?.int, count >= 0 else {
        throw .malformed("a curve needs '\(key)', a count")
      }
      return count
    }
    guard let text = document["thresholds"]?.string, let bytes = Hexadecimal.bytes(of: text),
      bytes.count.isMultiple(of: 8)
    else { throw .malformed("'thresholds' is not a row of 16-digit patterns") }
    let thresholds = stride(from: 0, to: bytes.count, by: 8).map { start in
      Double(bitPattern: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
    }
    self.init(
      thresholds: thresholds, truePositives: try counts("tp"), falsePositives: try counts("fp"),
      positives: try total("positives"), negatives: try total("negatives"))
    try check()
  }
}
