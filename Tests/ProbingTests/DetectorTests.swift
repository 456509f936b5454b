import Determinism
import TensorCore
import Testing

@testable import Probing

struct DetectorTests {
  /// Two implementations in Double of a system whose condition is about 10⁴.
  static let tolerance = 1e-9

  @Test func `LDA, PCA and Mahalanobis equal scikit-learn's`() throws {
    let cases = try Golden.cases("detectors")
    #expect(cases.count == 4)
    for (index, golden) in cases.enumerated() {
      let positive = golden.activations("positive")
      let negative = golden.activations("negative")
      let heldOut = golden.activations("held-out")
      let shrinkage = golden["shrinkage"]!.doubles[0]
      let lda = try LinearDiscriminant(
        positive: positive, negative: negative, shrinkage: shrinkage
      ).fitted()
      let theirs = golden["lda"]!
      #expect(distance(lda.vector, theirs["vector"]!.doubles) < Self.tolerance, "case \(index)")
      #expect(distance([lda.offset], theirs["offset"]!.doubles) < Self.tolerance, "case \(index)")
      #expect(
        distance(lda.scores(of: heldOut), theirs["scores"]!.doubles) < Self.tolerance,
        "case \(index)")
      let clean = try Mahalanobis(clean: negative, shrinkage: shrinkage).fitted()
      #expect(
        distance(clean.scores(of: heldOut), golden["mahalanobis"]!.doubles) < Self.tolerance,
        "case \(index)")
      let pairs = min(positive.count, negative.count)
      let pca = try PrincipalComponents(
        positive: positive.rows(0..<pairs), negative: negative.rows(0..<pairs)
      ).fit(count: 3)
      let components = golden["pca"]!
      for (direction, vector) in zip(pca.directions, components["components"]!.array!) {
        #expect(distance(direction.vector, vector.doubles) < Self.tolerance, "case \(index)")
      }
      #expect(distance(pca.variances, components["variances"]!.doubles) < Self.tolerance)
      #expect(distance(pca.shares, components["shares"]!.doubles) < Self.tolerance)
      #expect(
        distance(pca.directions[0].scores(of: heldOut), components["scores"]!.doubles)
          < Self.tolerance, "case \(index)")
    }
  }

  @Test func `their signs are fixed by what they were fitted to`() throws {
    let golden = try Golden.cases("detectors")[0]
    let positive = golden.activations("positive").rows(0..<30)
    let negative = golden.activations("negative").rows(0..<30)
    let lda = try LinearDiscriminant(positive: positive, negative: negative).fitted()
    let turned = try LinearDiscriminant(positive: negative, negative: positive).fitted()
    #expect(distance(turned.vector, lda.vector.map { -$0 }) < 1e-12)
    let pca = try PrincipalComponents(positive: positive, negative: negative).fitted()
    let other = try PrincipalComponents(positive: negative, negative: positive).fitted()
    #expect(distance(other.vector, pca.vector.map { -$0 }) < 1e-12)
    func mean(_ direction: Direction, _ activations: Activations) -> Double {
      direction.scores(of: activations).reduce(0, +) / Double(activations.count)
    }
    for direction in [lda, pca] {
      #expect(mean(direction, positive) > mean(direction, negative))
    }
    // Where the pairs do not differ, the largest component decides.
    let same = try PrincipalComponents(positive: positive, negative: positive).fitted()
    let largest = same.vector.max { $0.magnitude < $1.magnitude }!
    #expect(largest > 0)
  }

  /// As many examples as given, all the same.
  private func constant(_ count: Int, _ value: Float = 0.1, width: Int = 3) -> Activations {
    Activations(width: width, floats: [Float](repeating: value, count: count * width))
  }

  @Test func `examples without variance are an error, not NaN`() {
    #expect(throws: FittingError.noVariance(of: "labelled")) {
      try LinearDiscriminant(positive: constant(7), negative: constant(9, 0.3)).fitted()
    }
    #expect(throws: FittingError.noVariance(of: "clean")) {
      try Mahalanobis(clean: constant(7)).fitted()
    }
    #expect(throws: FittingError.noVariance(of: "paired")) {
      try PrincipalComponents(positive: constant(7), negative: constant(7)).fitted()
    }
  }

  @Test func `too few examples are an error without shrinkage, and a finite score with it`() throws
  {
    var stream = RandomStream(seed: 8, "few")
    let few = Activations(width: 9, floats: (0..<4 * 9).map { _ in Float(stream.normal()) })
    let other = Activations(width: 9, floats: (0..<3 * 9).map { _ in Float(stream.normal() + 1) })
    #expect(throws: FittingError.singular(of: "clean")) {
      try Mahalanobis(clean: few, shrinkage: 0).fitted()
    }
    #expect(throws: FittingError.singular(of: "labelled")) {
      try LinearDiscriminant(positive: few, negative: other, shrinkage: 0).fitted()
    }
    #expect(throws: FittingError.tooFew(needed: 7, given: 6, of: "independent paired")) {
      let pairs = other.rows(0..<3)
      _ = try PrincipalComponents(positive: few.rows(0..<3), negative: pairs).fit(count: 6)
    }
    #expect(throws: FittingError.tooFew(needed: 2, given: 1, of: "clean")) {
      try Mahalanobis(clean: few.rows(0..<1)).fitted()
    }
    #expect(throws: FittingError.tooFew(needed: 1, given: 0, of: "negative")) {
      try LinearDiscriminant(positive: few, negative: few.rows(0..<0)).fitted()
    }
    let distances = try Mahalanobis(clean: few).fitted().scores(of: few + other)
    #expect(distances.allSatisfy { $0.isFinite && $0 > 0 })
    #expect(distances[4...].min()! > distances[..<4].max()!)
    let lda = try LinearDiscriminant(positive: other, negative: few).fitted()
    #expect(lda.scores(of: other).min()! > lda.scores(of: few).max()!)
  }

  @Test func `one constant feature costs nothing but itself`() throws {
    var stream = RandomStream(seed: 9, "constant")
    func cloud(_ shift: Double) -> Activations {
      Activations(
        width: 3,
        floats: (0..<40).flatMap { _ in
          [Float(stream.normal() + shift), 0.7, Float(stream.normal())]
        })
    }
    let (high, low) = (cloud(3), cloud(0))
    let lda = try LinearDiscriminant(positive: high, negative: low).fitted()
    #expect(lda.vector[0] > 1 && lda.vector[1].magnitude < 1e-9)
    let pca = try PrincipalComponents(positive: high, negative: low).fit(count: 2)
    #expect(pca.directions.allSatisfy { $0.vector[1].magnitude < 1e-9 })
    #expect(try Mahalanobis(clean: low).fitted().scores(of: high).allSatisfy { $0.isFinite })
  }

  @Test func `a value that is not finite is named`() {
    let bad = Activations(width: 2, floats: [1, 2, 3, .nan, 5, 6])
    let good = Activations(width: 2, floats: [1, 2, 3, 4, 5, 7])
    let error = FittingError.notFinite(row: 1, column: 1)
    #expect(throws: error) { try Mahalanobis(clean: bad).fitted() }
    #expect(throws: error) { try LinearDiscriminant(positive: good, negative: bad).fitted() }
    #expect(throws: error) { try PrincipalComponents(positive: bad, negative: good).fitted() }
    #expect(
      error.description
        == "feature 1 of example 1 is not finite; remove the example, or look at the model")
  }
}

