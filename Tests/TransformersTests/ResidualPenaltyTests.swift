import Determinism
import TensorCore
import Testing

@testable import Transformers

/// A penalty on the residual stream, beside a loss on tokens or without one.
struct ResidualPenaltyTests {
  static let configuration = ModelConfiguration(
    vocabulary: 11, context: 12, dModel: 12, layers: 2, heads: 2)

  /// Nine sequences in two shards, every other one penalised; the last three without a weighted token.
  private func batch(_ site: ActivationSite, scale: Double = 0.3) -> TokenBatch {
    let sequences = Fixture.sequences(9, lengths: 6...10, vocabulary: 11)
    var batch = TokenBatch(
      sequences: sequences,
      weights: sequences.enumerated().map { index, tokens in tokens.map { _ in index < 6 ? 1 : 0 } }
    )
    var stream = RandomStream(seed: 5, "targets")
    let targets = (0..<2).map { _ in
      ProjectionTarget(
        direction: (0..<12).map { _ in Float(stream.normal()) }, offset: Float(stream.normal()))
    }
    batch.residualPenalties = [
      ResidualPenalty(
        site: site, positions: sequences.indices.map { $0.isMultiple(of: 2) ? 4 : nil },
        targets: targets, scale: scale)
    ]
    return batch
  }

  static let sites: [ActivationSite] = [
    .residualPre(0), .residualPost(0), .residualMid(1), .residualPost(1),
  ]

  @Test(arguments: sites)
  func `it has a gradient that finite differences of the loss confirm`(site: ActivationSite) {
    let model = Fixture.model(Self.configuration)
    let batch = batch(site)
    let (_, gradient) = Trainer(model: model).gradient(of: batch)
    expectSlopes(of: model, match: gradient, step: 1e-3, tolerance: 3e-3) {
      Trainer(model: $0).gradient(of: batch).loss
    }
  }

  @Test(arguments: sites)
  func `it is the squared distance of the activations that inference reads`(site: ActivationSite) {
    let model = Fixture.model(Self.configuration)
    let batch = batch(site)
    var plain = batch
    plain.residualPenalties = []
    let penalty = batch.residualPenalties[0]
    let chosen = batch.sequences.indices.filter { penalty.positions[$0] != nil }
    let read = model.activations(
      of: chosen.map { batch.sequences[$0] }, at: chosen.map { penalty.positions[$0]! },
      sites: [site])[site]!
    var expected = 0.0
    for row in chosen.indices {
      for target in penalty.targets {
        var product = 0.0
        for (column, weight) in target.direction.enumerated() {
          product += Double(read[12 * row + column]) * Double(weight)
        }
        let distance = product - Double(target.offset)
        expected += penalty.scale * distance * distance
      }
    }
    let trainer = Trainer(model: model)
    let found = trainer.gradient(of: batch).loss - trainer.gradient(of: plain).loss
    #expect(abs(found - expected) < 1e-4 * (1 + expected))
  }

  @Test func `none of it is the loss without it, to the bit`() {
    let trainer = Trainer(model: Fixture.model(Self.configuration))
    var plain = batch(.residualPost(0))
    let nothing = trainer.gradient(of: batch(.residualPost(0), scale: 0))
    plain.residualPenalties = []
    let without = trainer.gradient(of: plain)
    #expect(without.loss == nothing.loss)
    #expect(without.gradient == nothing.gradient)
  }

  @Test func `training under it gives the same bits on any threads and instruction set`() {
    func train(_ engine: Engine, threads: Int) -> [Float] {
      let trainer = Trainer(
        model: Fixture.model(Self.configuration), optimiser: OptimiserOptions(), engine: engine,
        threads: threads)
      for _ in 0..<5 { _ = trainer.step(batch(.residualPost(0)), learningRate: 3e-3) }
      return trainer.model.parameters
    }
    let bits = train(Engine(), threads: 1)
    for threads in 2...4 { #expect(train(Engine(), threads: threads) == bits) }
    for family in KernelFamily.supported {
      #expect(train(Engine(family: family), threads: 2) == bits, "\(family)")
    }
  }

  @Test func `a place outside its sequence is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      var batch = TokenBatch(sequences: [[1, 2, 3]])
      batch.residualPenalties = [
        ResidualPenalty(
          site: .residualPost(0), positions: [3],
          targets: [ProjectionTarget(direction: [1], offset: 0)], scale: 1)
      ]
    }
  }
}
