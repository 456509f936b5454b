import TensorCore

extension Model {
  /// Logits at chosen positions, [n × vocabulary] flat: by sequence, then in the order of its positions.
  ///
  /// - Parameters:
  ///   - sequences: token ids, of any lengths from 1 to the context.
  ///   - positions: for each sequence the positions whose next token is asked for; nil = the last one.
  ///   - segments: what each token sees; nil = all before it.
  package func logits(
    of sequences: [[Int32]], at positions: [[Int]]? = nil, backend: Backend = .own,
    threads: Int = 1, interventions: [Intervention] = [], segments: Segments? = nil
  ) -> [Float] {
    logits(
      of: sequences, at: positions, engine: Engine(backend: backend), threads: threads,
      interventions: interventions, segments: segments)
  }

  package func logits(
    of sequences: [[Int32]], at positions: [[Int]]?, engine: Engine, threads: Int,
    interventions: [Intervention] = [], segments: Segments? = nil
  ) -> [Float] {
    check(sequences)
    let wanted = WantedRows(
      sequences, at: positions ?? sequences.map { [$0.count - 1] }, segments: segments,
      configuration)
    let vocabulary = configuration.vocabulary
    var result = [Float](repeating: 0, count: wanted.offsets.last! * vocabulary)
    result.withUnsafeMutableBufferPointer { result in
      InferenceGroups(
        self, engine: engine, threads: threads, size: 8, count: sequences.count,
        interventions: interventions
      ).run(sequences.indices) { range, tape, decoder in
        guard let logits = wanted.logits(range, on: tape, decoder) else { return }
        (result.baseAddress! + wanted.offsets[range.lowerBound] * vocabulary).update(
          from: logits.data, count: logits.count)
      }
    }
    return result
  }
}
