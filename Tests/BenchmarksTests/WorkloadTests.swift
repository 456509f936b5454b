import Determinism
import Testing
import Transformers

@testable import Benchmarks

struct `A workload` {
  static let small = ModelConfiguration(
    vocabulary: 137, context: 12, dModel: 16, layers: 1, heads: 2)

  private func workload(_ task: Benchmark.Task, threads: Int) throws -> any Workload {
    let benchmark = Benchmark(name: "tiny", task: task, goals: [:], agreement: 1e-6)
    let setting = try #require(EngineSetting(backend: "own", family: nil))
    return benchmark.workload(engine: setting, threads: threads)
  }

  @Test(arguments: [
    Benchmark.Task.training(TrainingTask(model: small, batch: 4, isRagged: false)),
    .sampling(SamplingTask(model: small, batch: 4)),
    .probe(ProbeTask(kind: .logistic, examples: 60, width: 4, layers: 2)),
    .probe(ProbeTask(kind: .meanDifference, examples: 60, width: 4, layers: 2)),
    .probe(ProbeTask(kind: .roc, examples: 60, width: 4, layers: 2)),
  ])
  func `finds the same facts on any number of threads and goes on`(task: Benchmark.Task) throws {
    let one = try workload(task, threads: 1)
    let two = try workload(task, threads: 2)
    #expect(one.facts == two.facts)
    #expect(!one.facts.isEmpty && one.facts.allSatisfy(\.isFinite))
    two.step()
    two.step()
  }

  @Test func `of training learns`() throws {
    let facts = try workload(
      .training(TrainingTask(model: Self.small, batch: 4, isRagged: false)), threads: 1
    ).facts
    #expect(facts.count == 3 && facts[0] > facts[1] && facts[1] > facts[2])
    // Small weights guess: the logarithm of 137.
    #expect((facts[0] - 4.92).magnitude < 0.1)
  }

  @Test func `of logistic regression reaches the minimum for C = 1`() {
    let task = ProbeTask(kind: .logistic, examples: 80, width: 3, layers: 1)
    let layer = ProbeLayer(0, of: task)
    let fitted = layer.logistic(threads: 1)
    let least = layer.objective(of: fitted)
    for column in 0..<3 {
      for change in [-1e-3, 1e-3] {
        var vector = fitted.vector
        vector[column] += change
        #expect(layer.objective(of: .init(vector: vector, offset: fitted.offset)) > least)
      }
    }
  }

  @Test func `is served line by line`() throws {
    // The server reads the process's standard input: here only what it says first can be seen.
    var said: [String] = []
    struct Enough: Error {}
    let workload = try workload(.probe(ProbeTask(kind: .roc, examples: 20, layers: 1)), threads: 1)
    #expect(throws: Enough.self) {
      try WorkloadServer.serve(workload) {
        said.append($0)
        throw Enough()
      }
    }
    let introduction = try JSON(parsing: try #require(said.first))
    #expect(introduction["facts"]?.array?.count == 1)
  }
}

struct `A report of kernels` {
  @Test func `has a positive time of every kernel and share of the peak below one`() throws {
    let setting = try #require(EngineSetting(backend: "own", family: nil))
    let report = try KernelReport(engine: setting, rounds: 1, secondsPerRound: 0.0005)
    #expect(report.rows.count > 20)
    for row in report.rows {
      #expect(row.spread.median > 0 && row.bytesPerSecond > 0, "\(row.name)")
      // Twice the peak: attention is counted over all pairs and computed over half of them.
      if let speed = row.operationsPerSecond { #expect(speed < 2.2 * report.peak, "\(row.name)") }
    }
    let document = report.document(environment: JSON.Object(), notes: "")
    #expect(document["metrics"]?["fma-peak/1-thread"]?.double ?? 0 > 1e8)
    #expect(document["series"]?.object?.count == report.rows.count)
  }

  @Test func `stops when the user has had enough`() throws {
    let setting = try #require(EngineSetting(backend: "own", family: nil))
    #expect(throws: BenchmarkError.interrupted) {
      try KernelReport(engine: setting, rounds: 1, secondsPerRound: 0.001, shouldStop: { true })
    }
  }
}
