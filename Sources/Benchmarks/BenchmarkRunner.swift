import Determinism
import TensorCore

/// How benchmarks are timed.
package struct BenchmarkOptions: Sendable {
  package var benchmarks: [Benchmark]
  package var threads: [Int]
  package var rounds: Int
  /// A round lasts at least as long.
  package var secondsPerRound: Double
  package var engine: EngineSetting
  package var peers: PeerSettings?
  /// Seconds that a party may stay silent.
  package var limit: Double

  package init(
    benchmarks: [Benchmark], threads: [Int], rounds: Int, secondsPerRound: Double,
    engine: EngineSetting,
    peers: PeerSettings?, limit: Double
  ) {
    self.benchmarks = benchmarks
    self.threads = threads
    self.rounds = rounds
    self.secondsPerRound = secondsPerRound
    self.engine = engine
    self.peers = peers
    self.limit = limit
  }
}

/// Times benchmarks against their peers: all parties of one are started, warmed up, and then take turns,
/// round after round, so that what slows the machine for a while slows each of them.
package struct BenchmarkRunner {
  private let options: BenchmarkOptions
  /// The process that serves a benchmark's workload at a number of threads.
  private let own: (Benchmark, Int) -> PartyProgram
  private let peers: (Benchmark, Int) -> [(opponent: Opponent, program: PartyProgram)]
  private let shouldStop: () -> Bool

  package init(
    _ options: BenchmarkOptions, own: @escaping (Benchmark, Int) -> PartyProgram,
    shouldStop: @escaping () -> Bool
  ) {
    self.init(
      options, own: own, peers: { options.peers?.programs(for: $0, threads: $1) ?? [] },
      shouldStop: shouldStop)
  }

  init(
    _ options: BenchmarkOptions, own: @escaping (Benchmark, Int) -> PartyProgram,
    peers: @escaping (Benchmark, Int) -> [(opponent: Opponent, program: PartyProgram)],
    shouldStop: @escaping () -> Bool = { false }
  ) {
    precondition(options.rounds > 0, "a benchmark needs a round")
    self.options = options
    self.own = own
    self.peers = peers
    self.shouldStop = shouldStop
  }

  /// - Parameter progress: hears what is being timed.
  package func perform(
    progress: (String) -> Void
  ) throws(BenchmarkError) -> BenchmarkReport {
    let load = Host.load
    var peak = MultiplyAddPeak()
    var measurements: [Measurement] = []
    for benchmark in options.benchmarks {
      for threads in options.threads {
        peak.measure(options.engine.engine, threads: threads)
        progress("\(benchmark.id), \(threads) \(threads == 1 ? "thread" : "threads")")
        measurements.append(try measure(benchmark, threads: threads))
      }
    }
    return BenchmarkReport(
      measurements: measurements, peak: peak, engine: options.engine, loadAtStart: load,
      loadAtEnd: Host.load)
  }

  private func start(_ program: PartyProgram) throws(BenchmarkError) -> Party {
    try Party(program, limit: options.limit, shouldStop: shouldStop)
  }

  func measure(_ benchmark: Benchmark, threads: Int) throws(BenchmarkError) -> Measurement {
    let ours = try start(own(benchmark, threads))
    var parties: [(opponent: Opponent?, party: Party)] = [(nil, ours)]
    for (opponent, program) in peers(benchmark, threads) {
      let peer = try start(program)
      try peer.check(benchmark, against: ours)
      parties.append((opponent, peer))
    }
    let period = benchmark.period
    var steps: [Int] = []
    for (_, party) in parties {
      let trial = try party.round(period)
      let periods = (options.secondsPerRound / trial.seconds).rounded(.up)
      steps.append(period * max(1, min(1_000_000, Int(periods))))
    }
    var series = parties.map {
      Series(opponent: $0.opponent, introduction: $0.party.introduction)
    }
    for _ in 0..<options.rounds {
      for index in parties.indices {
        let round = try parties[index].party.round(steps[index])
        series[index].secondsPerStep.append(round.seconds / Double(steps[index]))
        series[index].peakKiB = round.peakKiB
      }
    }
    return Measurement(
      benchmark: benchmark, threads: threads, ours: series[0], peers: Array(series.dropFirst()))
  }
}

/// What one party took, round by round.
package struct Series: Sendable {
  /// nil = ours.
  package let opponent: Opponent?
  package let introduction: JSON
  package var secondsPerStep: [Double] = []
  package var peakKiB: Int?
}

/// A benchmark's raw times at a number of threads.
package struct Measurement: Sendable {
  package let benchmark: Benchmark
  package let threads: Int
  package let ours: Series
  package let peers: [Series]
}

/// What fused multiply-adds in registers alone reach, by number of threads: the best that was seen.
package struct MultiplyAddPeak: Sendable {
  /// Operations a second of all threads together.
  package private(set) var byThreads: [Int: Double] = [:]

  /// Some 50 ms; the best of all measurements counts, since others can only slow it down.
  mutating func measure(_ engine: Engine, threads: Int) {
    let pool = WorkerPool(threads: threads)
    var steps = 1000
    for _ in 0..<12 {
      var operations = [Double](repeating: 0, count: threads)
      let seconds = operations.withUnsafeMutableBufferPointer { operations in
        Stopwatch.seconds {
          pool.run(threads) { task, _ in
            operations[task] = engine.multiplyAddInRegisters(steps: steps)
          }
        }
      }
      byThreads[threads] = max(byThreads[threads] ?? 0, operations.reduce(0, +) / seconds)
      if seconds < 0.005 { steps *= 8 }
    }
  }
}
