import CKernels

/// Which kernels compute: a value to pass around, free to copy.
///
/// Shape alphabet of this target: `rows`, `columns` of a row-major matrix; m, n, k as in
/// C[m,n] = A[m,k] B[k,n]; `ld` the distance in floats between rows.
package struct Engine: @unchecked Sendable {
  package let backend: Backend
  package let family: KernelFamily
  /// A table of C functions, constant for the life of the process.
  package let kernels: UnsafePointer<dm_kernels>

  package init(backend: Backend = .own, family: KernelFamily = .best) {
    precondition(family.isSupported, "this machine cannot run \(family) kernels")
    self.backend = backend
    self.family = family
    kernels = dm_kernels_of(family.code)
  }

  /// How the operands of a product are stored.
  package enum Form: Sendable {
    /// A[m,k] B[k,n].
    case plain
    /// A[m,k] B[n,k].
    case rightTransposed
    /// A[k,m] B[k,n].
    case leftTransposed
  }

  /// C[m,n] = start + bias + product. `start` (m × n) may be C itself, to accumulate; `bias` is one row.
  package func multiply(
    _ form: Form, m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, lda: Int,
    _ b: UnsafePointer<Float>, ldb: Int, bias: UnsafePointer<Float>? = nil,
    start: UnsafePointer<Float>? = nil, lds: Int = 0, into c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    guard m > 0, n > 0 else { return }
    switch backend {
    case .own:
      let code =
        switch form {
        case .plain: DM_NN
        case .rightTransposed: DM_NT
        case .leftTransposed: DM_TN
        }
      kernels.pointee.gemm(code, m, n, k, a, lda, b, ldb, bias, start, lds, c, ldc)
    case .openblas:
      if bias != nil || (start != nil && start != UnsafePointer(c)) {
        for row in 0..<m {
          for column in 0..<n {
            let first = start.map { $0[row * lds + column] } ?? 0
            c[row * ldc + column] = first + (bias.map { $0[column] } ?? 0)
          }
        }
      }
      OpenBLAS.multiply(
        transposed: (form == .leftTransposed, form == .rightTransposed), m: m, n: n, k: k, a: a,
        lda: lda, b: b, ldb: ldb, beta: bias == nil && start == nil ? 0 : 1, c: c, ldc: ldc)
    }
  }

  /// Floats that `pack` fills for a B of k rows and n columns.
  package static func packedCount(n: Int, k: Int) -> Int { k * ((n + 15) / 16 * 16) }

  /// B, or its transpose, as many products read it fastest; only for backend `own`.
  ///
  /// - Parameters:
  ///   - b: `rows` × `columns`, dense.
  ///   - isTransposed: whether products are to be by Bᵀ.
  ///   - panels: `packedCount` floats of the matrix multiplied by.
  package func pack(
    _ b: UnsafePointer<Float>, rows: Int, columns: Int, isTransposed: Bool,
    into panels: UnsafeMutablePointer<Float>
  ) {
    let (n, k) = isTransposed ? (rows, columns) : (columns, rows)
    kernels.pointee.pack(isTransposed ? DM_NT : DM_NN, n, k, b, columns, panels)
  }

  /// C[m, n] = start + bias + A W or A Wᵀ for a dense A and a parameter W, from its panels if it has them.
  func multiply(
    _ m: Int, _ a: UnsafePointer<Float>, by weight: Parameter, transposed isTransposed: Bool,
    bias: UnsafePointer<Float>? = nil, start: UnsafePointer<Float>? = nil,
    into c: UnsafeMutablePointer<Float>
  ) {
    let (n, k) = isTransposed ? (weight.rows, weight.columns) : (weight.columns, weight.rows)
    let packed = isTransposed ? weight.panels?.transposed : weight.panels?.plain
    if let packed, backend == .own, m > 0 {
      kernels.pointee.gemm(DM_NP, m, n, k, a, k, packed, 0, bias, start, n, c, n)
    } else {
      multiply(
        isTransposed ? .rightTransposed : .plain, m: m, n: n, k: k, a, lda: k, weight.value,
        ldb: weight.columns, bias: bias, start: start, lds: n, into: c, ldc: n)
    }
  }

  /// e^((x − largest x) / temperature), unnormalised, in Double; the bits of `Elementary.exp`.
  package func likelihoods(
    _ logits: UnsafeBufferPointer<Float>, temperature: Double, into likelihoods: inout [Double]
  ) {
    precondition(temperature > 0 && likelihoods.count == logits.count && !logits.isEmpty)
    kernels.pointee.likelihoods(logits.count, logits.baseAddress!, temperature, &likelihoods)
  }
}
