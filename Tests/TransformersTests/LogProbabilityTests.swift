import Determinism
import TensorCore
import Testing

@testable import Transformers

struct `Log-probabilities` {
  let model = Fixture.model()
  let sequences = Fixture.sequences(27, lengths: 1...25, seed: 8)
  /// The first token asked for: from the second one to none.
  var starts: [Int] {
    var stream = RandomStream(seed: 9, "starts")
    return sequences.map { 1 + stream.below($0.count) }
  }

  /// log softmax of the logits after each prefix, as one would write it.
  private func naive(_ model: Model, _ sequence: [Int32], from start: Int) -> [[Double]] {
    (start..<max(start, sequence.count)).map { position in
      let logits = model.logits(of: [Array(sequence[..<position])]).map { Double($0) }
      let normaliser = Elementary.log(logits.reduce(0) { $0 + Elementary.exp($1) })
      return logits.map { $0 - normaliser }
    }
  }

  @Test func `are the logarithms of the softmax at the token, one by one`() {
    let found = model.logProbabilities(of: sequences, from: starts)
    #expect(found.map(\.count) == zip(sequences, starts).map { $0.count - $1 })
    for (index, sequence) in sequences.enumerated() {
      let expected = naive(model, sequence, from: starts[index])
      for (offset, value) in found[index].enumerated() {
        let token = Int(sequence[starts[index] + offset])
        #expect(abs(value - expected[offset][token]) < 1e-12 && value < 0)
      }
    }
  }

  @Test func `do not depend on company, threads or instruction set`() {
    let together = model.logProbabilities(of: sequences, from: starts)
    for threads in 2...4 {
      #expect(model.logProbabilities(of: sequences, from: starts, threads: threads) == together)
    }
    for family in KernelFamily.supported {
      let other = model.logProbabilities(
        of: sequences, from: starts, engine: Engine(family: family), threads: 2)
      #expect(other == together, "\(family)")
    }
    for index in sequences.indices {
      let alone = model.logProbabilities(of: [sequences[index]], from: [starts[index]])
      #expect(alone == [together[index]], "sequence \(index)")
    }
    #expect(model.logProbabilities(of: [], from: []).isEmpty)
  }

  @Test func `add up to the loss of a training batch`() {
    let batch = Fixture.batch(19, seed: 3)
    let found = model.logProbabilities(of: batch.sequences, from: batch.sequences.map { _ in 1 })
    var total = 0.0
    for (values, weights) in zip(found, batch.weights) {
      for (value, weight) in zip(values, weights.dropFirst()) { total -= value * Double(weight) }
    }
    let loss = Trainer(model: model).gradient(of: batch).loss
    #expect(abs(loss - total / batch.totalWeight) < 1e-6)
  }

  @Test func `of two models give the mean divergence over all positions`() {
    let other = Fixture.model(seed: 2)
    var (total, count) = (0.0, 0)
    for (sequence, start) in zip(sequences, starts) {
      let (mine, theirs) = (
        naive(model, sequence, from: start), naive(other, sequence, from: start)
      )
      for (p, q) in zip(mine, theirs) {
        total += zip(p, q).reduce(0) { $0 + Elementary.exp($1.0) * ($1.0 - $1.1) }
        count += 1
      }
    }
    let found = model.meanKL(to: other, on: sequences, from: starts)
    #expect(abs(found - total / Double(count)) < 1e-12 && found > 0.01)
    #expect(model.meanKL(to: model, on: sequences, from: starts) == 0)
    // More sequences than one block, on any number of threads.
    let many = Array(repeating: sequences, count: 3).flatMap(\.self)
    let from = Array(repeating: starts, count: 3).flatMap(\.self)
    let whole = model.meanKL(to: other, on: many, from: from)
    #expect(abs(whole - found) < 1e-12)
    for threads in 2...3 {
      #expect(model.meanKL(to: other, on: many, from: from, threads: threads) == whole)
    }
  }

  @Test func `before the second token are a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      _ = Fixture.model().logProbabilities(of: [[1, 2]], from: [0])
    }
    await #expect(processExitsWith: .failure) {
      _ = Fixture.model().logProbabilities(of: [[1, 2]], from: [3])
    }
  }
}
