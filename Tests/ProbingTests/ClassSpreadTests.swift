import Determinism
import Testing

@testable import Probing

/// How far classes lie apart, and what varies as much. The numbers are scikit-learn's and SciPy's
/// (`Tests/Golden/make/class_spread.py`).
struct ClassSpreadTests {
  static let positive = Activations(
    width: 3, floats: [1, 2, 0.5, 2, 2.5, 0, 3, 1, 1, 2.5, 2, 0.25, 1.5, 3, -0.5])
  static let negative = Activations(
    width: 3, floats: [0, 1, 0.5, -1, 0.5, 0, 0.5, 2, 0.75, 1, 0, -0.25])

  @Test func `the ratio is that of scikit-learn's index, whichever class comes first`() throws {
    let ratio = try ClassSpread.ratio(Self.positive, Self.negative)
    #expect(abs(ratio - 1.0180111618467784) < 1e-14)
    #expect(abs(try ClassSpread.ratio(Self.negative, Self.positive) - ratio) < 1e-15)
    let twice = try ClassSpread.ratio(
      Self.positive + Self.positive, Self.negative + Self.negative)
    #expect(abs(twice - ratio) < 1e-14, "more of the same changes nothing")
  }

  @Test(arguments: [(0, 0.7905694150420948), (1, 0.6571411814626297), (2, 0.0)])
  func `the correlation is SciPy's`(column: Int, expected: Double) {
    func scores(_ activations: Activations) -> [Double] {
      (0..<activations.count).map { Array(activations[$0])[column] }
    }
    let (high, low) = (scores(Self.positive), scores(Self.negative))
    #expect(abs(ClassSpread.correlation(positives: high, negatives: low) - expected) < 1e-15)
    #expect(abs(ClassSpread.correlation(positives: low, negatives: high) + expected) < 1e-15)
  }

  @Test func `without any spread it is nothing, or everything`() throws {
    let one = Activations(width: 2, floats: [1, 2, 1, 2])
    let other = Activations(width: 2, floats: [3, 2, 3, 2])
    #expect(try ClassSpread.ratio(one, one) == 0)
    #expect(try ClassSpread.ratio(one, other) == .infinity)
    #expect(ClassSpread.correlation(positives: [1, 1], negatives: [1]).isNaN)
    #expect(throws: FittingError.self) {
      try ClassSpread.ratio(one, Activations(width: 2, floats: []))
    }
    #expect(throws: FittingError.self) {
      try ClassSpread.ratio(one, Activations(width: 2, floats: [.nan, 1]))
    }
  }
}

struct NaturalVariationTests {
  /// Independent features with standard deviations 8, 4, 2, 1, …
  private func cloud(_ count: Int, width: Int = 8, seed: UInt64 = 3) -> Activations {
    var stream = RandomStream(seed: seed, "cloud")
    return Activations(
      width: width,
      floats: (0..<count).flatMap { _ in
        (0..<width).map { Float(5 + stream.normal() * Double(8) / Double(1 << $0)) }
      })
  }

  @Test func `variance is that of the projections, whatever the length of the direction`() {
    let activations = cloud(200)
    let variation = NaturalVariation(activations)
    for column in 0..<8 {
      let values = (0..<200).map { Array(activations[$0])[column] }
      let mean = values.reduce(0, +) / 200
      let expected = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200
      for length in [1.0, 30] {
        let direction = (0..<8).map { $0 == column ? length : 0 }
        #expect(abs(variation.variance(along: direction) - expected) < 1e-9 * (1 + expected))
      }
    }
    #expect(variation.variance(along: [Double](repeating: 0, count: 8)) == 0)
  }

  @Test(arguments: [8, 30])
  func `random directions take out as much as they are asked to`(wanted: Double) {
    let variation = NaturalVariation(cloud(300))
    var found: Set<[Double]> = []
    for index in 0..<20 {
      var stream = RandomStream(seed: 4, "random", UInt64(index))
      let direction = variation.direction(ofVariance: wanted, from: &stream)
      #expect(abs(Vector.norm(direction) - 1) < 1e-12)
      let variance = variation.variance(along: direction)
      #expect(abs(variance / wanted - 1) < 1e-9, "\(variance) at \(index)")
      found.insert(direction)
    }
    #expect(found.count == 20)
  }

  @Test(arguments: [(1e-6, 0.1...8.0), (1e6, 30.0...70)])
  func `where there is no such variance the nearest there is will do`(
    wanted: Double, expected: ClosedRange<Double>
  ) {
    let variation = NaturalVariation(cloud(300))
    var stream = RandomStream(seed: 4, "random")
    let direction = variation.direction(ofVariance: wanted, from: &stream)
    #expect(expected.contains(variation.variance(along: direction)))
  }
}
