import TensorCore

extension Model {
  /// The residual stream at one position of each sequence: per site [sequences × dModel], flat.
  ///
  /// - Parameters:
  ///   - sequences: token ids, of any lengths from 1 to the context.
  ///   - positions: one index into each sequence.
  ///   - sites: where to look; blocks below `configuration.layers`.
  package func activations(
    of sequences: [[Int32]], at positions: [Int], sites: [ActivationSite], backend: Backend = .own,
    threads: Int = 1
  ) -> [ActivationSite: [Float]] {
    activations(
      of: sequences, at: positions, sites: sites, engine: Engine(backend: backend),
      threads: threads)
  }

  package func activations(
    of sequences: [[Int32]], at positions: [Int], sites: [ActivationSite], engine: Engine,
    threads: Int
  ) -> [ActivationSite: [Float]] {
    check(sequences)
    precondition(positions.count == sequences.count, "a position for each sequence")
    for (sequence, position) in zip(sequences, positions) {
      precondition(sequence.indices.contains(position), "positions inside the sequence")
    }
    for site in sites {
      precondition((0..<configuration.layers).contains(site.layer), "no block \(site.layer)")
    }
    let width = configuration.dModel
    let depth = (sites.map(\.layer).max() ?? -1) + 1
    let unique = Set(sites)
    let buffers = Dictionary(
      uniqueKeysWithValues: unique.map { ($0, FloatBuffer(count: sequences.count * width)) })
    InferenceGroups(engine: engine, threads: threads, size: 8).run(sequences.count, model: self) {
      range, tape, decoder in
      let packed = PackedSequences(range.map { Array(sequences[$0][...positions[$0]]) })
      _ = decoder.residualStream(packed, on: tape, depth: depth) { site, x in
        guard let buffer = buffers[site] else { return }
        for (index, sequence) in range.enumerated() {
          let row = packed.starts[index] + positions[sequence]
          (buffer.pointer + sequence * width).update(from: x.data + row * width, count: width)
        }
      }
    }
    return buffers.mapValues(\.array)
  }
}
