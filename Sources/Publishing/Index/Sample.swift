import Determinism
import Records
import Rendering
import Statistics
import Studies

/// One quantity of one arm at one point, over its seeds.
struct Sample: Sendable {
  /// A value of one run, and what is known of its range.
  enum Value: Sendable {
    case number(Double)
    case bounded(Double, ClosedRange<Double>)
    case rate(Proportion)

    var number: Double {
      switch self {
      case .number(let value), .bounded(let value, _): value
      case .rate(let rate): rate.value
      }
    }
  }

  /// Over the seeds of the phase that counts.
  let estimate: Estimate
  let phase: SeedPhase
  let seeds: [(seed: UInt64, value: Double)]
  /// Seeds of the other phase, shown but not counted.
  let others: [(seed: UInt64, value: Double)]

  /// nil when no run has the value.
  init?(_ runs: [RunView], phase: SeedPhase, _ value: (RunView) -> Value?) {
    var counted: [(UInt64, Value)] = []
    var others: [(seed: UInt64, value: Double)] = []
    for run in runs.sorted(by: { $0.seed < $1.seed }) {
      guard let found = value(run), !found.number.isNaN else { continue }
      if run.phase == phase {
        counted.append((run.seed, found))
      } else {
        others.append((run.seed, found.number))
      }
    }
    guard !counted.isEmpty else { return nil }
    self.phase = phase
    self.others = others
    seeds = counted.map { (seed: $0.0, value: $0.1.number) }
    let rates = counted.compactMap { if case .rate(let rate) = $0.1 { rate } else { nil } }
    if rates.count == counted.count {
      estimate = .rate(overSeeds: rates)
    } else if case .bounded(_, let bounds) = counted[0].1 {
      estimate = .mean(overSeeds: seeds.map(\.value), within: bounds)
    } else {
      estimate = .mean(overSeeds: seeds.map(\.value))
    }
  }

  /// Of what claims can say of one run, with the interval that a claim of it is judged by.
  ///
  /// nil when no run of the phase has it.
  init?(_ runs: [RunView], phase: SeedPhase, _ quantity: RunQuantity) {
    var counted: [(seed: UInt64, value: RunStatistic)] = []
    var others: [(seed: UInt64, value: Double)] = []
    for run in runs.sorted(by: { $0.seed < $1.seed }) {
      guard let found = try? quantity.perRun(run.values) else { continue }
      if run.phase == phase {
        counted.append((run.seed, found))
      } else {
        others.append((run.seed, found.number))
      }
    }
    guard !counted.isEmpty else { return nil }
    self.phase = phase
    self.others = others
    seeds = counted.map { (seed: $0.seed, value: $0.value.number) }
    estimate = .overSeeds(counted.map(\.value), of: quantity.expression)
  }

  var text: String { NumberText.interval(estimate.value, estimate.lower, estimate.upper) }
}

extension Estimate {
  /// Drawn and written only where it says something.
  var hasInterval: Bool { lower.isFinite && upper.isFinite }
}
