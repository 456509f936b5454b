import Determinism
import Statistics

/// How often intervals cover the truth, by method, population and number of seeds.
///
/// The whole table, `Golden/coverage.csv`, is made by
/// `DORMOUSE_COVERAGE=full swift test -c release --filter CoverageTests` (minutes); the ordinary test repeats
/// its first samples and compares.
struct CoverageSimulation {
  static let seedCounts = [5, 6, 8, 10]
  static let samples = 2_000
  /// Repeated by the ordinary test.
  static let repeated = 12

  struct Cell: Equatable, Sendable {
    let family: String
    let scenario: String
    let seeds: Int
    let method: String
    var samples = 0
    var covered = 0
    /// The truth lies below the interval: a claim "at least …" is believed that should not be.
    var tooHigh = 0
    var tooLow = 0
    var withoutWidth = 0
    /// `covered` among the first samples.
    var coveredFirst = 0
    var width = 0.0

    var coverage: Proportion { Proportion(successes: covered, trials: samples) }
  }

  /// One cell for each method that fits the scenario.
  static func cells(
    _ scenario: Scenario, seeds n: Int, methods: [IntervalMethod], samples: Int
  ) -> [Cell] {
    methods.filter { $0.families.contains(scenario.family) }.map { method in
      var cell = Cell(
        family: scenario.family.rawValue, scenario: scenario.name, seeds: n, method: method.name)
      for sample in 0..<samples {
        // A stream for each sample, the same for every method: paired, and a prefix can be repeated.
        var stream = RandomStream(
          seed: UInt64(n), "coverage/\(scenario.family)/\(scenario.name)", UInt64(sample))
        let seen: [Proportion]
        let values: [Double]
        if scenario.family == .rate {
          seen = (0..<n).map { _ in scenario.observe(&stream) }
          values = seen.map(\.value)
        } else {
          seen = []
          values = (0..<n).map { _ in scenario.draw(&stream) }
        }
        var (lower, upper) = method.interval(values, seen, &stream)
        if scenario.family != .mean { (lower, upper) = (max(lower, 0), min(upper, 1)) }
        // Means of equal values may differ from them by rounding.
        let slack = 1e-12
        cell.samples += 1
        if lower - slack > scenario.truth {
          cell.tooHigh += 1
        } else if upper + slack < scenario.truth {
          cell.tooLow += 1
        } else {
          cell.covered += 1
          if sample < repeated { cell.coveredFirst += 1 }
        }
        if upper - lower <= slack { cell.withoutWidth += 1 }
        cell.width += (upper - lower - cell.width) / Double(cell.samples)
      }
      return cell
    }
  }
}

extension CoverageSimulation.Cell {
  static let header =
    "family,scenario,seeds,method,samples,coverage,too_high,too_low,no_width,mean_width,covered_first"

  private static func fixed(_ value: Double) -> String {
    let scaled = Int((value * 10_000).rounded())
    let rest = String(scaled % 10_000)
    return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - rest.count) + rest
  }

  /// A row of the table; scenario and method are quoted, and hold no quotes.
  var row: String {
    let n = Double(samples)
    let numbers = [covered, tooHigh, tooLow, withoutWidth].map { Self.fixed(Double($0) / n) }
    return "\(family),\"\(scenario)\",\(seeds),\"\(method)\",\(samples),"
      + numbers.joined(separator: ",") + ",\(Self.fixed(width)),\(coveredFirst)"
  }
}
