/// Eigenvalues and eigenvectors of a symmetric matrix, in Double and a fixed order: Householder's reduction
/// to a tridiagonal matrix, then implicit QL steps (Golub and Van Loan, "Matrix Computations", 8.3). Square
/// roots are the only function called, so the bits are the same on every machine. O(size³): a second or
/// so at 512; LAPACK's `dsyevd` is the oracle in the tests.
package struct SymmetricEigen: Equatable, Sendable {
  /// Falling.
  package let values: [Double]
  /// vectors[i] belongs to values[i]; of length 1, sign arbitrary but fixed.
  package let vectors: [[Double]]

  /// - Parameter matrix: of finite numbers.
  package init(of matrix: SymmetricMatrix) {
    var reduction = Tridiagonal(matrix)
    reduction.diagonalise()
    let size = matrix.size
    let order = (0..<size).sorted {
      (-reduction.diagonal[$0], $0) < (-reduction.diagonal[$1], $1)
    }
    values = order.map { reduction.diagonal[$0] }
    vectors = order.map { Array(reduction.basis[$0 * size..<($0 + 1) * size]) }
  }
}

/// A = Q T Qᵀ with T tridiagonal.
private struct Tridiagonal {
  let size: Int
  private(set) var diagonal: [Double]
  /// beside[i] lies between i and i + 1; the last is 0.
  private(set) var beside: [Double]
  /// Qᵀ [size × size], row by row: rotations then work on whole rows.
  private(set) var basis: [Double]

  init(_ matrix: SymmetricMatrix) {
    let size = matrix.size
    precondition(matrix.trace.isFinite, "a matrix of finite numbers")
    self.size = size
    diagonal = [Double](repeating: 0, count: size)
    beside = [Double](repeating: 0, count: size)
    basis = [Double](repeating: 0, count: size * size)
    var a = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0..<size { a[row * size + column] = matrix[row, column] }
      basis[row * size + row] = 1
    }
    a.withUnsafeMutableBufferPointer { a in
      basis.withUnsafeMutableBufferPointer { basis in
        for column in 0..<size {
          diagonal[column] = a[column * size + column]
          guard column + 1 < size else { break }
          beside[column] = Self.reflect(a.baseAddress!, basis.baseAddress!, size, column)
        }
      }
    }
  }

  /// Clears a column below its first off-diagonal entry by H = I − 2 v vᵀ / vᵀv, on both sides of A, and
  /// applies H to the basis. Returns that entry.
  private static func reflect(
    _ a: UnsafeMutablePointer<Double>, _ basis: UnsafeMutablePointer<Double>, _ size: Int,
    _ column: Int
  ) -> Double {
    let first = column + 1
    var v = [Double](repeating: 0, count: size)
    // Scaled, so that squares neither overflow nor vanish.
    var largest = 0.0
    for row in first..<size { largest = max(largest, a[column * size + row].magnitude) }
    guard largest > 0 else { return 0 }
    var square = 0.0
    for row in first..<size {
      v[row] = a[column * size + row] / largest
      square += v[row] * v[row]
    }
    let tail = square - v[first] * v[first]
    guard tail > 0 else { return a[column * size + first] }
    let norm = v[first] > 0 ? -square.squareRoot() : square.squareRoot()
    square = tail
    v[first] -= norm
    square += v[first] * v[first]
    let factor = 2 / square
    // p = factor A v − (factor² vᵀAv / 2) v; then A −= v pᵀ + p vᵀ.
    var p = [Double](repeating: 0, count: size)
    for row in first..<size {
      let scaled = factor * v[row]
      for other in first..<size { p[other] += scaled * a[row * size + other] }
    }
    var half = 0.0
    for row in first..<size { half += p[row] * v[row] }
    half *= factor / 2
    for row in first..<size { p[row] -= half * v[row] }
    for row in first..<size {
      let (x, y) = (v[row], p[row])
      for other in first..<size { a[row * size + other] -= x * p[other] + y * v[other] }
    }
    // Qᵀ ← H Qᵀ.
    var along = [Double](repeating: 0, count: size)
    for row in first..<size {
      for other in 0..<size { along[other] += v[row] * basis[row * size + other] }
    }
    for row in first..<size {
      let scaled = factor * v[row]
      for other in 0..<size { basis[row * size + other] -= scaled * along[other] }
    }
    return norm * largest
  }

  /// Implicit QL with Wilkinson's shift until every `beside` is 0.
  mutating func diagonalise() {
    for low in 0..<size {
      while true {
        var high = low
        while high + 1 < size {
          let scale = diagonal[high].magnitude + diagonal[high + 1].magnitude
          if beside[high].magnitude <= 0x1p-53 * scale { break }
          high += 1
        }
        if high == low { break }
        sweep(low, high)
      }
    }
  }

  /// One step on the block low ... high: a chase of rotations from its end to its beginning.
  private mutating func sweep(_ low: Int, _ high: Int) {
    let ratio = (diagonal[low + 1] - diagonal[low]) / (2 * beside[low])
    let root = Self.length(ratio, 1)
    var g =
      diagonal[high] - diagonal[low] + beside[low] / (ratio + (ratio >= 0 ? root : -root))
    var (sine, cosine, shift) = (1.0, 1.0, 0.0)
    for index in stride(from: high - 1, through: low, by: -1) {
      let f = sine * beside[index]
      let b = cosine * beside[index]
      let r = Self.length(f, g)
      beside[index + 1] = r
      if r == 0 {
        // The block has come apart.
        diagonal[index + 1] -= shift
        beside[high] = 0
        return
      }
      sine = f / r
      cosine = g / r
      g = diagonal[index + 1] - shift
      let t = (diagonal[index] - g) * sine + 2 * cosine * b
      shift = sine * t
      diagonal[index + 1] = g + shift
      g = cosine * t - b
      rotate(index, sine: sine, cosine: cosine)
    }
    diagonal[low] -= shift
    beside[low] = g
    beside[high] = 0
  }

  private mutating func rotate(_ index: Int, sine: Double, cosine: Double) {
    let size = size
    basis.withUnsafeMutableBufferPointer { basis in
      let upper = basis.baseAddress! + index * size
      let lower = upper + size
      for column in 0..<size {
        let (x, y) = (upper[column], lower[column])
        lower[column] = sine * x + cosine * y
        upper[column] = cosine * x - sine * y
      }
    }
  }

  /// √(a² + b²) without overflow.
  private static func length(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (max(a.magnitude, b.magnitude), min(a.magnitude, b.magnitude))
    guard x > 0 else { return 0 }
    let ratio = y / x
    return x * (1 + ratio * ratio).squareRoot()
  }
}
