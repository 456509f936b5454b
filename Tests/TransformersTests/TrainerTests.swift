import Determinism
import TensorCore
import Testing

@testable import Transformers

struct `A training of twenty steps` {
  @Test(arguments: Backend.allCases)
  func `comes out the same bit for bit on one to five threads`(backend: Backend) {
    func outcome(_ threads: Int) -> ([StepReport], FloatBits) {
      let trainer = Trainer(model: Fixture.model(), backend: backend, threads: threads)
      return (Fixture.train(trainer), trainer.model.parameters.bitPatterns)
    }
    let one = outcome(1)
    #expect(one.0.last!.loss < one.0.first!.loss)
    for threads in 2...5 {
      let other = outcome(threads)
      #expect(other.0 == one.0, "\(threads) threads")
      #expect(other.1 == one.1, "\(threads) threads")
    }
  }

  @Test func `comes out the same bit for bit on every instruction set`() {
    let digests = KernelFamily.supported.map { family in
      let trainer = Trainer(
        model: Fixture.model(), optimiser: OptimiserOptions(), engine: Engine(family: family),
        threads: 2)
      _ = Fixture.train(trainer)
      return trainer.model.digest
    }
    #expect(Set(digests).count == 1)
  }

  @Test(arguments: [1, 7, 19])
  func `comes out the same when it was cut and resumed`(cut: Int) throws {
    let options = OptimiserOptions(weightDecay: 0.05, clip: 0.3)
    let whole = Trainer(model: Fixture.model(), optimiser: options)
    let reports = Fixture.train(whole)
    let first = Trainer(model: Fixture.model(), optimiser: options, threads: 2)
    var pieces = Fixture.train(first, steps: 0..<cut)
    let second = try Trainer(resuming: first.resumeBytes(), threads: 1)
    #expect(second.optimiser == options)
    #expect(second.stepsTaken == cut)
    pieces += Fixture.train(second, steps: cut..<20)
    #expect(pieces == reports)
    #expect(second.model.parameters.bitPatterns == whole.model.parameters.bitPatterns)
    #expect(Digest(of: second.resumeBytes()) == Digest(of: whole.resumeBytes()))
  }

  @Test func `is close with either backend`() {
    let models = Backend.allCases.map { backend in
      let trainer = Trainer(model: Fixture.model(), backend: backend)
      return (Fixture.train(trainer), trainer.model)
    }
    for (ours, theirs) in zip(models[0].0, models[1].0) {
      // Adam magnifies rounding where gradients are near 0; over 20 steps it stays far below 1e-3.
      #expect(abs(ours.loss - theirs.loss) < 1e-3)
    }
  }
}

struct `A training step` {
  @Test func `has the loss of the weighted targets and nothing else`() {
    let model = Fixture.model()
    let batch = Fixture.batch(19, seed: 3)
    let (loss, _) = Trainer(model: model).gradient(of: batch)
    let inputs = batch.sequences.map { Array($0.dropLast()) }
    let logits = model.logits(of: inputs, at: inputs.map { Array($0.indices) })
    let vocabulary = model.configuration.vocabulary
    var (total, weight, row) = (0.0, 0.0, 0)
    for (sequence, weights) in zip(batch.sequences, batch.weights) {
      for position in 1..<sequence.count {
        let values = logits[row * vocabulary..<(row + 1) * vocabulary].map { Double($0) }
        let normaliser = Elementary.log(values.reduce(0) { $0 + Elementary.exp($1) })
        let cost = normaliser - values[Int(sequence[position])]
        total += Double(weights[position]) * cost
        weight += Double(weights[position])
        row += 1
      }
    }
    #expect(abs(loss - total / weight) < 1e-5)
  }

  @Test func `does not depend on what follows the last target, or on the first token's weight`() {
    var batch = Fixture.batch(9, seed: 4)
    let trainer = Trainer(model: Fixture.model())
    let (loss, gradient) = trainer.gradient(of: batch)
    for index in batch.sequences.indices {
      batch.sequences[index] += [0, 1, 2]
      batch.weights[index] += [0, 0, 0]
      batch.weights[index][0] = 5
    }
    let longer = trainer.gradient(of: batch)
    #expect(longer.loss == loss)
    #expect(longer.gradient.bitPatterns == gradient.bitPatterns)
  }

