import Determinism
import Glibc
import Testing

@testable import TensorCore

struct `A factorisation by LAPACK` {
  /// Aᵀ A + I of random numbers.
  private func definite(_ size: Int) -> [Double] {
    var stream = RandomStream(seed: 41, "definite", UInt64(size))
    let a = (0..<size * size).map { _ in stream.normal() }
    return (0..<size * size).map { index in
      let (row, column) = (index / size, index % size)
      return (0..<size).reduce(row == column ? 1.0 : 0) {
        $0 + a[$1 * size + row] * a[$1 * size + column]
      }
    }
  }

  @Test(arguments: [1, 2, 7, 40])
  func `by Cholesky gives the matrix back and solves with it`(size: Int) throws {
    let matrix = definite(size)
    let lower = try OpenBLAS.cholesky(matrix, size: size)
    for row in 0..<size {
      for column in 0..<size {
        let entry = (0..<size).reduce(0.0) {
          $0 + lower[row * size + $1] * lower[column * size + $1]
        }
        #expect((entry - matrix[row * size + column]).magnitude < 1e-12 * Double(size * size))
        if column > row { #expect(lower[row * size + column] == 0) }
      }
    }
    let x = (0..<size).map { Double($0) - 2.5 }
    let right = (0..<size).map { row in
      (0..<size).reduce(0.0) { $0 + matrix[row * size + $1] * x[$1] }
    }
    let found = OpenBLAS.solution(cholesky: lower, size: size, of: right)
    #expect(zip(found, x).allSatisfy { ($0 - $1).magnitude < 1e-9 })
  }

  @Test(arguments: [1, 2, 7, 40])
  func `by eigenvalues has orthonormal vectors that the matrix stretches`(size: Int) throws {
    let matrix = definite(size)
    let (values, vectors) = try OpenBLAS.symmetricEigen(matrix, size: size)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    for (index, value) in values.enumerated() {
      let vector = vectors[index * size..<(index + 1) * size]
      #expect((vector.reduce(0) { $0 + $1 * $1 } - 1).magnitude < 1e-13)
      for row in 0..<size {
        let stretched = (0..<size).reduce(0.0) {
          $0 + matrix[row * size + $1] * vector[vector.startIndex + $1]
        }
        let expected = value * vector[vector.startIndex + row]
        #expect((stretched - expected).magnitude < 1e-12 * values[size - 1])
      }
    }
  }

  @Test func `of a product with itself adds to the lower triangle`() {
    let x: [Double] = [1, 2, 3, 4, 5, 6]
    var product: [Double] = [1, 99, 0, 0]
    OpenBLAS.addGram(of: x, rows: 3, columns: 2, ld: 2, to: &product)
    #expect(product == [1 + 35, 99, 44, 56])
    var floats: [Float] = [1, 99, 0, 0]
    OpenBLAS.addGram(of: x.map { Float($0) }, rows: 3, columns: 2, ld: 2, to: &floats)
    #expect(floats == [36, 99, 44, 56])
  }

  @Test func `of what has none is refused`() {
    #expect(throws: OpenBLAS.FactorisationError.notPositiveDefinite(order: 2)) {
      try OpenBLAS.cholesky([1, 2, 2, 1], size: 2)
    }
    #expect(throws: OpenBLAS.FactorisationError.notFinite(index: 3)) {
      try OpenBLAS.symmetricEigen([1, 2, 2, .nan], size: 2)
    }
    #expect(throws: OpenBLAS.FactorisationError.notFinite(index: 0)) {
      try OpenBLAS.cholesky([.infinity], size: 1)
    }
  }
}

/// In processes of their own: the choice holds for a whole one.
struct `The kernels of OpenBLAS` {
  @Test(.enabled(if: KernelFamily.avx2.isSupported, "needs AVX2"))
  func `can be pinned before anything is computed, and stay so`() async {
    await #expect(processExitsWith: .success) {
      unsetenv("OPENBLAS_CORETYPE")
      precondition(OpenBLAS.kernels == .undecided)
      try OpenBLAS.pin()
      precondition(OpenBLAS.isPinned && OpenBLAS.coreName == "Haswell")
      // A child process chooses for itself.
      precondition(getenv("OPENBLAS_CORETYPE") == nil)
      try OpenBLAS.pin()
      let lower = try OpenBLAS.cholesky([4, 2, 2, 5], size: 2)
      precondition(lower == [2, 0, 1, 2] && OpenBLAS.isPinned)
    }
  }

  @Test func `cannot be pinned when others have computed`() async {
    await #expect(processExitsWith: .success) {
      guard OpenBLAS.coreName != "Haswell", KernelFamily.avx2.isSupported else { return }
      _ = try OpenBLAS.cholesky([1], size: 1)
      precondition(OpenBLAS.kernels == .detected)
      let core = OpenBLAS.coreName
      do {
        try OpenBLAS.pin()
        preconditionFailure("pinned")
      } catch let error as OpenBLAS.PinError {
        precondition(error == .inUse(coreType: core))
        precondition(OpenBLAS.coreName == core && OpenBLAS.kernels == .detected)
      }
    }
  }

  @Test(.enabled(if: KernelFamily.avx2.isSupported, "needs AVX2"))
  func `are the user's where the user chose`() async {
    await #expect(processExitsWith: .success) {
      setenv("OPENBLAS_CORETYPE", "SkylakeX", 1)
      let core = OpenBLAS.coreName
      do {
        try OpenBLAS.pin()
        preconditionFailure("pinned")
      } catch let error as OpenBLAS.PinError {
        precondition(error == .chosen(coreType: "SkylakeX"))
        precondition(
          error.description == "OPENBLAS_CORETYPE is 'SkylakeX'; unset it, or set it to Haswell")
        precondition(OpenBLAS.coreName == core && OpenBLAS.kernels == .undecided)
        precondition(String(cString: getenv("OPENBLAS_CORETYPE")) == "SkylakeX")
      }
    }
  }
}
