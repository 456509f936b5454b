import Determinism
import Statistics

/// What was found, row by row.
package struct BenchmarkReport: Sendable {
  package let measurements: [Measurement]
  package let peak: MultiplyAddPeak
  package let engine: EngineSetting
  package let loadAtStart: [Double]
  package let loadAtEnd: [Double]

  /// In the order measured; for each first the FLOP floor, then the peers, then memory.
  package func rows() throws(StatisticsError) -> [ReportRow] {
    var rows: [ReportRow] = []
    for measurement in measurements { rows += try self.rows(of: measurement) }
    return rows
  }

  private func rows(of measurement: Measurement) throws(StatisticsError) -> [ReportRow] {
    let ours = measurement.ours
    let figure = try measurement.figure(of: ours)
    let least = leastSeconds(of: measurement, .customary)
    let impossible = leastSeconds(of: measurement, .necessary)
    func row(
      _ opponent: Opponent?, _ here: Quantity, _ there: Quantity?, _ ratio: Spread?,
      share: Double?, highest: Double? = nil
    ) -> ReportRow {
      let goal = opponent.flatMap {
        measurement.benchmark.goal(
          against: $0, threads: measurement.threads, isAVX2Only: engine.isAVX2)
      }
      return ReportRow(
        benchmark: measurement.benchmark, threads: measurement.threads, opponent: opponent,
        ours: here, theirs: there, ratio: ratio, share: share, goal: goal,
        verdict: ratio.flatMap { Verdict(ratio: $0.median, goal: goal, highest: highest) })
    }
    var rows: [ReportRow] = []
    if let least {
      let share = try Spread(ours.secondsPerStep.map { least / $0 })
      rows.append(
        row(.arithmetic, figure, measurement.quantity(least), share, share: share.median))
    } else if measurement.peers.isEmpty {
      rows.append(row(nil, figure, nil, nil, share: nil))
    }
    for peer in measurement.peers {
      let share = try least.map { least throws(StatisticsError) in
        try Spread(peer.secondsPerStep.map { least / $0 }).median
      }
      rows.append(
        row(
          peer.opponent, figure, try measurement.figure(of: peer),
          try .ratio(ours: ours.secondsPerStep, theirs: peer.secondsPerStep), share: share,
          highest: try impossible.map { least throws(StatisticsError) in
            try Spread(peer.secondsPerStep).median / least
          }))
    }
    if measurement.benchmark.part == .training, let here = ours.peakKiB,
      let there = measurement.peers.first(where: { $0.opponent == .stock })?.peakKiB
    {
      rows.append(
        row(
          .memory, .mebibytes(Double(here) / 1024), .mebibytes(Double(there) / 1024),
          try Spread([Double(there) / Double(here)]), share: nil))
    }
    return rows
  }

  /// What a step would take at the FMA peak of its threads.
  private func leastSeconds(
    of measurement: Measurement, _ counting: Operations.Counting
  ) -> Double? {
    guard let operations = measurement.benchmark.operations(counting),
      let peak = peak.byThreads[measurement.threads]
    else { return nil }
    return operations / peak
  }
}

/// A figure in its unit.
package enum Quantity: Equatable, Sendable {
  case tokensPerSecond(Double)
  /// Of all layers.
  case milliseconds(Double)
  case mebibytes(Double)

  package var value: Double {
    switch self {
    case .tokensPerSecond(let value), .milliseconds(let value), .mebibytes(let value): value
    }
  }
}

/// One figure of ours held against one thing.
package struct ReportRow: Sendable {
  package let benchmark: Benchmark
  package let threads: Int
  /// nil where there was nothing to hold it against.
  package let opponent: Opponent?
  package let ours: Quantity
  package let theirs: Quantity?
  /// How many times better ours is; against the arithmetic, the share of the FLOP floor.
  package let ratio: Spread?
  /// Of the FLOP floor: ours against the arithmetic, the peer's against a peer.
  package let share: Double?
  package let goal: Goal?
  package let verdict: Verdict?

  /// e.g. `training/S/1-thread/stock`
  package var key: String {
    "\(benchmark.id)/\(threads)-thread\(threads == 1 ? "" : "s")\(opponent.map { "/\($0.rawValue)" } ?? "")"
  }
}

extension Measurement {
  func quantity(_ secondsPerStep: Double) -> Quantity {
    switch benchmark.task {
    case .training, .sampling: .tokensPerSecond(benchmark.amount / secondsPerStep)
    case .probe: .milliseconds(1000 * secondsPerStep)
    }
  }

  func figure(of series: Series) throws(StatisticsError) -> Quantity {
    quantity(try Spread(series.secondsPerStep).median)
  }
}