  @Test func `has a gradient that finite differences of its loss confirm`() {
    let configuration = ModelConfiguration(
      vocabulary: 11, context: 8, dModel: 12, layers: 1, heads: 2)
    let model = Fixture.model(configuration)
    let batch = TokenBatch(
      sequences: Fixture.sequences(6, lengths: 2...9, vocabulary: 11),
      weights: Fixture.sequences(6, lengths: 2...9, vocabulary: 11).map { $0.map { _ in 1 } })
    let (_, gradient) = Trainer(model: model).gradient(of: batch)
    expectSlopes(of: model, match: gradient) {
      Trainer(model: $0).gradient(of: batch).loss
    }
  }

  @Test func `decays two-dimensional tensors only`() {
    let model = Fixture.model()
    let batch = Fixture.batch(8, seed: 1)
    func trained(_ decay: Double) -> [Float] {
      let trainer = Trainer(model: model, optimiser: OptimiserOptions(weightDecay: decay))
      _ = trainer.step(batch, learningRate: 0.01)
      return trainer.model.parameters
    }
    let (plain, decayed) = (trained(0), trained(0.5))
    for tensor in model.configuration.tensors {
      for index in tensor.range {
        let expected = tensor.shape.count == 2 ? model.parameters[index] * 0.01 * 0.5 : 0
        guard abs(plain[index] - decayed[index] - expected) < 1e-6 else {
          Issue.record("\(tensor.name): element \(index)")
          return
        }
      }
    }
  }

  @Test func `clips the norm of the whole gradient, and reports it unclipped`() {
    let batch = Fixture.batch(8, seed: 2)
    let trainer = Trainer(
      model: Fixture.model(), optimiser: OptimiserOptions(weightDecay: 0, clip: 1e-3))
    let (_, gradient) = trainer.gradient(of: batch)
    let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let report = trainer.step(batch, learningRate: 0)
    #expect(abs(report.gradientNorm - norm) < 1e-9 * norm)
    let scale = 1e-3 / (norm + 1e-6)
    for (moment, slope) in zip(trainer.adam.first.array, gradient) {
      guard abs(Double(moment) - 0.1 * scale * Double(slope)) < 1e-9 else {
        Issue.record("first moment \(moment) of gradient \(slope)")
        return
      }
    }
  }

  @Test func `without a weighted target is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      let batch = TokenBatch(sequences: [[1, 2, 3]], weights: [[1, 0, 0]])
      _ = Trainer(model: Fixture.model()).step(batch, learningRate: 0.1)
    }
  }
}

struct `A learning rate schedule` {
  @Test func `warms up, decays linearly to its share and stays there`() {
    let schedule = Schedule(warmup: 4, total: 14, peak: 1, finalShare: 0.2)
    #expect((0..<4).map { schedule.rate(at: $0) } == [0.2, 0.4, 0.6, 0.8])
    #expect(schedule.rate(at: 4) == 1)
    #expect(abs(schedule.rate(at: 9) - 0.6) < 1e-6)
    #expect(schedule.rate(at: 14) == 0.2 && schedule.rate(at: 1000) == 0.2)
  }

  @Test func `is constant with a final share of one`() {
    let schedule = Schedule(total: 10, peak: 0.5, finalShare: 1)
    #expect([0, 5, 10, 20].allSatisfy { schedule.rate(at: $0) == 0.5 })
  }
}

struct `A fresh model` {
  @Test func `has normal weights of deviation 0.02, unit gains and zero biases`() {
    let configuration = ModelConfiguration(
      vocabulary: 137, context: 64, dModel: 64, layers: 2, heads: 4)
    let model = Model(configuration, seed: 9)
    for tensor in configuration.tensors {
      let values = model.parameters[tensor.range].map { Double($0) }
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      if tensor.shape.count == 2 {
        // Standard errors: 0.02/√n of the mean, 0.02/√(2n) of the deviation; five of them.
        let error = 0.02 / Double(values.count).squareRoot()
        #expect(abs(mean) < 5 * error, "\(tensor.name)")
        #expect(abs(square.squareRoot() - 0.02) < 5 * error, "\(tensor.name)")
      } else {
        let isGain = tensor.name.contains("ln_") && tensor.name.hasSuffix("weight")
        #expect(values.allSatisfy { $0 == (isGain ? 1 : 0) }, "\(tensor.name)")
      }
    }
    #expect(Model(configuration, seed: 9) == model)
    #expect(Model(configuration, seed: 10) != model)
  }
}
