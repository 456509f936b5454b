import TensorCore
import Testing

@testable import Transformers

struct `Weights of either sign` {
  /// A batch whose weights are those of a policy gradient: positive and negative, their sum near zero.
  static func batch(seed: UInt64) -> TokenBatch {
    var batch = Fixture.batch(23, seed: seed)
    for index in batch.weights.indices {
      let sign: Float = index.isMultiple(of: 2) ? -1.25 : 1
      batch.weights[index] = batch.weights[index].map { sign * $0 }
    }
    return batch
  }

  @Test func `with the sum as normaliser are what they were without one`() {
    let batch = Fixture.batch(23, seed: 3)
    let trainer = Trainer(model: Fixture.model())
    let (loss, gradient) = trainer.gradient(of: batch)
    let given = trainer.gradient(of: batch, normaliser: batch.totalWeight)
    #expect(given.loss == loss && given.gradient.bitPatterns == gradient.bitPatterns)
  }

  @Test func `turn loss and gradient round with them`() {
    let trainer = Trainer(model: Fixture.model(), threads: 2)
    let batch = Self.batch(seed: 5)
    var turned = batch
    turned.weights = batch.weights.map { $0.map { -$0 } }
    let (one, other) = (
      trainer.gradient(of: batch, normaliser: 40), trainer.gradient(of: turned, normaliser: 40)
    )
    #expect(one.loss == -other.loss && one.loss != 0)
    #expect(one.gradient == other.gradient.map { -$0 })
    // Half of the normaliser is twice the gradient, exactly.
    let doubled = trainer.gradient(of: batch, normaliser: 20)
    #expect(doubled.gradient == one.gradient.map { 2 * $0 })
  }

  @Test func `make their tokens more and less likely`() {
    let batch = Self.batch(seed: 6)
    let trainer = Trainer(model: Fixture.model())
    func sums(_ model: Model) -> [Double] {
      let starts = batch.sequences.map { _ in 1 }
      let found = model.logProbabilities(of: batch.sequences, from: starts)
      var sums = [0.0, 0.0]
      for (values, weights) in zip(found, batch.weights) {
        for (value, weight) in zip(values, weights.dropFirst()) where weight != 0 {
          sums[weight < 0 ? 0 : 1] += value
        }
      }
      return sums
    }
    let before = sums(trainer.model)
    for _ in 0..<5 {
      let report = trainer.step(batch, learningRate: 1e-3, normaliser: 100)
      #expect(report.divergence == nil)
    }
    let after = sums(trainer.model)
    #expect(after[0] < before[0] && after[1] > before[1])
  }

  @Test func `may all be zero where the normaliser is given`() {
    var batch = Fixture.batch(5, seed: 7)
    batch.weights = batch.weights.map { $0.map { _ in 0 } }
    let trainer = Trainer(model: Fixture.model())
    let report = trainer.step(batch, learningRate: 1e-3, normaliser: 1)
    #expect(report == StepReport(loss: 0, gradientNorm: 0))
    #expect(trainer.stepsTaken == 1)
  }

  @Test(arguments: [0, -1] as [Double])
  func `need a positive normaliser`(normaliser: Double) async {
    await #expect(processExitsWith: .failure) { [normaliser] in
      _ = Trainer(model: Fixture.model()).gradient(
        of: Fixture.batch(3, seed: 1), normaliser: normaliser)
    }
  }
}
