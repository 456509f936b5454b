import Determinism
import TensorCore
import Testing

@testable import Transformers

struct `A model of preferences` {
  static let options = OptimiserOptions(weightDecay: 0.05, clip: 0.5)
  let model = ScalarModel(trunk: Fixture.model(), seed: 4)

  /// Sequences with more even than odd tokens are preferred.
  static func batch(_ pairs: Int, seed: UInt64) -> PreferenceBatch {
    func evens(_ sequence: [Int32]) -> Int { sequence.count { $0.isMultiple(of: 2) } }
    let sequences = Fixture.sequences(2 * pairs, lengths: 12...12, seed: seed)
    return PreferenceBatch(
      pairs: (0..<pairs).map { pair in
        let (a, b) = (sequences[2 * pair], sequences[2 * pair + 1])
        return evens(a) > evens(b) ? (a, b) : (b, a)
      })
  }

  private static func train(_ trainer: PreferenceTrainer, steps: Range<Int>) -> [StepReport] {
    steps.map { trainer.step(batch(19, seed: UInt64($0)), learningRate: 3e-3) }
  }

  @Test func `scores a sequence by its last position, whatever its company`() {
    let sequences = Fixture.sequences(21, lengths: 1...24, seed: 2)
    let scores = model.scores(of: sequences)
    for threads in 2...3 { #expect(model.scores(of: sequences, threads: threads) == scores) }
    for family in KernelFamily.supported {
      #expect(model.scores(of: sequences, engine: Engine(family: family), threads: 2) == scores)
    }
    // Its trunk is a decoder's: the same residual stream, another head.
    let trunk = Fixture.model()
    let site = ActivationSite.residualPost(1)
    let x = trunk.activations(of: sequences, at: sequences.map { $0.count - 1 }, sites: [site])
    let weight = model.tensor("score.weight")!
    #expect(weight.shape == [1, 20])
    for (index, sequence) in sequences.enumerated() {
      let row = x[site]![index * 20..<(index + 1) * 20].map { Double($0) }
      let normal = Reference.layerNorm(
        row, trunk.tensor("transformer.ln_f.weight")!.values.map { Double($0) },
        trunk.tensor("transformer.ln_f.bias")!.values.map { Double($0) })
      let score = zip(normal, weight.values).reduce(0) { $0 + $1.0 * Double($1.1) }
      #expect(abs(Double(scores[index]) - score) < 1e-5)
      #expect(model.scores(of: [sequence]) == [scores[index]])
    }
    let centred = model.centred(on: scores).scores(of: sequences)
    #expect(abs(centred.reduce(0, +)) < 1e-4)
    #expect(zip(centred, scores).allSatisfy { abs($0 - $1 - (centred[0] - scores[0])) < 1e-5 })
  }

  @Test func `has the loss of its margins, and no gradient for its bias`() {
    let batch = Self.batch(11, seed: 3)
    let scores = model.scores(of: batch.sequences).map { Double($0) }
    let losses = stride(from: 0, to: scores.count, by: 2).map {
      Elementary.log(1 + Elementary.exp(scores[$0 + 1] - scores[$0]))
    }
    let (loss, gradient) = PreferenceTrainer(model: model).gradient(of: batch)
    #expect(abs(loss - losses.reduce(0, +) / 11) < 1e-9)
    #expect(gradient.last == 0 && gradient[gradient.count - 2] != 0)
  }

  @Test func `has a gradient that finite differences of its loss confirm`() {
    let configuration = ModelConfiguration(
      vocabulary: 11, context: 8, dModel: 12, layers: 1, heads: 2)
    let model = ScalarModel(trunk: Fixture.model(configuration), seed: 4)
    let sequences = Fixture.sequences(10, lengths: 1...8, vocabulary: 11)
    let batch = PreferenceBatch(pairs: (0..<5).map { (sequences[$0], sequences[$0 + 5]) })
    let (_, gradient) = PreferenceTrainer(model: model).gradient(of: batch)
    expectSlopes(of: model, match: gradient) {
      PreferenceTrainer(model: $0).gradient(of: batch).loss
    }
  }

  @Test func `learns what is preferred`() {
    let trainer = PreferenceTrainer(
      model: ScalarModel(trunk: Model(Fixture.configuration, seed: 3), seed: 3), threads: 2)
    let reports = (0..<60).map {
      trainer.step(Self.batch(32, seed: UInt64($0)), learningRate: 3e-3)
    }
    #expect(abs(reports[0].loss - 0.693) < 0.05)
    let fresh = Self.batch(200, seed: 1000)
    let scores = trainer.model.scores(of: fresh.sequences)
    let right = stride(from: 0, to: 400, by: 2).count { scores[$0] > scores[$0 + 1] }
    // Chance is 100 of 200, with a standard error of 7.
    #expect(right > 150, "\(right) of 200 pairs in the right order")
  }

  @Test func `is trained to the same bits on any threads, instruction set and after a resumption`()
    throws
  {
    let whole = PreferenceTrainer(model: model, optimiser: Self.options)
    let reports = Self.train(whole, steps: 0..<8)
    let bits = whole.model.parameters.bitPatterns
    for threads in 2...4 {
      let other = PreferenceTrainer(model: model, optimiser: Self.options, threads: threads)
      #expect(Self.train(other, steps: 0..<8) == reports)
      #expect(other.model.parameters.bitPatterns == bits, "\(threads) threads")
    }
    for family in KernelFamily.supported {
      let other = PreferenceTrainer(
        model: model, optimiser: Self.options, engine: Engine(family: family), threads: 2)
      _ = Self.train(other, steps: 0..<8)
      #expect(other.model.parameters.bitPatterns == bits, "\(family)")
    }
    let first = PreferenceTrainer(model: model, optimiser: Self.options, threads: 2)
    _ = Self.train(first, steps: 0..<3)
    let second = try PreferenceTrainer(resuming: first.resumeBytes())
    #expect(second.stepsTaken == 3 && second.optimiser == Self.options)
    _ = Self.train(second, steps: 3..<8)
    #expect(second.model.parameters.bitPatterns == bits)
    #expect(Digest(of: second.resumeBytes()) == Digest(of: whole.resumeBytes()))
  }

  @Test func `is written and read again, and is not mistaken for a decoder`() throws {
    let bytes = model.safetensors(metadata: ["name": "toy"])
    #expect(try ScalarModel(safetensors: bytes) == model)
    #expect(throws: SafetensorsError.unexpectedTensor("score.weight")) {
      try Model(safetensors: bytes)
    }
    #expect(throws: SafetensorsError.unexpectedTensor("lm_head.weight")) {
      try ScalarModel(safetensors: Fixture.model().safetensors())
    }
    #expect(throws: SafetensorsError.missingTensor("lm_head.weight")) {
      try Trainer(resuming: PreferenceTrainer(model: model).resumeBytes())
    }
  }

  @Test func `that diverges is not changed, and says where`() {
    var model = model
    let tensor = model.tensors.first { $0.name == "transformer.h.1.mlp.c_proj.weight" }!
    for index in tensor.range { model.parameters[index] = 3e38 }
    let trainer = PreferenceTrainer(model: model)
    let report = trainer.step(Self.batch(9, seed: 3), learningRate: 1e-3)
    #expect(report.divergence == .activations(.residualPost(1)))
    #expect(trainer.stepsTaken == 0 && trainer.model == model)
  }
}
