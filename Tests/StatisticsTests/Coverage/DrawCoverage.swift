import Determinism
import Statistics

/// How often intervals over draws and seeds cover the truth. `Golden/coverage-draws.csv` is made as the other
/// table is.
enum DrawCoverage {
  struct Population: Sendable {
    let name: String
    let bounds: ClosedRange<Double>?
    let truth: Double
    /// The values of one draw's seeds.
    let draw: @Sendable (_ seeds: Int, inout RandomStream) -> [Double]
  }

  /// Seeds of a share at 1, the others spread with mean 17/30.
  private static func saturated(
    _ seeds: Int, share: Double, _ stream: inout RandomStream
  ) -> [Double] {
    (0..<seeds).map { _ in stream.uniform() < share ? 1 : stream.beta(1.7, 1.3) }
  }

  private static func normal(draws deviation: Double) -> Population {
    Population(name: "normal, draws \(deviation) as wide as seeds", bounds: nil, truth: 0) {
      seeds, stream in
      let centre = deviation * stream.normal()
      return (0..<seeds).map { _ in centre + stream.normal() }
    }
  }

  static let populations = [
    Population(name: "ceiling: 0.5, 0.7 or 0.9 of a draw's seeds at 1", bounds: 0...1, truth: 0.87)
    {
      seeds, stream in
      let share = stream.element(of: [0.5, 0.7, 0.9])
      return saturated(seeds, share: share, &stream)
    },
    Population(name: "ceiling: 0.7 of all seeds at 1", bounds: 0...1, truth: 0.87) {
      seeds, stream in saturated(seeds, share: 0.7, &stream)
    },
    normal(draws: 0.3), normal(draws: 1), normal(draws: 3),
  ]

  typealias Interval = (lower: Double, upper: Double)
  struct Method: Sendable {
    let name: String
    let interval: @Sendable ([[Double]], ClosedRange<Double>?, inout RandomStream) -> Interval
  }

  static let chosen = "Estimate.mean over draws"
  static let methods = [
    Method(name: "draws, then seeds, resampled") { draws, _, stream in
      let means = (0..<200).map { _ in
        let values = draws.map { _ -> Double in
          let draw = stream.element(of: draws)
          return draw.reduce(0) { sum, _ in sum + stream.element(of: draw) } / Double(draw.count)
        }
        return values.reduce(0, +) / Double(values.count)
      }
      return (try! quantile(means, 0.025), try! quantile(means, 0.975))
    },
    Method(name: "all seeds alike") { draws, bounds, _ in
      let all = draws.flatMap { $0 }
      let estimate =
        bounds.map { Estimate.mean(overSeeds: all, within: $0) } ?? .mean(overSeeds: all)
      return (estimate.lower, estimate.upper)
    },
    Method(name: "Student's t over draws") { draws, _, _ in
      let estimate = Estimate.mean(overSeeds: draws.map { Summary($0).mean })
      return (estimate.lower, estimate.upper)
    },
    Method(name: chosen) { draws, bounds, _ in
      let estimate = Estimate.mean(overDraws: draws, within: bounds)
      return (estimate.lower, estimate.upper)
    },
  ]

  static let sizes: [(draws: Int, seeds: Int)] = [(3, 5), (3, 8), (3, 10), (5, 8)]
  static let samples = 200
  /// Repeated by the ordinary test.
  static let repeated = 6

  static let header =
    "population,draws,seeds,method,samples,coverage,no_width,mean_width,covered_first"

  /// One row for each method.
  static func rows(
    _ population: Population, draws: Int, seeds: Int, samples: Int
  ) -> [(key: String, coveredFirst: Int, text: String)] {
    methods.map { method in
      var (covered, first, withoutWidth, width) = (0, 0, 0, 0.0)
      for sample in 0..<samples {
        // The same sample for every method.
        var stream = RandomStream(
          seed: UInt64(100 * draws + seeds), "coverage-draws/\(population.name)", UInt64(sample))
        let values = (0..<draws).map { _ in population.draw(seeds, &stream) }
        var (lower, upper) = method.interval(values, population.bounds, &stream)
        if let bounds = population.bounds {
          (lower, upper) = (max(lower, bounds.lowerBound), min(upper, bounds.upperBound))
        }
        if lower - 1e-12 <= population.truth, population.truth <= upper + 1e-12 {
          covered += 1
          if sample < repeated { first += 1 }
        }
        if upper - lower <= 1e-12 { withoutWidth += 1 }
        width += (upper - lower) / Double(samples)
      }
      let n = Double(samples)
      func fixed(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
      let key = "\"\(population.name)\",\(draws),\(seeds),\"\(method.name)\""
      return (
        key, first,
        "\(key),\(samples),\(fixed(Double(covered) / n)),\(fixed(Double(withoutWidth) / n)),"
          + "\(fixed(width)),\(first)"
      )
    }
  }
}
