import Determinism
import Statistics

/// A candidate for the interval of a mean over seeds.
struct IntervalMethod: Sendable {
  typealias Interval = (lower: Double, upper: Double)
  let name: String
  let families: Set<Scenario.Family>
  /// Cheap enough for the ordinary test.
  let isCheap: Bool
  /// Interval from the seeds' values, their counts if they are rates, and a stream for resampling.
  let interval: @Sendable ([Double], [Proportion], inout RandomStream) -> Interval

  static let all: [IntervalMethod] = [
    IntervalMethod(
      name: "percentile bootstrap", families: [.rate, .bounded, .mean], isCheap: false
    ) {
      values, _, stream in
      let means = resampledMeans(values, &stream)
      return (try! quantile(means, 0.025), try! quantile(means, 0.975))
    },
    IntervalMethod(name: "BCa bootstrap", families: [.rate, .bounded, .mean], isCheap: false) {
      values, _, stream in biasCorrected(values, &stream)
    },
    IntervalMethod(name: "bootstrap-t", families: [.rate, .bounded, .mean], isCheap: false) {
      values, _, stream in bootstrapT(values, &stream)
    },
    IntervalMethod(name: "Student's t", families: [.rate, .bounded, .mean], isCheap: true) {
      values, _, _ in student(values)
    },
    IntervalMethod(name: "t ∪ pooled binomial", families: [.rate], isCheap: true) {
      values, seeds, _ in hull(student(values), pooled(seeds))
    },
    IntervalMethod(name: "… ∪ reweighted, ¼ seed at 0 and 1", families: [.rate], isCheap: false) {
      values, seeds, _ in
      hull(
        hull(student(values), pooled(seeds)),
        Reweighting.over(values.count, lower: 0.25, upper: 0.25).interval(values))
    },
    IntervalMethod(name: chosenRate, families: [.rate], isCheap: true) { _, seeds, _ in
      let estimate = Estimate.rate(overSeeds: seeds)
      return (estimate.lower, estimate.upper)
    },
    IntervalMethod(name: "… ∪ reweighted, 1 seed at 0 and 1", families: [.rate], isCheap: false) {
      values, seeds, _ in
      hull(
        hull(student(values), pooled(seeds)),
        Reweighting.over(values.count, lower: 1, upper: 1).interval(values))
    },
    // Gaffke (2005): a whole seed at the bound on the side in question; assumes nothing.
    IntervalMethod(name: "distribution-free (Gaffke)", families: [.rate, .bounded], isCheap: false)
    {
      values, _, _ in
      (
        Reweighting.over(values.count, lower: 1, upper: 0).interval(values).lower,
        Reweighting.over(values.count, lower: 0, upper: 1).interval(values).upper
      )
    },
    IntervalMethod(name: chosenBounded, families: [.bounded], isCheap: true) { values, _, _ in
      let estimate = Estimate.mean(overSeeds: values, within: 0...1)
      return (estimate.lower, estimate.upper)
    },
  ]

  static let chosenRate = "Estimate.rate: … ∪ reweighted, ½ seed at 0 and 1"
  static let chosenBounded = "Estimate.mean within bounds: t ∪ reweighted, ½ seed at each"

  private static func hull(_ one: Interval, _ other: Interval) -> Interval {
    (min(one.lower, other.lower), max(one.upper, other.upper))
  }

  private static func student(_ values: [Double]) -> Interval {
    let estimate = Estimate.mean(overSeeds: values)
    return (estimate.lower, estimate.upper)
  }

  private static func pooled(_ seeds: [Proportion]) -> Interval {
    seeds.dropFirst().reduce(seeds[0], +).clopperPearson()
  }

  // MARK: Resampling

  private static let resamples = 1_000

  private static func resample(_ values: [Double], _ stream: inout RandomStream) -> [Double] {
    values.map { _ in stream.element(of: values) }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  private static func resampledMeans(
    _ values: [Double], _ stream: inout RandomStream
  ) -> [Double] {
    (0..<resamples).map { _ in mean(resample(values, &stream)) }
  }

  /// Efron (1987), acceleration from the jackknife.
  private static func biasCorrected(
    _ values: [Double], _ stream: inout RandomStream
  ) -> Interval {
    let means = resampledMeans(values, &stream)
    let centre = mean(values)
    let below = means.count { $0 < centre }
    let ties = means.count { $0 == centre }
    let bias = Normal.quantile(
      min(max((Double(below) + Double(ties) / 2) / Double(resamples), 0.001), 0.999))
    let cubes = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) * ($1 - centre) }
    let squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let acceleration = squares == 0 ? 0 : cubes / (6 * squares * squares.squareRoot())
    func level(_ z: Double) -> Double {
      Normal.cumulative(bias + (bias + z) / (1 - acceleration * (bias + z)))
    }
    let z = Normal.quantile(0.975)
    return (try! quantile(means, level(-z)), try! quantile(means, level(z)))
  }

  /// Resamples without spread are drawn again, as far as there is any spread.
  private static func bootstrapT(_ values: [Double], _ stream: inout RandomStream) -> Interval {
    let summary = Summary(values)
    if summary.squares == 0 { return (summary.mean, summary.mean) }
    var ratios: [Double] = []
    while ratios.count < resamples {
      let drawn = resample(values, &stream)
      let m = mean(drawn)
      let squares = drawn.reduce(0) { $0 + ($1 - m) * ($1 - m) }
      if squares <= 1e-18 { continue }
      let n = Double(values.count)
      ratios.append((m - summary.mean) / (squares / (n - 1) / n).squareRoot())
    }
    return (
      summary.mean - (try! quantile(ratios, 0.975)) * summary.standardError,
      summary.mean - (try! quantile(ratios, 0.025)) * summary.standardError
    )
  }
}
