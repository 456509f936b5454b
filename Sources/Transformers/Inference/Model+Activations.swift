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
    threads: Int = 1, interventions: [Intervention] = [],
    segments: Segments? = nil
  ) -> [ActivationSite: [Float]] {
    activations(
      of: sequences, at: positions, sites: sites, engine: Engine(backend: backend),
      threads: threads, interventions: interventions, segments: segments)
  }

  package func activations(
    of sequences: [[Int32]], at positions: [Int], sites: [ActivationSite], engine: Engine,
    threads: Int, interventions: [Intervention] = [],
    segments: Segments? = nil
  ) -> [ActivationSite: [Float]] {
    var found = Dictionary(sites.map { ($0, [Float]()) }, uniquingKeysWith: { first, _ in first })
    for site in found.keys { found[site]!.reserveCapacity(sequences.count * configuration.dModel) }
    streamActivations(
      of: sequences, at: positions, sites: sites, engine: engine, threads: threads,
      interventions: interventions, segments: segments
    ) { block in
      for site in Set(sites) { found[site]!.append(contentsOf: block[site]) }
    }
    return found
  }

  /// Sequences of a block unless asked otherwise: enough work for every thread, few enough to be small.
  package static var activationBlock: Int { 256 }

  /// Hands the same floats to a sink, some sequences at a time and in their order, so that activations which
  /// do not fit into memory can go to a file.
  ///
  /// One block is held, `activationBytes(sites:block:)`, whatever the number of sequences or threads: a
  /// block's groups are spread over the threads, and the sink has its turn between two blocks, on the thread
  /// of the caller.
  /// - Parameters:
  ///   - block: sequences at a time; the last block may be smaller. With backend `own` the floats
  ///     do not depend on it.
  ///   - sink: an error that it throws ends the collection.
  package func streamActivations(
    of sequences: [[Int32]], at positions: [Int], sites: [ActivationSite],
    block: Int = Model.activationBlock, backend: Backend = .own, threads: Int = 1,
    interventions: [Intervention] = [], segments: Segments? = nil,
    _ sink: (ActivationBlock) throws -> Void
  ) rethrows {
    try streamActivations(
      of: sequences, at: positions, sites: sites, block: block, engine: Engine(backend: backend),
      threads: threads, interventions: interventions, segments: segments, sink)
  }

  package func streamActivations(
    of sequences: [[Int32]], at positions: [Int], sites: [ActivationSite],
    block: Int = Model.activationBlock, engine: Engine, threads: Int,
    interventions: [Intervention] = [], segments: Segments? = nil,
    _ sink: (ActivationBlock) throws -> Void
  ) rethrows {
    segments?.check(sequences)
    check(sequences, positions, sites)
    precondition(block > 0, "a block holds sequences")
    let width = configuration.dModel
    let depth = (sites.map(\.layer).max() ?? -1) + 1
    let size = min(block, max(sequences.count, 1))
    let buffers = Dictionary(
      uniqueKeysWithValues: Set(sites).map {
        ($0, FloatBuffer(count: size * width, cleared: false))
      })
    let groups = InferenceGroups(
      self, engine: engine, threads: threads, size: 8, count: size, interventions: interventions)
    for first in stride(from: 0, to: sequences.count, by: size) {
      let members = first..<min(first + size, sequences.count)
      groups.run(members) { range, tape, decoder in
        var packed = PackedSequences()
        for index in range {
          packed.append(
            sequences[index][...positions[index]], member: index, segments: segments)
        }
        _ = decoder.residualStream(packed, on: tape, depth: depth) { site, x in
          guard let buffer = buffers[site] else { return }
          for (index, sequence) in range.enumerated() {
            let row = packed.starts[index] + positions[sequence]
            (buffer.pointer + (sequence - first) * width).update(
              from: x.data + row * width, count: width)
          }
        }
      }
      try sink(ActivationBlock(sequences: members, width: width, buffers: buffers))
    }
  }

  /// Bytes that a stream of activations holds beside the working memory of each thread.
  package func activationBytes(sites: Int, block: Int = Model.activationBlock) -> Int {
    sites * block * configuration.dModel * MemoryLayout<Float>.size
  }

  private func check(_ sequences: [[Int32]], _ positions: [Int], _ sites: [ActivationSite]) {
    check(sequences)
    precondition(positions.count == sequences.count, "a position for each sequence")
    for (sequence, position) in zip(sequences, positions) {
      precondition(sequence.indices.contains(position), "positions inside the sequence")
    }
    for site in sites {
      precondition((0..<configuration.layers).contains(site.layer), "no block \(site.layer)")
    }
  }
}

/// Activations of some successive sequences. The memory is used again for the next block.
package struct ActivationBlock {
  /// Which of the sequences.
  package let sequences: Range<Int>
  package let width: Int
  fileprivate let buffers: [ActivationSite: FloatBuffer]

  /// [sequences × width], row by row; valid until the sink returns.
  package subscript(site: ActivationSite) -> UnsafeBufferPointer<Float> {
    guard let buffer = buffers[site] else { preconditionFailure("\(site) was not asked for") }
    return UnsafeBufferPointer(start: buffer.pointer, count: sequences.count * width)
  }
}
