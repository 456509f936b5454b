import Determinism
import TensorCore
import Testing

@testable import Transformers

/// Header 0, task 1, the prompt's last token 2, response 3: what the response knows of the header must have
/// passed through the prompt's last token.
struct SegmentsTests {
  static let seen: [Set<UInt8>] = [[0], [1], [0, 1, 2], [1, 2, 3]]
  static let prompt = 9
  let model = Fixture.model()

  static func segments(_ sequences: [[Int32]], seen: [Set<UInt8>] = seen) -> Segments {
    Segments(
      classes: sequences.map { $0.indices.map { $0 < 4 ? 0 : $0 < 8 ? 1 : $0 == 8 ? 2 : 3 } },
      seen: seen)
  }

  static func batch(seed: UInt64, seen: [Set<UInt8>] = seen) -> TokenBatch {
    var batch = Fixture.batch(21, seed: seed)
    batch.segments = segments(batch.sequences, seen: seen)
    return batch
  }

  @Test func `in which all is seen change no bit of anything`() {
    let all: [Set<UInt8>] = Array(repeating: [0, 1, 2, 3], count: 4)
    let sequences = Fixture.sequences(19, lengths: 1...24, seed: 3)
    let segments = Self.segments(sequences, seen: all)
    #expect(
      model.logits(of: sequences, segments: segments).bitPatterns
        == model.logits(of: sequences).bitPatterns)
    #expect(
      model.continuations(
        of: sequences, maximumTokens: 9, temperature: 1, segments: segments, continuationClass: 3)
        == model.continuations(of: sequences, maximumTokens: 9, temperature: 1))
    let trainer = Trainer(model: model)
    #expect(
      trainer.gradient(of: Self.batch(seed: 4, seen: all)).gradient.bitPatterns
        == trainer.gradient(of: Fixture.batch(21, seed: 4)).gradient.bitPatterns)
  }

  @Test func `hide the header from all but the prompt's last token`() {
    let sequences = Fixture.sequences(12, lengths: 14...24, seed: 5)
    var others = sequences
    for index in others.indices {
      for position in 0..<4 { others[index][position] = (others[index][position] + 7) % 41 }
    }
    let segments = Self.segments(sequences)
    let sites = (0..<2).flatMap { [ActivationSite.residualMid($0), .residualPost($0)] }
    func read(_ sequences: [[Int32]], at position: Int) -> [ActivationSite: FloatBits] {
      model.activations(
        of: sequences, at: sequences.map { _ in position }, sites: sites, segments: segments
      ).mapValues(\.bitPatterns)
    }
    for position in 4..<8 {
      #expect(read(sequences, at: position) == read(others, at: position), "task \(position)")
    }
    let (here, there) = (read(sequences, at: 8), read(others, at: 8))
    #expect(sites.allSatisfy { here[$0] != there[$0] }, "the last token of the prompt")
    // A response hears of the header through that token: not in the first block, in the second.
    for position in 9..<14 {
      let (here, there) = (read(sequences, at: position), read(others, at: position))
      #expect(here[.residualPost(0)] == there[.residualPost(0)], "response \(position)")
      #expect(here[.residualPost(1)] != there[.residualPost(1)], "response \(position)")
    }
  }

  @Test func `hold in sampling as in a whole pass, and in log-probabilities`() {
    let prompts = Fixture.sequences(17, lengths: Self.prompt...Self.prompt, seed: 6)
    let found = model.continuations(
      of: prompts, maximumTokens: 10, temperature: 0, segments: Self.segments(prompts),
      continuationClass: 3)
    let whole = zip(prompts, found).map { $0 + $1 }
    let logits = model.logits(
      of: whole, at: whole.map { Array(Self.prompt - 1..<$0.count - 1) },
      segments: Self.segments(whole))
    let vocabulary = model.configuration.vocabulary
    var row = 0
    for continuation in found {
      #expect(continuation.count == 10)
      for token in continuation {
        let values = logits[row * vocabulary..<(row + 1) * vocabulary]
        #expect(values[values.startIndex + Int(token)] > values.max()! - 1e-4)
        row += 1
      }
    }
    let plain = model.continuations(of: prompts, maximumTokens: 10, temperature: 0)
    #expect(plain != found, "the mask matters here")
    for threads in 2...3 {
      #expect(
        model.continuations(
          of: prompts, maximumTokens: 10, temperature: 0, threads: threads,
          segments: Self.segments(prompts), continuationClass: 3) == found)
    }
    let spoken = model.logProbabilities(
      of: whole, from: whole.map { _ in Self.prompt }, segments: Self.segments(whole))
    let first = logits[..<vocabulary].map { Double($0) }
    let normaliser = Elementary.log(first.reduce(0) { $0 + Elementary.exp($1) })
    #expect(abs(spoken[0][0] - (first[Int(found[0][0])] - normaliser)) < 1e-12)
  }

  @Test func `have a gradient that finite differences of the loss confirm`() {
    let configuration = ModelConfiguration(
      vocabulary: 11, context: 12, dModel: 12, layers: 2, heads: 2)
    let model = Fixture.model(configuration)
    let sequences = Fixture.sequences(6, lengths: 10...13, vocabulary: 11)
    let batch = TokenBatch(sequences: sequences, segments: Self.segments(sequences))
    let (_, gradient) = Trainer(model: model).gradient(of: batch)
    expectSlopes(of: model, match: gradient, step: 1e-3, tolerance: 3e-3) {
      Trainer(model: $0).gradient(of: batch).loss
    }
  }

  @Test func `in training give the same bits on any threads and instruction set`() {
    func train(_ engine: Engine, threads: Int) -> FloatBits {
      let trainer = Trainer(
        model: model, optimiser: OptimiserOptions(), engine: engine, threads: threads)
      for step in 0..<5 { _ = trainer.step(Self.batch(seed: UInt64(step)), learningRate: 3e-3) }
      return trainer.model.parameters.bitPatterns
    }
    let bits = train(Engine(), threads: 1)
    for threads in 2...4 { #expect(train(Engine(), threads: threads) == bits) }
    for family in KernelFamily.supported {
      #expect(train(Engine(family: family), threads: 2) == bits, "\(family)")
    }
  }

  @Test func `that do not fit their sequences are a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      _ = Fixture.model().logits(
        of: [[1, 2]], segments: Segments(classes: [[0]], seen: [[0]]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Fixture.model().logits(
        of: [[1, 2]], segments: Segments(classes: [[0, 1]], seen: [[0]]))
    }
  }
}

struct PenaltyTests {
  let model = Fixture.model()

  private func penalised(_ batch: TokenBatch, _ weight: Float) -> TokenBatch {
    var batch = batch
    batch.penalties = batch.sequences.map { $0.map { _ in weight } }
    return batch
  }

  @Test func `by a model itself change neither loss nor gradient`() {
    let batch = TokenBatch(sequences: Fixture.sequences(11, lengths: 2...20, seed: 2))
    let trainer = Trainer(model: model)
    let plain = trainer.gradient(of: batch)
    trainer.reference = model
    let held = trainer.gradient(of: penalised(batch, 2))
    #expect(held.loss == plain.loss && held.gradient == plain.gradient)
  }

  @Test func `add their share of the mean divergence to the loss`() {
    let sequences = Fixture.sequences(11, lengths: 2...20, seed: 2)
    let reference = Fixture.model(seed: 2)
    let trainer = Trainer(model: model)
    trainer.reference = reference
    let batch = TokenBatch(
      sequences: sequences, weights: sequences.map { $0.map { _ in 0 } },
      penalties: sequences.map { $0.map { _ in 1 } })
    let count = sequences.reduce(0) { $0 + $1.count - 1 }
    let loss = trainer.gradient(of: batch, normaliser: Double(count)).loss
    let divergence = model.meanKL(to: reference, on: sequences, from: sequences.map { _ in 1 })
    #expect(abs(loss - divergence) < 1e-5)
  }

  @Test func `keep a model near its reference`() {
    let batch = Fixture.batch(23, seed: 9)
    let far = [Float(0), 3].map { weight in
      let trainer = Trainer(model: model, threads: 2)
      trainer.reference = model
      for _ in 0..<15 { _ = trainer.step(penalised(batch, weight), learningRate: 3e-3) }
      return trainer.model.meanKL(
        to: model, on: batch.sequences, from: batch.sequences.map { _ in 1 })
    }
    #expect(far[1] < far[0] / 2, "\(far)")
  }

  @Test func `need a reference`() async {
    await #expect(processExitsWith: .failure) {
      let batch = TokenBatch(sequences: [[1, 2]], weights: [[0, 1]], penalties: [[0, 1]])
      _ = Trainer(model: Fixture.model()).gradient(of: batch)
    }
  }
}
