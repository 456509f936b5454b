import Determinism
import Testing

@testable import Probing

struct FittingTests {
  /// `count` rows of unit normals around a centre.
  func cloud(_ count: Int, around centre: [Double], seed: UInt64) -> Activations {
    var stream = RandomStream(seed: seed, "cloud")
    return Activations(
      width: centre.count,
      floats: (0..<count).flatMap { _ in centre.map { Float($0 + stream.normal()) } })
  }

  @Test func `a mean difference points from no to yes and its sign is never changed`() {
    let direction = MeanDifference(
      positive: Activations(width: 2, floats: [3, 0, 5, 2]),
      negative: Activations(width: 2, floats: [1, 1, 1, 1])
    ).fitted()
    #expect(direction.vector == [3, 0] && direction.offset == 0)
    #expect(direction.scores(of: Activations(width: 2, floats: [1, 9, -1, 9])) == [3, -3])
  }

  @Test(arguments: [1, 2, 5, 17])
  func `Cholesky solves a positive definite system`(size: Int) {
    var stream = RandomStream(seed: 21, "matrix", UInt64(size))
    var matrix = SymmetricMatrix(size: size)
    for _ in 0..<size + 3 { matrix.add((0..<size).map { _ in stream.normal() }, weight: 1) }
    let x = (0..<size).map { _ in stream.normal() }
    let right = (0..<size).map { row in
      (0..<size).reduce(0.0) { $0 + matrix[row, $1] * x[$1] }
    }
    let solved = matrix.solution(of: right)
    for (a, b) in zip(solved, x) { #expect(abs(a - b) < 1e-8 * (1 + abs(b)), "size \(size)") }
  }

  /// The factorisation by definition, entry after entry, that `probe@1` was recorded with.
  private func naiveSolution(_ matrix: SymmetricMatrix, of right: [Double]) -> [Double] {
    let size = matrix.size
    var lower = matrix.lowerTriangle
    for row in 0..<size {
      for column in 0...row {
        var sum = lower[row * size + column]
        for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
        lower[row * size + column] =
          row == column ? sum.squareRoot() : sum / lower[column * size + column]
      }
    }
    var x = right
    for row in 0..<size {
      for column in 0..<row { x[row] -= lower[row * size + column] * x[column] }
      x[row] /= lower[row * size + row]
    }
    for row in (0..<size).reversed() {
      for below in row + 1..<max(size, row + 1) { x[row] -= lower[below * size + row] * x[below] }
      x[row] /= lower[row * size + row]
    }
    return x
  }

  @Test(arguments: [1, 2, 8, 9, 33, 65])
  func `Cholesky in columns has the bits of its definition`(size: Int) {
    var stream = RandomStream(seed: 22, "bits", UInt64(size))
    let vectors = (0..<size + 5).map { _ in (0..<size).map { _ in stream.normal() } }
    var matrix = SymmetricMatrix(size: size)
    for vector in vectors { matrix.add(vector, weight: 1) }
    let right = (0..<size).map { _ in stream.normal() }
    let (found, expected) = (matrix.solution(of: right), naiveSolution(matrix, of: right))
    #expect(zip(found, expected).allSatisfy { $0.bitPattern == $1.bitPattern }, "size \(size)")
  }

  @Test func `logistic regression is where the penalised gradient vanishes`() {
    let width = 5
    let positive = cloud(80, around: [1, 0, 0, -1, 0], seed: 1)
    let negative = cloud(60, around: [0, 0, 0, 0, 0], seed: 2)
    let fitted = LogisticRegression(positive: positive, negative: negative, ridge: 0.05).fitted()
    let all = positive + negative
    let mean = all.mean
    var variance = 0.0
    for row in 0..<all.count {
      for (column, value) in all[row].enumerated() {
        variance += (value - mean[column]) * (value - mean[column])
      }
    }
    variance /= Double(all.count * width)
    let scores = fitted.scores(of: all)
    for column in 0..<width {
      var gradient = 0.0
      for row in 0..<all.count {
        let p = 1 / (1 + Elementary.exp(-scores[row]))
        let label = row < positive.count ? 1.0 : 0.0
        gradient += (p - label) * (all[row].dropFirst(column).first! - mean[column])
      }
      // The penalty is on weights of features in units of the joint deviation.
      gradient += 0.05 * Double(all.count) * fitted.vector[column] * variance
      #expect(abs(gradient) < 1e-7 * Double(all.count), "column \(column): \(gradient)")
    }
  }

  @Test func `a separable pair of clouds is separated, and ridge keeps the weights finite`() {
    let positive = cloud(50, around: [40, 0, 0], seed: 3)
    let negative = cloud(50, around: [-40, 0, 0], seed: 4)
    let direction = LogisticRegression(positive: positive, negative: negative).fitted()
    #expect(direction.scores(of: positive).allSatisfy { $0 > 0 })
    #expect(direction.scores(of: negative).allSatisfy { $0 < 0 })
    #expect(direction.vector.allSatisfy { $0.isFinite })
  }

  @Test func `activations that are all the same fit a zero direction, not NaN`() {
    let same = Activations(width: 3, floats: [Float](repeating: 2, count: 30))
    let direction = LogisticRegression(positive: same, negative: same).fitted()
    #expect(direction.vector == [0, 0, 0] && direction.offset == 0)
    #expect(Vector.cosine(direction.vector, [1, 0, 0]) == 0)
  }

  @Test func `the lexical control gives equal bags the same bits`() {
    var stream = RandomStream(seed: 5, "bags")
    let sequences = (0..<40).map { _ in (0..<12).map { _ in Int32(stream.below(20)) } }
    let bayes = NaiveBayes(
      vocabulary: 20, positive: Array(sequences[..<20]), negative: Array(sequences[20...]))
    for sequence in sequences {
      let shuffled = stream.shuffled(sequence)
      #expect(bayes.score(of: sequence).bitPattern == bayes.score(of: shuffled).bitPattern)
    }
  }

  @Test func `the lexical control is the log ratio of smoothed frequencies`() {
    let bayes = NaiveBayes(vocabulary: 2, positive: [[0, 0, 0]], negative: [[1]])
    #expect(abs(bayes.weights[0] - (Elementary.log(0.8) - Elementary.log(1.0 / 3))) < 1e-15)
    #expect(abs(bayes.weights[1] - (Elementary.log(0.2) - Elementary.log(2.0 / 3))) < 1e-15)
  }
}
