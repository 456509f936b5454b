import TensorCore

/// Pairs of sequences, of which the first is to have the higher score.
package struct PreferenceBatch: Equatable, Sendable {
  /// Chosen, rejected, chosen, rejected, …; lengths may differ, up to the model's context.
  package let sequences: [[Int32]]
  /// Of the sequences in that order; nil = each token sees all before it.
  package let segments: Segments?

  /// - Parameter segments: of chosen and rejected sequences in turn.
  package init(pairs: [(chosen: [Int32], rejected: [Int32])], segments: Segments? = nil) {
    sequences = pairs.flatMap { [$0.chosen, $0.rejected] }
    precondition(!pairs.isEmpty, "a batch needs a pair")
    precondition(sequences.allSatisfy { !$0.isEmpty }, "a sequence needs a token")
    segments?.check(sequences)
    self.segments = segments
  }
}

/// Trains a model of preferences by −log σ(score(chosen) − score(rejected)), the mean over the pairs of a
/// batch (Bradley & Terry 1952). Bits as with `Trainer`: a shard is four pairs.
///
/// The loss does not depend on the bias: its gradient is exactly 0, and it stays where it is.
/// Not for two threads at a time.
package final class PreferenceTrainer {
  let lanes: GradientLanes
  let adam: AdamW

  package var configuration: ModelConfiguration { lanes.configuration }
  package var optimiser: OptimiserOptions { adam.options }
  /// Updates made so far, those before a resumption included.
  package var stepsTaken: Int { adam.stepsTaken }

  package convenience init(
    model: ScalarModel, optimiser: OptimiserOptions = OptimiserOptions(), backend: Backend = .own,
    threads: Int = 1
  ) {
    self.init(
      model: model, optimiser: optimiser, engine: Engine(backend: backend), threads: threads)
  }

  package init(model: ScalarModel, optimiser: OptimiserOptions, engine: Engine, threads: Int) {
    lanes = GradientLanes(model, engine: engine, threads: threads)
    adam = AdamW(lanes.tensors, of: lanes.values, options: optimiser)
    lanes.pack()
  }

  /// The model as it is now.
  package var model: ScalarModel {
    ScalarModel(configuration: configuration, parameters: lanes.values.array)
  }

  /// One update: loss and gradient of the batch, clipping, AdamW at this learning rate.
  ///
  /// A loss or a gradient that is not finite leaves weights, moments and the count of steps as they were.
  package func step(_ batch: PreferenceBatch, learningRate: Float) -> StepReport {
    let loss = accumulateGradient(of: batch)
    let norm = lanes.reduce()
    guard loss.isFinite, norm.isFinite else {
      let inputs = batch.sequences.indices.map { ($0, batch.sequences[$0][...]) }
      return StepReport(
        loss: loss, gradientNorm: norm,
        divergence: lanes.divergence(loss: loss, inputs: inputs, batch.segments))
    }
    adam.update(
      lanes.gradient, norm: norm, learningRate: Double(learningRate), engine: lanes.engine,
      pool: lanes.pool)
    lanes.pack()
    return StepReport(loss: loss, gradientNorm: norm)
  }

  /// Loss and gradient (flat, as `ScalarModel.parameters`) of a batch; the model stays as it is.
  package func gradient(of batch: PreferenceBatch) -> (loss: Double, gradient: [Float]) {
    let loss = accumulateGradient(of: batch)
    _ = lanes.reduce()
    return (loss, lanes.gradientArray)
  }

  private func accumulateGradient(of batch: PreferenceBatch) -> Double {
    let shards = GradientLanes.shards(of: batch.sequences.count)
    let costs = shards.map { batch.sequences[$0].reduce(0) { $0 + $1.count } }
    return lanes.accumulate(costs: costs) { index, tape, decoder in
      var packed = PackedSequences()
      for member in shards[index] {
        packed.append(batch.sequences[member], member: member, segments: batch.segments)
      }
      let ends = zip(packed.starts, packed.lengths).map { $0 + $1 - 1 }
      let x = tape.gather(decoder.residualStream(packed, on: tape), rows: ends)
      let loss = tape.pairwiseLogistic(
        decoder.logits(x, on: tape), scale: 2 / Double(batch.sequences.count))
      tape.backward()
      return loss
    }
  }
}

extension PreferenceTrainer {
  /// Everything that a later trainer needs to go on with the same bits.
  package func resumeBytes() -> [UInt8] {
    adam.resumeBytes(heads: configuration.heads)
  }

  /// Goes on where `resumeBytes` was taken.
  package convenience init(
    resuming bytes: [UInt8], backend: Backend = .own, threads: Int = 1
  ) throws(SafetensorsError) {
    try self.init(resuming: bytes, engine: Engine(backend: backend), threads: threads)
  }

  package convenience init(
    resuming bytes: [UInt8], engine: Engine, threads: Int
  ) throws(SafetensorsError) {
    let file = try Safetensors(parsing: bytes)
    self.init(
      model: try ScalarModel(reading: file), optimiser: try AdamW.options(of: file),
      engine: engine, threads: threads)
    try adam.resume(from: file)
  }
}
