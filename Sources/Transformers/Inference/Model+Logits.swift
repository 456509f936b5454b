import TensorCore

extension Model {
  /// Logits at chosen positions, [n × vocabulary] flat: by sequence, then in the order of its positions.
  ///
  /// - Parameters:
  ///   - sequences: token ids, of any lengths from 1 to the context.
  ///   - positions: for each sequence the positions whose next token is asked for; nil = the last one.
  package func logits(
    of sequences: [[Int32]], at positions: [[Int]]? = nil, backend: Backend = .own,
    threads: Int = 1, interventions: [Intervention] = []
  ) -> [Float] {
    logits(
      of: sequences, at: positions, engine: Engine(backend: backend), threads: threads,
      interventions: interventions)
  }

  package func logits(
    of sequences: [[Int32]], at positions: [[Int]]?, engine: Engine, threads: Int,
    interventions: [Intervention] = []
  ) -> [Float] {
    check(sequences)
    let wanted = positions ?? sequences.map { [$0.count - 1] }
    precondition(wanted.count == sequences.count, "positions for each sequence")
    var starts = [0]
    for (sequence, places) in zip(sequences, wanted) {
      precondition(places.allSatisfy(sequence.indices.contains), "positions inside the sequence")
      starts.append(starts.last! + places.count)
    }
    let vocabulary = configuration.vocabulary
    var result = [Float](repeating: 0, count: starts.last! * vocabulary)
    result.withUnsafeMutableBufferPointer { result in
      InferenceGroups(
        self, engine: engine, threads: threads, size: 8, count: sequences.count,
        interventions: interventions
      ).run(sequences.indices) { range, tape, decoder in
        var packed = PackedSequences()
        var rows: [Int] = []
        for index in range {
          // Nothing after the last position asked for can matter.
          guard let last = wanted[index].max() else { continue }
          packed.append(sequences[index][...last], member: index)
          rows.append(contentsOf: wanted[index].map { packed.starts.last! + $0 })
        }
        guard !rows.isEmpty else { return }
        let x = tape.gather(decoder.residualStream(packed, on: tape), rows: rows)
        let logits = decoder.logits(x, on: tape)
        (result.baseAddress! + starts[range.lowerBound] * vocabulary).update(
          from: logits.data, count: logits.count)
      }
    }
    return result
  }
}
