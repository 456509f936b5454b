import TensorCore

/// Sequences in groups of a fixed size, spread over threads. With backend `own` a row's bits depend on its
/// own sequence only, so neither grouping nor threads can change a result.
struct InferenceGroups {
  let engine: Engine
  let threads: Int
  let size: Int

  /// Calls `body` with each group's range of indices, a tape on an empty arena, and a decoder.
  func run(
    _ count: Int, model: Model,
    _ body: (_ range: Range<Int>, _ tape: Tape, _ decoder: Decoder) -> Void
  ) {
    let groups = (count + size - 1) / size
    guard groups > 0 else { return }
    let pool = WorkerPool(threads: max(1, min(threads, groups)))
    let arenas = (0..<pool.threads).map { _ in Arena() }
    model.parameters.withUnsafeBufferPointer { parameters in
      let packed = PackedWeights(model.configuration, engine: engine, isTraining: false)
      packed.packAll(from: parameters.baseAddress!)
      let decoder = Decoder(
        model.configuration, parameters: parameters.baseAddress!, panels: packed)
      // The decoder has only pointers into the panels.
      withExtendedLifetime(packed) {
        pool.run(groups) { group, worker in
          arenas[worker].reset()
          let tape = Tape(engine: engine, arena: arenas[worker], isRecording: false)
          body(group * size..<min((group + 1) * size, count), tape, decoder)
        }
      }
    }
  }
}

extension Model {
  /// Traps on what the model cannot take: an empty or too long sequence.
  func check(_ sequences: [[Int32]]) {
    for sequence in sequences {
      precondition(!sequence.isEmpty, "a sequence needs a token")
      precondition(
        sequence.count <= configuration.context,
        "\(sequence.count) tokens in a context of \(configuration.context)")
    }
  }
}
