import Determinism
import TensorCore
import Testing

@testable import Probing

struct NewtonLogisticTests {
  private static func objective(
    _ fit: Direction, _ features: [Float], width: Int, labels: [Bool], c: Double
  ) -> Double {
    let scores = fit.scores(of: Activations(width: width, floats: features))
    var loss = 0.0
    for (score, label) in zip(scores, labels) {
      let margin = label ? score : -score
      loss += Elementary.log1p(Elementary.exp(-margin.magnitude)) + max(0, -margin)
    }
    return loss + Vector.dot(fit.vector, fit.vector) / (2 * c)
  }

  @Test func `its optimum is scikit-learn's, objective to 1e-9`() throws {
    let cases = try Golden.cases("logistic")
    #expect(cases.count == 4)
    for (index, golden) in cases.enumerated() {
      let labels = golden["labels"]!.string!.utf8.map { $0 == UInt8(ascii: "1") }
      let (width, c) = (golden["width"]!.int!, golden["c"]!.doubles[0])
      let features = golden["features"]!.floats
      let fit = try NewtonLogistic(
        features: features, width: width, labels: labels, penalty: .inverse(c)
      ).fit()
      let found = Self.objective(fit.direction, features, width: width, labels: labels, c: c)
      let expected = golden["objective"]!.doubles[0]
      #expect((found - expected).magnitude <= 1e-9 * expected, "case \(index): \(found)")
      #expect((fit.objective - expected).magnitude <= 1e-6 * expected, "case \(index)")
      // Where the optimum is flat, weights are less certain than the objective.
      #expect(distance(fit.direction.vector, golden["vector"]!.doubles) < 1e-4, "case \(index)")
      #expect(fit.hessians <= fit.iterations + 1 && fit.iterations < 40, "case \(index)")
    }
  }

  /// Correlated features, labels that follow them in part.
  private func data(
    _ count: Int, width: Int, seed: UInt64
  ) -> (features: [Float], labels: [Bool]) {
    var stream = RandomStream(seed: seed, "logistic")
    var features: [Float] = []
    var labels: [Bool] = []
    for _ in 0..<count {
      let common = stream.normal()
      let row = (0..<width).map { _ in stream.normal() + common }
      let margin = row.enumerated().reduce(0.0) { $0 + $1.element * Double($1.offset % 5 - 2) }
      labels.append(stream.uniform() < 1 / (1 + Elementary.exp(-margin / 2)))
      features += row.map { Float($0) }
    }
    return (features, labels)
  }

  /// Sizes that are no multiples: of a vector, a block of rows, a chunk of blocks.
  @Test(arguments: [(2500, 17), (5000, 32), (1024, 64), (31, 3)])
  func `has equal bits for any threads and on every kernel family`(count: Int, width: Int) throws {
    let (features, labels) = data(count, width: width, seed: UInt64(width))
    let problem = NewtonLogistic(features: features, width: width, labels: labels)
    let reference = try problem.fit()
    for threads in 2...4 {
      #expect(try problem.fit(threads: threads) == reference, "\(threads) threads")
    }
    for family in KernelFamily.supported where count <= 2500 || family != .baseline {
      #expect(try problem.fit(threads: 2, family: family) == reference, "\(family)")
    }
  }

  @Test func `a standardised ridge is what LogisticRegression minimises`() throws {
    let (features, labels) = data(400, width: 6, seed: 4)
    let all = Activations(width: 6, floats: features.map { $0 * 3 + 1 })
    func rows(_ label: Bool) -> Activations {
      Activations(
        width: 6,
        floats: labels.indices.filter { labels[$0] == label }.flatMap { all[$0].map { Float($0) } })
    }
    let old = LogisticRegression(positive: rows(true), negative: rows(false), ridge: 0.03).fitted()
    let new = try NewtonLogistic(
      positive: rows(true), negative: rows(false), penalty: .standardised(ridge: 0.03)
    ).fitted()
    #expect(distance(new.vector, old.vector) < 1e-4)
    #expect(distance([new.offset], [old.offset]) < 1e-4)
    #expect(Vector.cosine(new.vector, old.vector) > 1 - 1e-9)
  }

  @Test func `is at home far from zero, and with numbers of any size`() throws {
    let (features, labels) = data(600, width: 5, seed: 5)
    let plain = try NewtonLogistic(features: features, width: 5, labels: labels).fit()
    // A shift that floats bear moves the intercept only.
    let moved = try NewtonLogistic(
      features: features.map { $0 + 1000 }, width: 5, labels: labels
    ).fit()
    #expect(distance(moved.direction.vector, plain.direction.vector) < 1e-3)
    for scale in [Float(0x1p60), 0x1p-60] {
      // The same problem in other units: weights / scale, penalty / scale².
      let square = Double(scale) * Double(scale)
      let scaled = try NewtonLogistic(
        features: features.map { $0 * scale }, width: 5, labels: labels,
        penalty: .inverse(1 / square)
      ).fit()
      #expect(
        distance(scaled.direction.vector.map { $0 * Double(scale) }, plain.direction.vector)
          < 1e-5, "scale \(scale)")
    }
  }

  @Test func `degenerate examples have a finite answer or an error`() throws {
    let same = [Float](repeating: 0.1, count: 60)
    let labels = (0..<20).map { $0 < 5 }
    for penalty in [NewtonLogistic.Penalty.inverse(1), .standardised(ridge: 0.01)] {
      let fit = try NewtonLogistic(features: same, width: 3, labels: labels, penalty: penalty)
        .fitted()
      #expect(fit.vector.allSatisfy { $0.magnitude < 1e-6 })
      let odds = fit.scores(of: Activations(width: 3, floats: same))[0]
      #expect((odds - Elementary.log(5.0 / 15)).magnitude < 1e-6)
    }
    // Separable with hardly any penalty.
    let apart = (0..<60).map { Float($0 < 15 ? 9 : -9) + Float($0 % 7) / 10 }
    let wide = try NewtonLogistic(
      features: apart, width: 3, labels: labels, penalty: .inverse(1e4)
    ).fitted()
    #expect(wide.vector.allSatisfy { $0.isFinite })
    let scores = wide.scores(of: Activations(width: 3, floats: apart))
    #expect(zip(scores, labels).allSatisfy { ($0 > 0) == $1 })
    #expect(throws: FittingError.tooFew(needed: 1, given: 0, of: "negative")) {
      try NewtonLogistic(features: [1, 2], width: 1, labels: [true, true]).fit()
    }
    for bad in [Float.nan, .infinity] {
      #expect(throws: FittingError.notFinite(row: 1, column: 0)) {
        try NewtonLogistic(
          features: [1, 2, bad, 4], width: 2, labels: [true, false]
        ).fit()
      }
    }
  }
}
