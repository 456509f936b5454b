import Determinism
import Testing

@testable import Probing

struct NearestNeighboursTests {
  @Test func `distances are scikit-learn's, among duplicates, ties and zeros`() throws {
    let cases = try Golden.cases("neighbours", in: "detectors")
    #expect(cases.count == 4)
    for (index, golden) in cases.enumerated() {
      let fitted = try NearestNeighbours(clean: golden.activations("clean")).fitted()
      let queries = golden.activations("queries")
      let scores = fitted.scores(of: queries)
      for (row, pair) in zip(scores, golden["distances"]!.doubles).enumerated() {
        #expect((pair.0 - pair.1).magnitude <= 1e-9, "case \(index), row \(row): \(pair)")
      }
      #expect(fitted.scores(of: queries, threads: 2) == scores)
      #expect(fitted.scores(of: queries, threads: 3) == scores)
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (6, 2), (7, 3), (100, 10), (9900, 99), (1_000_000, 100)])
  func `k is the root of how many there are`(count: Int, rank: Int) {
    #expect(NearestNeighbours.rank(among: count) == rank)
  }

  /// All distances, by definition.
  private func naive(_ clean: Activations, _ query: Activations, rank: Int) -> [Double] {
    func unit(_ row: [Double]) -> [Double] {
      let norm = Vector.norm(row)
      return row.map { norm > 0 ? $0 / norm : 0 }
    }
    let rows = (0..<clean.count).map { unit(Array(clean[$0])) }
    return (0..<query.count).map { index in
      let own = unit(Array(query[index]))
      return rows.map { Vector.norm(Vector.difference(own, $0)) }.sorted()[rank - 1]
    }
  }

  /// Around the blocks of 8 and 256 clean examples, of 512 features and of 128 tested ones.
  @Test(arguments: [(9, 3, 1), (255, 4, 129), (256, 5, 128), (257, 513, 3), (530, 8, 257)])
  func `blocks leave nothing out`(count: Int, width: Int, tested: Int) throws {
    var stream = RandomStream(seed: 5, "neighbours", UInt64(count))
    func cloud(_ count: Int) -> Activations {
      Activations(
        width: width, floats: (0..<count * width).map { _ in Float(stream.normal() + 1) })
    }
    let (clean, query) = (cloud(count), cloud(tested))
    let fitted = try NearestNeighbours(clean: clean).fitted()
    let wanted = naive(clean, query, rank: fitted.rank)
    let found = fitted.scores(of: query)
    #expect(zip(found, wanted).allSatisfy { ($0 - $1).magnitude < 1e-12 })
  }

  @Test func `clean examples that are all one give a distance to it, not an error`() throws {
    let same = Activations(width: 3, floats: [Float](repeating: 2, count: 30))
    let fitted = try NearestNeighbours(clean: same).fitted()
    let found = fitted.scores(
      of: Activations(width: 3, floats: [2, 2, 2, 1, 1, 1, -1, -1, -1, 0, 0, 0, 1, -1, 0]))
    #expect(distance(found, [0, 0, 2, 1, 2.squareRoot()]) < 1e-15)
    let zeros = try NearestNeighbours(
      clean: Activations(width: 1, floats: [0, 0, 0, 0, 5])
    ).fitted()
    #expect(zeros.scores(of: Activations(width: 1, floats: [0, 7, -3])) == [0, 1, 1])
  }

  @Test func `too few are an error, and what is not finite has no distance`() throws {
    let bad = Activations(width: 2, floats: [1, 2, 3, .nan, 5, 6])
    #expect(throws: FittingError.notFinite(row: 1, column: 1)) {
      try NearestNeighbours(clean: bad).fitted()
    }
    #expect(throws: FittingError.tooFew(needed: 2, given: 1, of: "clean")) {
      try NearestNeighbours(clean: bad.rows(0..<1)).fitted()
    }
    let good = Activations(
      width: 2, floats: [1, 2, -1, 0.5, .greatestFiniteMagnitude, 0, 1e-45, 0])
    let scores = try NearestNeighbours(clean: good).fitted().scores(of: bad + good)
    #expect(scores[1].isNaN && scores.count { $0.isNaN } == 1)
    #expect(scores[5] == 0 && scores[6] == 0, "the largest and the smallest float are parallel")
  }
}
