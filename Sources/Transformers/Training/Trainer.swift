import TensorCore

/// Trains one model, or a low-rank update of it. Bits depend on the batches, rates and options, and not on
/// the number of threads (see `GradientLanes`).
///
/// Not for two threads at a time.
package final class Trainer {
  let lanes: GradientLanes
  let adam: AdamW
  let lowRank: LowRankUpdate?
  private var referenceDecoder: FrozenDecoder?

  package var configuration: ModelConfiguration { lanes.configuration }
  package var optimiser: OptimiserOptions { adam.options }
  package var engine: Engine { lanes.engine }
  /// Updates made so far, those before a resumption included.
  package var stepsTaken: Int { adam.stepsTaken }

  /// What the penalties of a batch measure the divergence from; not part of a resume point.
  package var reference: Model? {
    didSet {
      precondition(
        reference.map { $0.configuration.vocabulary == configuration.vocabulary } ?? true,
        "a reference of the same vocabulary")
      referenceDecoder = reference.map { FrozenDecoder($0, engine: engine) }
    }
  }

  /// - Parameter lowRank: train only such an update, all else stays as it is.
  package convenience init(
    model: Model, optimiser: OptimiserOptions = OptimiserOptions(),
    lowRank: LowRankOptions? = nil, backend: Backend = .own, threads: Int = 1
  ) {
    self.init(
      model: model, optimiser: optimiser, lowRank: lowRank, engine: Engine(backend: backend),
      threads: threads)
  }

  package convenience init(
    model: Model, optimiser: OptimiserOptions, lowRank: LowRankOptions? = nil, engine: Engine,
    threads: Int
  ) {
    self.init(
      model: model, optimiser: optimiser,
      lowRank: lowRank.map { LowRankUpdate(of: model, options: $0) }, engine: engine,
      threads: threads)
  }

  init(
    model: Model, optimiser: OptimiserOptions, lowRank: LowRankUpdate?, engine: Engine,
    threads: Int
  ) {
    lanes = GradientLanes(model, engine: engine, threads: threads)
    self.lowRank = lowRank
    adam =
      lowRank.map { AdamW($0.tensors, of: $0.factors, options: optimiser) }
      ?? AdamW(lanes.tensors, of: lanes.values, options: optimiser)
    lowRank?.merge(into: lanes)
    lanes.pack()
  }

  /// The model as it is now, a low-rank update merged into it.
  package var model: Model {
    Model(configuration: configuration, parameters: lanes.values.array)
  }

  /// One update: loss and gradient of the batch, clipping, AdamW at this learning rate.
  ///
  /// A loss or a gradient that is not finite leaves weights, moments and the count of steps as they were.
  /// - Parameter normaliser: what Σ w · cross-entropy is divided by; weights may then be negative, as in a
  ///   policy gradient. nil = Σ w, which must be positive.
  package func step(
    _ batch: TokenBatch, learningRate: Float, normaliser: Double? = nil
  ) -> StepReport {
    let loss = accumulateGradient(of: batch, normaliser)
    var norm = lanes.reduce()
    if let lowRank { norm = lowRank.takeGradient(from: lanes) }
    guard loss.isFinite, norm.isFinite else {
      return StepReport(
        loss: loss, gradientNorm: norm,
        divergence: lanes.divergence(loss: loss, inputs: batch.inputs, batch.segments))
    }
    adam.update(
      lowRank?.gradient ?? lanes.gradient, norm: norm, learningRate: Double(learningRate),
      engine: engine, pool: lanes.pool)
    lowRank?.merge(into: lanes)
    lanes.pack()
    return StepReport(loss: loss, gradientNorm: norm)
  }

  /// Loss and gradient (flat, as `Model.parameters`) of a batch; the model stays as it is.
  package func gradient(
    of batch: TokenBatch, normaliser: Double? = nil
  ) -> (loss: Double, gradient: [Float]) {
    let loss = accumulateGradient(of: batch, normaliser)
    _ = lanes.reduce()
    return (loss, lanes.gradientArray)
  }

  private func accumulateGradient(of batch: TokenBatch, _ normaliser: Double?) -> Double {
    let total = normaliser ?? batch.totalWeight
    precondition(
      total > 0 && total.isFinite,
      normaliser == nil ? "a batch needs a target of positive weight" : "a positive normaliser")
    precondition(batch.penalties == nil || reference != nil, "penalties need a reference")
    let shards = GradientLanes.shards(of: batch.sequences.count)
    let costs = shards.map { batch.sequences[$0].reduce(0) { $0 + $1.count } }
    return lanes.accumulate(costs: costs) { index, tape, decoder in
      Self.run(
        Shard(batch, shards[index], total: total), batch.residualPenalties, on: tape, decoder,
        heldTo: referenceDecoder)
    }
  }

  private static func run(
    _ shard: Shard, _ residualPenalties: [ResidualPenalty], on tape: Tape, _ decoder: Decoder,
    heldTo reference: FrozenDecoder?
  ) -> Double {
    var penalties = 0.0
    func tap(_ site: ActivationSite, _ x: Tensor) {
      for penalty in residualPenalties {
        penalties += penalty.value(at: site, of: x, shard.packed, on: tape)
      }
    }
    guard !shard.targets.isEmpty else {
      guard !shard.packed.tokens.isEmpty else { return 0 }
      _ = decoder.residualStream(shard.packed, on: tape, capture: tap)
      tape.backward()
      return penalties
    }
    func logits(_ tape: Tape, _ decoder: Decoder) -> Tensor {
      var x = decoder.residualStream(
        shard.packed, on: tape, capture: { if tape.isRecording { tap($0, $1) } })
      if shard.rows.count < x.rows { x = tape.gather(x, rows: shard.rows) }
      return decoder.logits(x, on: tape)
    }
    var penalty: (reference: Tensor, weights: [Float])?
    if let reference, !shard.penalties.isEmpty {
      let silent = Tape(engine: tape.engine, arena: tape.arena, isRecording: false)
      penalty = (logits(silent, reference.decoder), shard.penalties)
    }
    let loss = tape.crossEntropy(
      logits(tape, decoder), targets: shard.targets, weights: shard.weights, penalty: penalty)
    tape.backward()
    return loss + penalties
  }
}

/// A model as a decoder for as long as this lives.
private final class FrozenDecoder {
  let decoder: Decoder
  private let values: FloatBuffer
  private let packed: PackedWeights

  init(_ model: Model, engine: Engine) {
    values = FloatBuffer(count: model.parameters.count, cleared: false)
    values.array = model.parameters
    packed = PackedWeights(model.tensors, engine: engine, isTraining: false)
    packed.packAll(from: values.pointer)
    decoder = Decoder(
      model.configuration, Model.head, parameters: values.pointer, panels: packed)
  }
}
