import Determinism
import Statistics
import Testing

@testable import Probing

struct DetectionTests {
  private func cloud(_ count: Int, shift: Double, seed: UInt64, width: Int = 6) -> Activations {
    var stream = RandomStream(seed: seed, "detection")
    return Activations(
      width: width,
      // Away from zero, as a residual stream is.
      floats: (0..<count * width).map {
        Float(stream.normal() + [9, shift, 0, 0, 0, 0][$0 % width])
      })
  }

  private func sets(paired: Bool = true) -> FitSets {
    FitSets(
      positive: cloud(20, shift: 2, seed: 1), negative: cloud(20, shift: 0, seed: 2),
      isPaired: paired, outcomePositive: cloud(15, shift: 2, seed: 3),
      outcomeNegative: cloud(15, shift: 0, seed: 4))
  }

  /// Pairs that are each other's opposite along the feature that matters: what all of them share is not seen
  /// by contrast-consistent search.
  private func consistent() -> FitSets {
    var stream = RandomStream(seed: 9, "consistent")
    let truths = (0..<40).map { _ in stream.bool(probability: 0.7) ? 1.0 : -1 }
    func side(_ sign: Double) -> Activations {
      Activations(
        width: 6,
        floats: (0..<40 * 6).map {
          Float(stream.normal() + ($0 % 6 == 1 ? 2 * sign * truths[$0 / 6] : 0))
        })
    }
    let others = sets()
    return FitSets(
      positive: side(1), negative: side(-1), isPaired: true,
      outcomePositive: others.outcomePositive, outcomeNegative: others.outcomeNegative)
  }

  private let settings = FitSettings(shrinkage: 0.01, ridge: 0.01, threads: 1)

  @Test func `every detector finds what it is shown, and its name is its own`() throws {
    #expect(Set(Detector.all.map(\.name)).count == Detector.all.count)
    for detector in Detector.all {
      #expect(detector.missing(sets()) == nil, "\(detector.name)")
      let sets = detector.name == "ccs" ? consistent() : sets()
      let fitted = try detector.fit(sets, settings)
      let high = fitted.scores(of: cloud(200, shift: 4, seed: 5), threads: 2)
      let low = fitted.scores(of: cloud(200, shift: 0, seed: 6), threads: 1)
      #expect(try ROCCurve(positives: high, negatives: low).auroc > 0.85, "\(detector.name)")
      #expect(
        fitted.scores(of: cloud(200, shift: 4, seed: 5), threads: 1) == high,
        "\(detector.name): threads change bits")
    }
  }

  @Test func `what a detector lacks is said`() {
    let none = Activations(width: 6, floats: [])
    let empty = FitSets(
      positive: none, negative: none, isPaired: false, outcomePositive: none, outcomeNegative: none)
    for detector in Detector.all { #expect(detector.missing(empty) != nil, "\(detector.name)") }
    #expect(Detector.principalComponent.missing(sets(paired: false))?.contains("pair_id") == true)
    for kind in [DirectionNull.Kind.covariance, .permuted] {
      #expect(DirectionNull(kind).missing(in: empty) != nil, "\(kind)")
    }
    #expect(DirectionNull(.permuted).missing(in: sets(paired: false)) != nil)
  }

  private func null(
    _ kind: DirectionNull.Kind, _ count: Int, threads: Int = 1, scale: Float = 1, seed: UInt64 = 1
  ) -> NullDistribution {
    scores(kind, count, threads: threads, scale: scale, seed: seed).areas
  }

  private func scores(
    _ kind: DirectionNull.Kind, _ count: Int, threads: Int = 1, scale: Float = 1, seed: UInt64 = 1
  ) -> DirectionNull.Scores {
    func scaled(_ activations: Activations) -> Activations {
      Activations(width: activations.width, floats: activations.floats.map { $0 * scale })
    }
    return DirectionNull(kind).scores(
      count, sets: sets(), positives: scaled(cloud(40, shift: 2, seed: 7)),
      negatives: scaled(cloud(40, shift: 0, seed: 8)), seed: seed, name: "test", threads: threads)
  }

  @Test(arguments: DirectionNull.Kind.allCases)
  func `a null has equal bits for any threads, and more of it begins with fewer`(
    kind: DirectionNull.Kind
  ) {
    let one = null(kind, 120)
    #expect(one.sorted == null(kind, 120, threads: 3).sorted)
    #expect(one.sorted != null(kind, 120, seed: 2).sorted)
    #expect(Set(null(kind, 60).sorted).isSubset(of: Set(one.sorted)))
    #expect(one.sorted.allSatisfy { (0.5...1).contains($0) })
    // In six dimensions some directions come near the one that matters.
    #expect(one.maximum > 0.7)
  }

  @Test(arguments: DirectionNull.Kind.allCases)
  func `separations are as large as areas are far from one half, and as reproducible`(
    kind: DirectionNull.Kind
  ) {
    let found = scores(kind, 200).separations
    #expect(found.sorted == scores(kind, 200, threads: 2).separations.sorted)
    #expect(found.sorted.allSatisfy { $0 >= 0 && $0.isFinite })
    // Two units apart in one of six dimensions: no direction separates by much more, some by nearly as much.
    #expect((0.8...3.5).contains(found.maximum), "\(found.maximum)")
  }

  @Test func `scores that overflow count against whatever is compared`() {
    #expect(null(.isotropic, 10, scale: 0x1p127).sorted == Array(repeating: 1, count: 10))
  }

  @Test func `a bag of words knows words, not their order, nor new ones`() {
    let bag = WordBag(positive: ["now go", "now stop"], negative: ["go", "stop later"])
    #expect(bag.score(of: "now") > 0 && bag.score(of: "later") < 0)
    #expect(bag.score(of: "go now") == bag.score(of: "now  go\n"))
    #expect(bag.score(of: "never seen") == 0 && bag.score(of: "") == 0)
    // One Character in Swift, two words here.
    #expect(bag.score(of: "now\r\ngo") == bag.score(of: "now go"))
  }

  @Test func `polished weights are those of a solver in double`() throws {
    for (index, golden) in try Golden.cases("logistic").enumerated() {
      let labels = golden["labels"]!.string!.utf8.map { $0 == UInt8(ascii: "1") }
      let problem = NewtonLogistic(
        features: golden["features"]!.floats, width: golden["width"]!.int!, labels: labels,
        penalty: .inverse(golden["c"]!.doubles[0]), isPolished: true)
      let fit = try problem.fit()
      #expect(
        distance(fit.direction.vector, golden["vector"]!.doubles) < 1e-6,
        "case \(index): \(distance(fit.direction.vector, golden["vector"]!.doubles))")
      #expect(try problem.fit(threads: 3) == fit, "case \(index)")
    }
  }
}
