import TensorCore

/// Sequences in groups of a fixed size, spread over threads. With backend `own` a row's bits depend on its
/// own sequence only, so neither grouping nor threads can change a result.
struct InferenceGroups {
  private let configuration: ModelConfiguration
  private let head: Head
  private let parameters: [Float]
  private let engine: Engine
  private let size: Int
  private let interventions: [Intervention]
  private let packed: PackedWeights
  private let pool: WorkerPool
  private let arenas: [Arena]

  /// - Parameters:
  ///   - count: the most sequences that one run takes.
  ///   - interventions: made wherever the decoder comes by their sites.
  init<N: Network>(
    _ network: N, engine: Engine, threads: Int, size: Int, count: Int,
    interventions: [Intervention] = []
  ) {
    self.init(
      network.configuration, N.head, parameters: network.parameters, engine: engine,
      threads: threads, size: size, count: count, interventions: interventions)
  }

  init(
    _ configuration: ModelConfiguration, _ head: Head, parameters: [Float], engine: Engine,
    threads: Int, size: Int, count: Int, interventions: [Intervention] = []
  ) {
    for intervention in interventions { intervention.check(configuration) }
    self.configuration = configuration
    self.head = head
    self.parameters = parameters
    self.interventions = interventions
    self.engine = engine
    self.size = size
    let packed = PackedWeights(configuration.tensors(head), engine: engine, isTraining: false)
    parameters.withUnsafeBufferPointer { packed.packAll(from: $0.baseAddress!) }
    self.packed = packed
    pool = WorkerPool(threads: max(1, min(threads, (count + size - 1) / size)))
    arenas = (0..<pool.threads).map { _ in Arena() }
  }

  /// Calls `body` with each group's range of indices, a tape on an empty arena, and a decoder.
  func run(
    _ sequences: Range<Int>,
    _ body: (_ range: Range<Int>, _ tape: Tape, _ decoder: Decoder) -> Void
  ) {
    let groups = (sequences.count + size - 1) / size
    guard groups > 0 else { return }
    parameters.withUnsafeBufferPointer { parameters in
      let decoder = Decoder(
        configuration, head, parameters: parameters.baseAddress!, panels: packed,
        interventions: interventions)
      // The decoder has only pointers into the panels.
      withExtendedLifetime(packed) {
        pool.run(groups) { group, worker in
          arenas[worker].reset()
          let tape = Tape(engine: engine, arena: arenas[worker], isRecording: false)
          let start = sequences.lowerBound + group * size
          body(start..<min(start + size, sequences.upperBound), tape, decoder)
        }
      }
    }
  }
}

extension Network {
  /// Traps on what the model cannot take: an empty or too long sequence, segments of another shape.
  func check(_ sequences: [[Int32]], _ segments: Segments? = nil) {
    segments?.check(sequences)
    for sequence in sequences {
      precondition(!sequence.isEmpty, "a sequence needs a token")
      precondition(
        sequence.count <= configuration.context,
        "\(sequence.count) tokens in a context of \(configuration.context)")
    }
  }
}
