import TensorCore

/// The gradient of a batch by all numbers of a network, whatever loss is computed. Bits depend on the shards,
/// and not on the number of threads.
///
/// Shard j of a batch belongs to lane j mod 4; a lane goes through its shards in order, adding to a gradient
/// of its own; the four gradients are added pairwise in chunks of 4096, whose squared norms are added in
/// order. Threads pick up lanes and chunks. Not for two threads at a time.
final class GradientLanes {
  static let count = 4
  /// Sequences of a shard.
  static let shardSize = 8
  static let chunk = 4096

  let configuration: ModelConfiguration
  let head: Head
  let tensors: [ModelConfiguration.NamedTensor]
  let engine: Engine
  let pool: WorkerPool
  /// The network's numbers; `pack` after every change and before anything is computed.
  let values: FloatBuffer
  private let gradients: [FloatBuffer]
  private let packed: PackedWeights
  private let decoders: [Decoder]
  /// One for each thread.
  let arenas: [Arena]

  init<N: Network>(_ network: N, engine: Engine, threads: Int) {
    configuration = network.configuration
    head = N.head
    tensors = network.tensors
    self.engine = engine
    pool = WorkerPool(threads: min(threads, Self.count))
    arenas = (0..<pool.threads).map { _ in Arena() }
    let values = FloatBuffer(count: network.parameters.count)
    values.array = network.parameters
    self.values = values
    gradients = (0..<Self.count).map { _ in FloatBuffer(count: values.count) }
    let packed = PackedWeights(tensors, engine: engine, isTraining: true)
    self.packed = packed
    decoders = gradients.map {
      Decoder(
        network.configuration, N.head, parameters: values.pointer, panels: packed,
        gradient: $0.pointer)
    }
  }

  /// The sum, flat as the values, after `accumulate` and `reduce`.
  var gradient: UnsafePointer<Float> { .init(gradients[0].pointer) }
  var gradientArray: [Float] { gradients[0].array }

  /// Copies the values to where products read them.
  func pack() { pool.run(packed.count) { piece, _ in packed.pack(piece, from: values.pointer) } }

  /// Which sequences of a batch belong to which shard.
  static func shards(of sequences: Int) -> [Range<Int>] {
    stride(from: 0, to: sequences, by: shardSize).map { $0..<min($0 + shardSize, sequences) }
  }

  /// Goes through the shards of a batch; the sum of their losses.
  ///
  /// - Parameters:
  ///   - costs: of each shard, in tokens or what else takes time.
  ///   - shard: records a loss on the tape and goes back from it; the loss.
  func accumulate(
    costs: [Int], shard: (_ shard: Int, _ tape: Tape, _ decoder: Decoder) -> Double
  ) -> Double {
    var losses = [Double](repeating: 0, count: costs.count)
    func shards(of lane: Int) -> StrideTo<Int> {
      stride(from: lane, to: costs.count, by: Self.count)
    }
    // The longest lane first: threads that pick up lanes as they go then end at about the same time.
    let sizes = (0..<Self.count).map { shards(of: $0).reduce(0) { $0 + costs[$1] } }
    let order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    losses.withUnsafeMutableBufferPointer { losses in
      pool.run(Self.count) { turn, worker in
        let lane = order[turn]
        decoders[lane].resetGradients()
        for index in shards(of: lane) {
          arenas[worker].reset()
          let tape = Tape(engine: engine, arena: arenas[worker], isRecording: true)
          losses[index] = shard(index, tape, decoders[lane])
        }
        decoders[lane].settleGradients()
      }
    }
    return losses.reduce(0, +)
  }

  /// Adds the lanes up into the first one; the gradient's norm.
  func reduce() -> Double {
    let chunks = (values.count + Self.chunk - 1) / Self.chunk
    var squares = [Double](repeating: 0, count: chunks)
    squares.withUnsafeMutableBufferPointer { squares in
      pool.run(chunks) { chunk, _ in
        let start = chunk * Self.chunk
        let lanes = gradients.map { $0.pointer + start }
        squares[chunk] = engine.reduce(count: min(Self.chunk, values.count - start), lanes)
      }
    }
    return squares.reduce(0, +).squareRoot()
  }
}