struct SymmetricEigenTests {
  @Test(arguments: [1, 2, 3, 8, 33])
  func `eigenvectors are orthonormal and give the matrix back`(size: Int) {
    var stream = RandomStream(seed: 31, "eigen", UInt64(size))
    var matrix = SymmetricMatrix(size: size)
    // Of half the rank: half of the eigenvalues are 0.
    for _ in 0..<(size + 1) / 2 { matrix.add((0..<size).map { _ in stream.normal() }, weight: 1) }
    let eigen = SymmetricEigen(of: matrix)
    #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 >= $1 })
    for row in 0..<size {
      for column in 0..<size {
        let inner = Vector.dot(eigen.vectors[row], eigen.vectors[column])
        #expect((inner - (row == column ? 1 : 0)).magnitude < 1e-13, "size \(size)")
        let entry = (0..<size).reduce(0.0) {
          $0 + eigen.values[$1] * eigen.vectors[$1][row] * eigen.vectors[$1][column]
        }
        #expect((entry - matrix[row, column]).magnitude < 1e-12 * matrix.trace, "size \(size)")
      }
    }
  }

  @Test func `matrices that need no work, or have equal eigenvalues, are no trap`() {
    func matrix(_ rows: [[Double]]) -> SymmetricMatrix {
      var matrix = SymmetricMatrix(size: rows.count)
      for (row, values) in rows.enumerated() {
        for (column, value) in values.enumerated() where column <= row {
          matrix[row, column] = value
        }
      }
      return matrix
    }
    #expect(SymmetricEigen(of: matrix([[0, 0], [0, 0]])).values == [0, 0])
    #expect(SymmetricEigen(of: matrix([[2, 0], [0, 5]])).vectors == [[0, 1], [1, 0]])
    #expect(
      distance(SymmetricEigen(of: matrix([[0, 1], [1, 0]])).values, [1, -1]) < 1e-15)
    let tiny = SymmetricEigen(of: matrix([[1e-200, 1e-200, 0], [1e-200, 1e-200, 0], [0, 0, 1]]))
    #expect(tiny.values[0] == 1 && tiny.values.allSatisfy { $0.isFinite })
    let huge = SymmetricEigen(
      of: matrix([[1e200, 2e200, 0], [2e200, 1e200, 1e200], [0, 1e200, 1]]))
    #expect(huge.values.allSatisfy { $0.isFinite })
  }

  @Test(arguments: [5, 40])
  func `the reference is LAPACK`(size: Int) throws {
    var stream = RandomStream(seed: 32, "lapack", UInt64(size))
    var matrix = SymmetricMatrix(size: size)
    for _ in 0..<2 * size { matrix.add((0..<size).map { _ in stream.normal() }, weight: 1) }
    let full = (0..<size * size).map { matrix[$0 / size, $0 % size] }
    let reference = try OpenBLAS.symmetricEigen(full, size: size)
    let eigen = SymmetricEigen(of: matrix)
    #expect(distance(eigen.values.reversed(), reference.values) < 1e-13)
    let right = (0..<size).map { _ in stream.normal() }
    let lower = try OpenBLAS.cholesky(full, size: size)
    let theirs = OpenBLAS.solution(cholesky: lower, size: size, of: right)
    #expect(distance(matrix.solution(of: right), theirs) < 1e-10)
  }
}
