import TensorCore

/// Trains one model. Bits depend on the batches, rates and options, and not on the number of threads.
///
/// A batch is cut into shards of `shardSize` sequences; shard j belongs to lane j mod 4; a lane goes through
/// its shards in order, adding to a gradient of its own; the four gradients are added pairwise in chunks of
/// 4096, whose squared norms are added in order. Threads pick up lanes and chunks.
///
/// Not for two threads at a time.
package final class Trainer {
  static let lanes = 4
  static let shardSize = 8
  static let chunk = 4096

  package let configuration: ModelConfiguration
  package let optimiser: OptimiserOptions
  package let engine: Engine
  /// Updates made so far, those before a resumption included.
  package internal(set) var stepsTaken = 0

  let parameters: FloatBuffer
  let first: FloatBuffer
  let second: FloatBuffer
  private let gradients: [FloatBuffer]
  private let packed: PackedWeights
  private let decoders: [Decoder]
  private let arenas: [Arena]
  private let pool: WorkerPool
  private let segments: [Segment]

  /// A stretch of the parameters that one task updates.
  private struct Segment {
    let start: Int
    let count: Int
    let decays: Bool
  }

  package convenience init(
    model: Model, optimiser: OptimiserOptions = OptimiserOptions(), backend: Backend = .own,
    threads: Int = 1
  ) {
    self.init(
      model: model, optimiser: optimiser, engine: Engine(backend: backend), threads: threads)
  }

  package init(model: Model, optimiser: OptimiserOptions, engine: Engine, threads: Int) {
    configuration = model.configuration
    self.optimiser = optimiser
    self.engine = engine
    let count = model.parameters.count
    parameters = FloatBuffer(count: count)
    parameters.array = model.parameters
    first = FloatBuffer(count: count)
    second = FloatBuffer(count: count)
    gradients = (0..<Self.lanes).map { _ in FloatBuffer(count: count) }
    let values = UnsafePointer(parameters.pointer)
    let packed = PackedWeights(model.configuration, engine: engine, isTraining: true)
    self.packed = packed
    decoders = gradients.map {
      Decoder(model.configuration, parameters: values, panels: packed, gradient: $0.pointer)
    }
    packed.packAll(from: values)
    pool = WorkerPool(threads: min(threads, Self.lanes))
    arenas = (0..<pool.threads).map { _ in Arena() }
    segments = model.configuration.tensors.flatMap { tensor in
      stride(from: 0, to: tensor.count, by: Self.chunk).map {
        Segment(
          start: tensor.offset + $0, count: min(Self.chunk, tensor.count - $0),
          decays: tensor.isMatrix)
      }
    }
  }

  /// The model as it is now.
  package var model: Model { Model(configuration: configuration, parameters: parameters.array) }

  /// One update: loss and gradient of the batch, clipping, AdamW at this learning rate.
  ///
  /// A loss or a gradient that is not finite leaves weights, moments and the count of steps as they were.
  package func step(_ batch: TokenBatch, learningRate: Float) -> StepReport {
    let loss = accumulateGradient(of: batch)
    let norm = reduceGradient()
    guard loss.isFinite, norm.isFinite else {
      return StepReport(
        loss: loss, gradientNorm: norm,
        divergence: divergence(of: batch, loss: loss, gradient: gradients[0].pointer))
    }
    update(learningRate: Double(learningRate), norm: norm)
    return StepReport(loss: loss, gradientNorm: norm)
  }

  /// Loss and gradient (flat, as `Model.parameters`) of a batch; the model stays as it is.
  package func gradient(of batch: TokenBatch) -> (loss: Double, gradient: [Float]) {
    let loss = accumulateGradient(of: batch)
    _ = reduceGradient()
    return (loss, gradients[0].array)
  }

  private func accumulateGradient(of batch: TokenBatch) -> Double {
    let total = batch.totalWeight
    precondition(total > 0, "a batch needs a target of positive weight")
    let count = (batch.sequences.count + Self.shardSize - 1) / Self.shardSize
    var losses = [Double](repeating: 0, count: count)
    func sequences(of shard: Int) -> Range<Int> {
      shard * Self.shardSize..<min((shard + 1) * Self.shardSize, batch.sequences.count)
    }
    func shards(of lane: Int) -> StrideTo<Int> {
      stride(from: lane, to: count, by: Self.lanes)
    }
    // The longest lane first: threads that pick up lanes as they go then end at about the same time.
    let tokens = (0..<Self.lanes).map { lane in
      shards(of: lane).reduce(0) {
        $0 + batch.sequences[sequences(of: $1)].reduce(0) { $0 + $1.count }
      }
    }
    let order = tokens.indices.sorted { (tokens[$1], $0) < (tokens[$0], $1) }
    losses.withUnsafeMutableBufferPointer { losses in
      pool.run(Self.lanes) { turn, worker in
        let lane = order[turn]
        decoders[lane].resetGradients()
        for shard in shards(of: lane) {
          losses[shard] = run(
            Shard(batch, sequences(of: shard), total: total), decoders[lane],
            arena: arenas[worker])
        }
        decoders[lane].settleGradients()
      }
    }
    return losses.reduce(0, +)
  }

  private func run(_ shard: Shard, _ decoder: Decoder, arena: Arena) -> Double {
    guard !shard.targets.isEmpty else { return 0 }
    arena.reset()
    let tape = Tape(engine: engine, arena: arena, isRecording: true)
    var x = decoder.residualStream(shard.packed, on: tape)
    if shard.rows.count < x.rows { x = tape.gather(x, rows: shard.rows) }
    let loss = tape.crossEntropy(
      decoder.logits(x, on: tape), targets: shard.targets, weights: shard.weights)
    tape.backward()
    return loss
  }

  /// Adds the lanes up into the first one; the gradient's norm.
  private func reduceGradient() -> Double {
    let count = parameters.count
    let chunks = (count + Self.chunk - 1) / Self.chunk
    var squares = [Double](repeating: 0, count: chunks)
    squares.withUnsafeMutableBufferPointer { squares in
      pool.run(chunks) { chunk, _ in
        let start = chunk * Self.chunk
        let lane = gradients.map { $0.pointer + start }
        squares[chunk] = engine.reduce(count: min(Self.chunk, count - start), lane)
      }
    }
    return squares.reduce(0, +).squareRoot()
  }

  private func update(learningRate: Double, norm: Double) {
    stepsTaken += 1
    let scale = optimiser.clip / (norm + 1e-6)
    var update = AdamUpdate(
      beta1: Float(optimiser.beta1), beta2: Float(optimiser.beta2),
      epsilon: Float(optimiser.epsilon), gradientScale: scale < 1 ? Float(scale) : 1,
      stepSize: Float(learningRate / (1 - Self.power(optimiser.beta1, stepsTaken))),
      secondScale: Float(1 / (1 - Self.power(optimiser.beta2, stepsTaken)).squareRoot()), keep: 1)
    let plain = update
    update.keep = Float(1 - learningRate * optimiser.weightDecay)
    let decaying = update
    pool.run(segments.count) { index, _ in
      let segment = segments[index]
      engine.adam(
        segment.decays ? decaying : plain, count: segment.count,
        parameters: parameters.pointer + segment.start, first: first.pointer + segment.start,
        second: second.pointer + segment.start, gradient: gradients[0].pointer + segment.start)
    }
    pool.run(packed.count) { piece, _ in packed.pack(piece, from: parameters.pointer) }
  }

  /// By squaring: products only, so the same everywhere.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
