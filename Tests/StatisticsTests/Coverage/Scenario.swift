import Determinism
import Statistics

/// A population of seeds whose true mean is known.
struct Scenario: Sendable {
  enum Family: String, Sendable {
    /// Rates, seen through the prompts of each seed.
    case rate
    /// Values in [0, 1] that are seen as they are.
    case bounded
    /// Values without bounds.
    case mean
  }
  let family: Family
  let name: String
  let truth: Double
  /// One seed's true rate or value.
  let draw: @Sendable (inout RandomStream) -> Double

  static let prompts = 150

  /// What one seed reports.
  func observe(_ stream: inout RandomStream) -> Proportion {
    let rate = draw(&stream)
    var successes = 0
    for _ in 0..<Self.prompts where stream.uniform() < rate { successes += 1 }
    return Proportion(successes: successes, trials: Self.prompts)
  }

  /// 70% of seeds at exactly 1, the others spread with mean 17/30: a true mean of .87 (SCIENCE, H3).
  private static let ceiling: @Sendable (inout RandomStream) -> Double = {
    $0.uniform() < 0.7 ? 1 : $0.beta(1.7, 1.3)
  }

  private static func betaBinomial(_ mean: Double, correlation: Double) -> Scenario {
    let size = 1 / correlation - 1
    return Scenario(
      family: .rate, name: "beta-binomial, mean \(mean), correlation \(correlation)", truth: mean
    ) { $0.beta(mean * size, (1 - mean) * size) }
  }

  private static func allOrNothing(_ share: Double) -> Scenario {
    Scenario(family: .rate, name: "\(share) of seeds at 1, the others at 0", truth: share) {
      $0.uniform() < share ? 1 : 0
    }
  }

  static let all: [Scenario] = [
    Scenario(
      family: .rate, name: "ceiling: 0.7 of seeds at 1, mean 0.87", truth: 0.87, draw: ceiling),
    Scenario(family: .rate, name: "0.85 of seeds at 1, the others uniform", truth: 0.925) {
      $0.uniform() < 0.85 ? 1 : $0.uniform()
    },
    Scenario(family: .rate, name: "0.9 of seeds at 0.98, the others at 0.2", truth: 0.902) {
      $0.uniform() < 0.9 ? 0.98 : 0.2
    },
    allOrNothing(0.9), allOrNothing(0.7), allOrNothing(0.5),
    betaBinomial(0.5, correlation: 0.05), betaBinomial(0.5, correlation: 0.5),
    betaBinomial(0.9, correlation: 0.02), betaBinomial(0.9, correlation: 0.1),
    betaBinomial(0.95, correlation: 0.2), betaBinomial(0.98, correlation: 0.01),
    Scenario(family: .rate, name: "equal seeds, 0.9", truth: 0.9) { _ in 0.9 },
    Scenario(family: .rate, name: "equal seeds, 0.99", truth: 0.99) { _ in 0.99 },
    Scenario(
      family: .bounded, name: "ceiling: 0.7 of seeds at 1, mean 0.87", truth: 0.87, draw: ceiling),
    Scenario(family: .bounded, name: "Beta(20, 1)", truth: 20.0 / 21) { $0.beta(20, 1) },
    Scenario(family: .bounded, name: "uniform", truth: 0.5) { $0.uniform() },
    Scenario(family: .mean, name: "normal", truth: 0) { $0.normal() },
    Scenario(family: .mean, name: "Student's t, 3 degrees", truth: 0) {
      $0.normal() / ($0.gamma(1.5) / 1.5).squareRoot()
    },
    Scenario(family: .mean, name: "normal, a tenth five times wider", truth: 0) {
      ($0.uniform() < 0.1 ? 5 : 1) * $0.normal()
    },
    Scenario(family: .mean, name: "exponential", truth: 1) { -Elementary.log(1 - $0.uniform()) },
    Scenario(family: .mean, name: "log-normal, σ = 1", truth: 1.6487212707001282) {
      Elementary.exp($0.normal())
    },
    Scenario(
      family: .mean, name: "ceiling: 0.7 of seeds at 1, mean 0.87", truth: 0.87, draw: ceiling),
  ]
}

extension RandomStream {
  /// Gamma(shape, 1), after Marsaglia and Tsang (2000).
  mutating func gamma(_ shape: Double) -> Double {
    if shape < 1 {
      return gamma(shape + 1) * Elementary.pow(1 - uniform(), 1 / shape)
    }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      if v > 0, Elementary.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Elementary.log(v) {
        return d * v
      }
    }
  }

  mutating func beta(_ a: Double, _ b: Double) -> Double {
    let x = gamma(a)
    let y = gamma(b)
    return x / (x + y)
  }
}
