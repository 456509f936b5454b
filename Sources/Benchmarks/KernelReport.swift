import Determinism
import Statistics
import TensorCore

/// How fast each kernel is, alone and on one thread, beside the machine's FMA peak.
package struct KernelReport: Sendable {
  package struct Row: Sendable {
    let kernel: KernelCase
    /// Of one call, by round.
    package let seconds: [Double]
    package let spread: Spread

    package var name: String { kernel.name }
    /// Operations a second; nil for kernels that memory bounds.
    package var operationsPerSecond: Double? {
      kernel.work.operations > 0 ? kernel.work.operations / spread.median : nil
    }
    package var bytesPerSecond: Double { kernel.work.bytes / spread.median }
  }

  package let rows: [Row]
  package let engine: EngineSetting
  /// Operations a second of one thread.
  package let peak: Double
  package let rounds: Int
  package let secondsPerRound: Double
  package let loadAtStart: [Double]
  package let loadAtEnd: [Double]

  /// Rounds go through all kernels in turn. Each is called once before it is timed.
  package init(
    engine: EngineSetting, rounds: Int, secondsPerRound: Double, shouldStop: () -> Bool = { false }
  ) throws {
    loadAtStart = Host.load
    var peak = MultiplyAddPeak()
    let cases = KernelCase.all.map { kernel in
      let call = kernel.prepare(engine.engine)
      let once = min(Stopwatch.seconds(of: call), Stopwatch.seconds(of: call))
      let calls = (secondsPerRound / max(once, 1e-7)).rounded(.up)
      return (kernel, call, calls: max(1, min(10_000_000, Int(calls))))
    }
    var seconds = cases.map { _ in [Double]() }
    for _ in 0..<rounds {
      peak.measure(engine.engine, threads: 1)
      for (index, (_, call, calls)) in cases.enumerated() {
        if shouldStop() { throw BenchmarkError.interrupted }
        let total = Stopwatch.seconds { for _ in 0..<calls { call() } }
        seconds[index].append(total / Double(calls))
      }
    }
    rows = try zip(cases, seconds).map {
      Row(kernel: $0.0, seconds: $1, spread: try Spread($1))
    }
    self.engine = engine
    self.rounds = rounds
    self.secondsPerRound = secondsPerRound
    self.peak = peak.byThreads[1] ?? .nan
    loadAtEnd = Host.load
  }

  package func document(environment: JSON.Object, notes: String) -> JSON {
    var metrics: [(String, JSON)] = [("fma-peak/1-thread", JSON(peak))]
    for row in rows {
      let key = "kernels/\(row.kernel.name)"
      metrics.append(("\(key)/seconds", JSON(row.spread.median)))
      metrics.append(("\(key)/bytes-per-second", JSON(row.bytesPerSecond)))
      if let speed = row.operationsPerSecond {
        metrics.append(("\(key)/operations-per-second", JSON(speed)))
        metrics.append(("\(key)/flop-share", JSON(speed / peak)))
      }
    }
    return BenchmarkReport.document(
      name: "kernels",
      config: [
        ("benchmarks", ["kernels"]), ("rounds", JSON(rounds)),
        ("seconds_per_round", JSON(secondsPerRound)), ("threads", [1]),
      ],
      environment: environment.merging(
        BenchmarkReport.facts(loadAtStart: loadAtStart, loadAtEnd: loadAtEnd)),
      metrics: metrics,
      series: rows.map { ("kernels/\($0.kernel.name)", .array($0.seconds.map { JSON($0) })) },
      engine: engine, notes: notes)
  }
}
