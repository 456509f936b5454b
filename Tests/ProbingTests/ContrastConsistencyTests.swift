import Determinism
import TensorCore
import Testing

@testable import Probing

struct ContrastConsistencyTests {
  private func search(_ golden: JSON) -> ContrastConsistency {
    ContrastConsistency(
      positive: golden.activations("positive"), negative: golden.activations("negative"),
      ridge: golden["ridge"]!.doubles[0], seed: 3)
  }

  private let goldens = Result { try Golden.cases("ccs", in: "detectors") }

  @Test func `the loss of given weights is the paper's`() throws {
    for (index, golden) in try goldens.get().enumerated() {
      let loss = try ConsistencyLoss(
        positive: golden.activations("positive"), negative: golden.activations("negative"))
      for point in golden["points"]!.array! {
        let found = loss.value(
          weights: point["weights"]!.doubles, intercept: point["intercept"]!.doubles[0])
        let expected = point["loss"]!.doubles[0]
        #expect((found - expected).magnitude <= 1e-12 * expected, "case \(index): \(found)")
      }
    }
  }

  @Test
  func `no restart of SciPy's finds a lower minimum, and where it is the same so is the direction`()
    throws
  {
    for (index, golden) in try goldens.get().enumerated() {
      let fit = try search(golden).fit()
      let best = golden["objective"]!.doubles[0]
      #expect(fit.objective <= best * (1 + 1e-9), "case \(index): \(fit.objective), \(best)")
      guard fit.objective > best * (1 - 1e-9) else { continue }
      let theirs = golden["vector"]!.doubles + golden["offset"]!.doubles
      #expect(
        distance(fit.direction.vector + [fit.direction.offset], theirs) < 1e-6, "case \(index)")
    }
  }

  @Test func `the gradient is that of the objective`() throws {
    let golden = try goldens.get()[0]
    let loss = try ConsistencyLoss(
      positive: golden.activations("positive"), negative: golden.activations("negative"))
    let point = [0.3, -1, 0.2, 0, 0.7, -0.1, 0.4]
    let gradient = loss.objective(at: point, ridge: 0.2).gradient
    for index in point.indices {
      func value(_ step: Double) -> Double {
        var moved = point
        moved[index] += step
        return loss.objective(at: moved, ridge: 0.2).value
      }
      let slope = (value(1e-5) - value(-1e-5)) / 2e-5
      #expect((slope - gradient[index]).magnitude < 1e-9, "\(index): \(slope)")
    }
  }

  @Test func `threads and a repeated fit change no bit, a seed may`() throws {
    let golden = try goldens.get()[2]
    let fit = try search(golden).fit()
    #expect(try search(golden).fit(threads: 2) == fit)
    #expect(try search(golden).fit(threads: 3) == fit)
    let other = try ContrastConsistency(
      positive: golden.activations("positive"), negative: golden.activations("negative"),
      ridge: golden["ridge"]!.doubles[0], seed: 4
    ).fit()
    #expect(other.weights != fit.weights)
    #expect((other.objective - fit.objective).magnitude < 1e-9)
  }

  @Test func `the sign is that of the pairs it was fitted to`() throws {
    for (index, golden) in try goldens.get().enumerated() {
      let (high, low) = (golden.activations("positive"), golden.activations("negative"))
      let ridge = golden["ridge"]!.doubles[0]
      for (high, low) in [(high, low), (low, high)] {
        let direction = try ContrastConsistency(
          positive: high, negative: low, ridge: ridge, seed: 3
        ).fitted()
        let means = [high, low].map { direction.scores(of: $0).reduce(0, +) }
        #expect(means[0] > means[1], "case \(index)")
      }
    }
  }

  /// Pairs that say the truth on one side or the other, which one by chance.
  private func pairs(_ count: Int, seed: UInt64) -> (high: Activations, low: Activations, [Bool]) {
    var stream = RandomStream(seed: seed, "pairs")
    let truths = (0..<count).map { _ in stream.bool() }
    func side(_ sign: Double) -> Activations {
      Activations(
        width: 5,
        floats: truths.flatMap { truth -> [Float] in
          (0..<5).map { column in
            let signal = column == 1 ? sign * (truth ? 2.0 : -2) : column == 3 ? sign : 0
            return Float(signal + stream.normal() / 2)
          }
        })
    }
    return (side(1), side(-1), truths)
  }

  @Test func `it finds what is consistent and not what tells the sides apart`() throws {
    let (high, low, _) = pairs(80, seed: 12)
    let direction = try ContrastConsistency(positive: high, negative: low, seed: 0).fitted()
    let largest = direction.vector.indices.max {
      direction.vector[$0].magnitude < direction.vector[$1].magnitude
    }
    // Feature 3 is the side, which was taken off.
    #expect(largest == 1)
    #expect(direction.vector[3].magnitude < 0.2 * direction.vector[1].magnitude)
    let (fresh, _, truths) = pairs(200, seed: 13)
    let scores = direction.scores(of: fresh)
    let right = zip(scores, truths).count { ($0 > 0) == $1 }
    #expect(max(right, 200 - right) > 190)
  }

  @Test func `what cannot be normalised is an error, and one constant feature costs only itself`()
    throws
  {
    let (high, low, _) = pairs(20, seed: 14)
    func fit(_ high: Activations, _ low: Activations) throws(FittingError) -> Direction {
      try ContrastConsistency(positive: high, negative: low, seed: 0).fitted()
    }
    #expect(throws: FittingError.tooFew(needed: 2, given: 1, of: "paired")) {
      try fit(high.rows(0..<1), low.rows(0..<1))
    }
    let same = Activations(width: 5, floats: [Float](repeating: 0.1, count: 100))
    #expect(throws: FittingError.noVariance(of: "paired")) { try fit(same, same) }
    #expect(throws: FittingError.noVariance(of: "paired")) { try fit(high, same) }
    var floats = high.floats
    floats[11] = .infinity
    #expect(throws: FittingError.notFinite(row: 2, column: 1)) {
      try fit(Activations(width: 5, floats: floats), low)
    }
    // Constant on one side.
    floats = high.floats
    for row in 0..<20 { floats[row * 5] = 7 }
    let direction = try fit(Activations(width: 5, floats: floats), low)
    #expect(direction.vector[0] == 0 && direction.vector[1] != 0)
    // Sides that are equal cannot add up to one and be sure.
    #expect(throws: FittingError.uninformative(of: "paired")) { try fit(high, high) }
    // Every pair twice, and values as large as floats are.
    let twice = try fit(high + high, low + low)
    #expect(distance(twice.vector, try fit(high, low).vector) < 1e-6)
    let huge = [high, low].map {
      Activations(width: 5, floats: $0.floats.map { $0 * 1e37 })
    }
    #expect(try fit(huge[0], huge[1]).vector.allSatisfy { $0.isFinite })
  }
}
