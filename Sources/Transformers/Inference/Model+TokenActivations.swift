import TensorCore

extension Model {
  /// The residual stream at every token of each sequence: [tokens × dModel], flat, sequence after sequence.
  ///
  /// A row's floats are those that `activations(of:at:)` has for that position; with backend `own` they do
  /// not depend on the other sequences or on threads.
  /// - Parameters:
  ///   - sequences: token ids, of any lengths from 1 to the context.
  ///   - site: where to look; a block below `configuration.layers`.
  package func tokenActivations(
    of sequences: [[Int32]], site: ActivationSite, backend: Backend = .own, threads: Int = 1,
    segments: Segments? = nil
  ) -> [Float] {
    check(sequences, segments)
    precondition((0..<configuration.layers).contains(site.layer), "no block \(site.layer)")
    let width = configuration.dModel
    // Where each sequence begins, in tokens.
    let offsets = sequences.reduce(into: [0]) { $0.append($0.last! + $1.count) }
    var found = [Float](repeating: 0, count: offsets.last! * width)
    found.withUnsafeMutableBufferPointer { found in
      InferenceGroups(
        self, engine: Engine(backend: backend), threads: threads, size: 8, count: sequences.count
      ).run(sequences.indices) { range, tape, decoder in
        var packed = PackedSequences()
        for index in range {
          packed.append(sequences[index], member: index, segments: segments)
        }
        _ = decoder.residualStream(packed, on: tape, depth: site.layer + 1) { passed, x in
          guard passed == site else { return }
          // A group's sequences stand one after another here as there.
          (found.baseAddress! + offsets[range.lowerBound] * width).update(
            from: x.data, count: packed.tokens.count * width)
        }
      }
    }
    return found
  }
}
