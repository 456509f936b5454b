import TensorCore

/// Positions of sequences whose next token is asked for, and the logits there.
struct WantedRows {
  let sequences: [[Int32]]
  /// By sequence, in any order.
  let positions: [[Int]]
  /// Rows before each sequence's; the last number is that of all rows.
  let offsets: [Int]
  let segments: Segments?

  /// Traps on positions outside their sequence and on sequences that the model cannot take.
  init(
    _ sequences: [[Int32]], at positions: [[Int]], segments: Segments?,
    _ configuration: ModelConfiguration
  ) {
    segments?.check(sequences)
    precondition(positions.count == sequences.count, "positions for each sequence")
    var offsets = [0]
    for (sequence, places) in zip(sequences, positions) {
      precondition(places.allSatisfy(sequence.indices.contains), "positions inside the sequence")
      precondition(places.allSatisfy { $0 < configuration.context }, "positions of the context")
      offsets.append(offsets.last! + places.count)
    }
    self.sequences = sequences
    self.positions = positions
    self.offsets = offsets
    self.segments = segments
  }

  /// Where the tokens of each sequence from its start on are predicted.
  ///
  /// - Parameter starts: indices from 1 to the sequence's length.
  init(
    predicting sequences: [[Int32]], from starts: [Int], segments: Segments?,
    _ configuration: ModelConfiguration
  ) {
    precondition(starts.count == sequences.count, "a start for each sequence")
    let positions = zip(sequences, starts).map { sequence, start in
      precondition((1...max(sequence.count, 1)).contains(start), "a start behind the first token")
      return start < sequence.count ? Array(start - 1..<sequence.count - 1) : []
    }
    self.init(sequences, at: positions, segments: segments, configuration)
  }

  /// Logits [rows, vocabulary] of a group: by sequence, then in the order of its positions. nil for no row.
  func logits(_ range: Range<Int>, on tape: Tape, _ decoder: Decoder) -> Tensor? {
    var packed = PackedSequences()
    var rows: [Int] = []
    for index in range {
      // Nothing after the last position asked for can matter.
      guard let last = positions[index].max() else { continue }
      packed.append(sequences[index][...last], member: index, segments: segments)
      rows.append(contentsOf: positions[index].map { packed.starts.last! + $0 })
    }
    guard !rows.isEmpty else { return nil }
    return decoder.logits(
      tape.gather(decoder.residualStream(packed, on: tape), rows: rows), on: tape)
  }
}
