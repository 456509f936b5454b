import Determinism
import TensorCore
import Testing

@testable import Transformers

struct `A low-rank update` {
  static let options = OptimiserOptions(weightDecay: 0.05, clip: 0.5)
  static let update = LowRankOptions(rank: 3, alpha: 5, seed: 6)
  let model = Fixture.model()

  private func trainer(
    _ update: LowRankOptions = update, engine: Engine = Engine(), threads: Int = 1
  ) -> Trainer {
    Trainer(
      model: model, optimiser: Self.options, lowRank: update, engine: engine, threads: threads)
  }

  @Test func `changes nothing before its first step`() {
    #expect(trainer().model.parameters.bitPatterns == model.parameters.bitPatterns)
  }

  @Test(arguments: [true, false])
  func `changes linear weights only, by a matrix of its rank`(includesUnembedding: Bool) {
    let trainer = trainer(
      LowRankOptions(rank: 2, alpha: 3, includesUnembedding: includesUnembedding, seed: 6))
    let reports = Fixture.train(trainer)
    #expect(reports.last!.loss < reports.first!.loss)
    let after = trainer.model
    for tensor in model.tensors {
      let difference = zip(after.parameters[tensor.range], model.parameters[tensor.range]).map {
        Double($0) - Double($1)
      }
      guard tensor.isLinear, includesUnembedding || !tensor.isHead else {
        #expect(difference.allSatisfy { $0 == 0 }, "\(tensor.name)")
        continue
      }
      // Gram-Schmidt: two rows explain all others but for rounding.
      let columns = tensor.shape[1]
      var rows = stride(from: 0, to: difference.count, by: columns).map {
        Array(difference[$0..<$0 + columns])
      }
      func square(_ row: [Double]) -> Double { row.reduce(0) { $0 + $1 * $1 } }
      let whole = rows.map(square).reduce(0, +)
      for _ in 0..<2 {
        let pivot = rows.max { square($0) < square($1) }!
        rows = rows.map { row in
          let share = zip(row, pivot).reduce(0) { $0 + $1.0 * $1.1 } / square(pivot)
          return zip(row, pivot).map { $0 - share * $1 }
        }
      }
      #expect(whole > 1e-6 && rows.map(square).reduce(0, +) < 1e-8 * whole, "\(tensor.name)")
    }
  }

  @Test func `comes out the same on any threads, instruction set and after a resumption`() throws {
    let whole = trainer()
    let reports = Fixture.train(whole)
    let bits = whole.model.parameters.bitPatterns
    for threads in 2...5 {
      let other = trainer(threads: threads)
      #expect(Fixture.train(other) == reports, "\(threads) threads")
      #expect(other.model.parameters.bitPatterns == bits, "\(threads) threads")
    }
    for family in KernelFamily.supported {
      let other = trainer(engine: Engine(family: family), threads: 2)
      _ = Fixture.train(other)
      #expect(other.model.parameters.bitPatterns == bits, "\(family)")
    }
    for cut in [1, 11] {
      let first = trainer(threads: 2)
      _ = Fixture.train(first, steps: 0..<cut)
      let second = try Trainer(resuming: first.resumeBytes())
      #expect(second.stepsTaken == cut && second.optimiser == Self.options)
      #expect(second.model.parameters.bitPatterns == first.model.parameters.bitPatterns)
      _ = Fixture.train(second, steps: cut..<20)
      #expect(second.model.parameters.bitPatterns == bits, "cut at \(cut)")
      #expect(Digest(of: second.resumeBytes()) == Digest(of: whole.resumeBytes()))
    }
  }

  @Test func `starts from its seed`() {
    var other = Self.update
    other.seed = 7
    let models = [Self.update, other, Self.update].map { options in
      let trainer = trainer(options)
      _ = Fixture.train(trainer, steps: 0..<2)
      return trainer.model
    }
    #expect(models[0] == models[2] && models[0] != models[1])
  }

  @Test(arguments: [
    ("dormouse.low_rank.rank", "0"), ("dormouse.low_rank.rank", "99999999999999999999"),
    ("dormouse.low_rank.rank", "9223372036854775807"), ("dormouse.low_rank.alpha", "3"),
    ("dormouse.low_rank.alpha", "7ff0000000000000"),
  ])
  func `in a damaged resume point is refused`(key: String, value: String) throws {
    let file = try Safetensors(parsing: trainer().resumeBytes())
    let tensors = try file.tensors.map {
      ($0.name, $0.shape, try file.floats($0.name, shape: $0.shape)[...])
    }
    let bytes = Safetensors.bytes(
      of: tensors, metadata: file.metadata.map { $0.key == key ? (key, value) : $0 })
    #expect(throws: SafetensorsError.invalidMetadata(key: key, value: value)) {
      try Trainer(resuming: bytes)
    }
  }
}
