import Determinism
import Probing
import Transformers

/// A small model trained, sampled and probed under given conditions: what the determinism table hashes.
///
/// Every kind of arithmetic that a recorded value comes from is in it, at sizes that are no multiple of a
/// vector: ragged batches with weights between 0 and 1, decay, clipping, a warm-up, a key-value cache,
/// activations in groups, a mean difference and a Newton fit; attention by class, log-probabilities, a low-rank
/// update held to a reference, preferences.
package struct DeterminismTrial: Sendable {
  package let conditions: KernelConditions

  /// nil for a backend or kernel family that there is not, or that this machine cannot run.
  ///
  /// - Parameter family: nil for the fastest.
  package init?(backend: String = "own", family: String? = nil, threads: Int = 1) {
    guard let conditions = KernelConditions(backend: backend, family: family, threads: threads)
    else { return nil }
    self.conditions = conditions
  }

  /// Kernel families that this machine can run, slowest first.
  package static var families: [String] { KernelConditions.families }

  /// Raised when what is computed changes: hashes of different editions are not compared. Edition 2 has more
  /// hashes than edition 1, and the same ones of the same names.
  package static let edition = 2

  static let configuration = ModelConfiguration(
    vocabulary: 53, context: 24, dModel: 36, layers: 2, heads: 3)
  static let steps = 6
  static let seed: UInt64 = 2024

  package func perform() -> DeterminismHashes {
    let trainer = Trainer(
      model: Model(Self.configuration, seed: Self.seed),
      optimiser: OptimiserOptions(weightDecay: 0.1, clip: 0.5), engine: conditions.engine,
      threads: conditions.threads)
    let schedule = Schedule(warmup: 2, total: Self.steps, peak: 1e-2, finalShare: 0.1)
    for step in 0..<Self.steps {
      _ = trainer.step(Self.batch(step), learningRate: schedule.rate(at: step))
    }
    let (weights, first, second) = trainer.digests
    let model = trainer.model
    let prompts = Self.sequences(22, 2...14, "prompts")
    let samples = model.continuations(
      of: prompts, maximumTokens: 9, temperature: 0.8, stop: 7, seed: Self.seed, stream: "sample",
      engine: conditions.engine, threads: conditions.threads)
    let (activations, sites) = activations(of: model)
    var hasher = Digest.Hasher()
    for direction in Self.directions(activations, sites: sites) {
      hasher.update((direction.vector + [direction.offset]).flatMap(\.bigEndianBytes))
    }
    return DeterminismHashes(
      weights: weights, firstMoments: first, secondMoments: second,
      samples: Digest(of: .array(samples.map { .array($0.map { JSON(Int($0)) }) })),
      activations: Digest(ofPatterns: sites.flatMap { activations[$0]! }),
      directions: hasher.finish(), segments: segments(model, prompts),
      logProbabilities: logProbabilities(model), lowRank: lowRank(of: model),
      preferences: preferences(model))
  }

  /// A bottleneck: the first class is seen by the third only, which is seen by the fourth.
  private static func segments(_ sequences: [[Int32]]) -> Segments {
    Segments(
      classes: sequences.map { $0.indices.map { UInt8(min($0 / 4, 3)) } },
      seen: [[0], [1], [0, 1, 2], [1, 2, 3]])
  }

  /// Sampled tokens, and logits of prompts, where tokens see some classes only.
  private func segments(_ model: Model, _ prompts: [[Int32]]) -> Digest {
    let segments = Self.segments(prompts)
    let logits = model.logits(
      of: prompts, at: nil, engine: conditions.engine, threads: conditions.threads,
      segments: segments)
    let samples = model.continuations(
      of: prompts, maximumTokens: 9, temperature: 0.8, stop: 7, seed: Self.seed,
      stream: "segments", engine: conditions.engine, threads: conditions.threads,
      segments: segments, continuationClass: 3)
    return Digest(
      ofPatterns: logits + samples.flatMap { [Float($0.count)] + $0.map { Float($0) } })
  }

  /// Of tokens, and the divergence from a fresh model.
  private func logProbabilities(_ model: Model) -> Digest {
    let sequences = Self.sequences(40, 3...25, "spoken")
    let starts = sequences.map { $0.count / 2 }
    let found = model.logProbabilities(
      of: sequences, from: starts, engine: conditions.engine, threads: conditions.threads)
    let divergence = model.meanKL(
      to: Model(Self.configuration, seed: Self.seed), on: sequences, from: starts,
      engine: conditions.engine, threads: conditions.threads)
    return Digest(of: (found.flatMap(\.self) + [divergence]).flatMap(\.bigEndianBytes))
  }

  /// Trained with weights of either sign, segments and a penalty.
  private func lowRank(of model: Model) -> Digest {
    let trainer = Trainer(
      model: model, optimiser: OptimiserOptions(weightDecay: 0.1, clip: 0.5),
      lowRank: LowRankOptions(rank: 3, alpha: 5, seed: Self.seed), engine: conditions.engine,
      threads: conditions.threads)
    trainer.reference = model
    for step in 0..<3 {
      var batch = Self.batch(step)
      batch.weights = batch.weights.map { $0.map { $0 - 0.5 } }
      batch.penalties = batch.weights.map { $0.map(\.magnitude) }
      batch.segments = Self.segments(batch.sequences)
      _ = trainer.step(batch, learningRate: 1e-2, normaliser: 100)
    }
    return trainer.model.digest
  }

  private func preferences(_ model: Model) -> Digest {
    let trainer = PreferenceTrainer(
      model: ScalarModel(trunk: model, seed: Self.seed),
      optimiser: OptimiserOptions(weightDecay: 0.1, clip: 0.5), engine: conditions.engine,
      threads: conditions.threads)
    for step in 0..<3 {
      let sequences = Self.sequences(22, 2...24, "preferred/\(step)")
      let batch = PreferenceBatch(
        pairs: stride(from: 0, to: 22, by: 2).map { (sequences[$0], sequences[$0 + 1]) })
      _ = trainer.step(batch, learningRate: 1e-2)
    }
    return trainer.model.digest
  }

  /// Of forty sequences at their ends, in the order of the sites.
  private func activations(
    of model: Model
  ) -> (values: [ActivationSite: [Float]], sites: [ActivationSite]) {
    let sequences = Self.sequences(40, 3...24, "probed")
    let sites: [ActivationSite] = [.residualPre(0), .residualMid(0), .residualPost(1)]
    let values = model.activations(
      of: sequences, at: sequences.map { $0.count - 1 }, sites: sites, engine: conditions.engine,
      threads: conditions.threads)
    return (values, sites)
  }

  /// The first half of the sequences against the second, at every site.
  private static func directions(
    _ activations: [ActivationSite: [Float]], sites: [ActivationSite]
  ) -> [Direction] {
    sites.flatMap { site in
      let all = Activations(width: configuration.dModel, floats: activations[site]!)
      let (positive, negative) = (all.rows(0..<20), all.rows(20..<40))
      return [
        MeanDifference(positive: positive, negative: negative).fitted(),
        LogisticRegression(positive: positive, negative: negative).fitted(),
      ]
    }
  }

  private static func batch(_ step: Int) -> TokenBatch {
    let sequences = sequences(19, 2...25, "batch/\(step)")
    var stream = RandomStream(seed: seed, "weights", UInt64(step))
    return TokenBatch(
      sequences: sequences,
      weights: sequences.map { $0.map { _ in [0, 0.5, 1, 1][stream.below(4)] } })
  }

  private static func sequences(
    _ count: Int, _ lengths: ClosedRange<Int>, _ name: String
  ) -> [[Int32]] {
    var stream = RandomStream(seed: seed, name)
    return (0..<count).map { _ in
      (0..<lengths.lowerBound + stream.below(lengths.count)).map { _ in
        Int32(stream.below(configuration.vocabulary))
      }
    }
  }
}

/// SHA-256 of what a trial computed.
package struct DeterminismHashes: Equatable, Sendable {
  package let weights: Digest
  package let firstMoments: Digest
  package let secondMoments: Digest
  /// Token ids.
  package let samples: Digest
  package let activations: Digest
  /// Of probes: mean difference and logistic regression.
  package let directions: Digest
  /// Of logits and tokens where attention is by class.
  package let segments: Digest
  /// Of tokens, and a divergence between models.
  package let logProbabilities: Digest
  /// A model with a low-rank update, trained by everything that a batch can have.
  package let lowRank: Digest
  /// A model of preferences.
  package let preferences: Digest

  package init(
    weights: Digest, firstMoments: Digest, secondMoments: Digest, samples: Digest,
    activations: Digest, directions: Digest, segments: Digest, logProbabilities: Digest,
    lowRank: Digest, preferences: Digest
  ) {
    self.weights = weights
    self.firstMoments = firstMoments
    self.secondMoments = secondMoments
    self.samples = samples
    self.activations = activations
    self.directions = directions
    self.segments = segments
    self.logProbabilities = logProbabilities
    self.lowRank = lowRank
    self.preferences = preferences
  }

  /// In the order in which they are shown.
  package static let names = [
    "weights", "first_moments", "second_moments", "samples", "activations", "directions",
    "segments", "log_probabilities", "low_rank", "preferences",
  ]

  package var named: [(name: String, digest: Digest)] {
    Array(
      zip(
        Self.names,
        [
          weights, firstMoments, secondMoments, samples, activations, directions, segments,
          logProbabilities, lowRank, preferences,
        ]))
  }
}
