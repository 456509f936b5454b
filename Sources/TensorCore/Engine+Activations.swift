import CKernels

extension Engine {
  /// [columns]: the sum of each column of a row-major matrix, in Double, in row order.
  package func columnTotals(_ x: UnsafeBufferPointer<Float>, columns: Int) -> [Double] {
    precondition(columns > 0 && x.count.isMultiple(of: columns), "whole rows")
    var totals = [Double](repeating: 0, count: columns)
    guard let start = x.baseAddress else { return totals }
    kernels.pointee.column_total(x.count / columns, columns, start, columns, &totals)
    return totals
  }

  /// y[rows] = x[rows, columns] w in float32, each row's terms in sixteen partial sums.
  package func dots(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, ldx: Int, _ w: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.dots(rows, columns, x, ldx, w, y)
  }

  /// [rows]: each row's product with a direction, in Double, its terms added in order.
  package func projections(
    _ x: UnsafeBufferPointer<Float>, onto direction: [Double]
  ) -> [Double] {
    precondition(!direction.isEmpty && x.count.isMultiple(of: direction.count), "whole rows")
    var products = [Double](repeating: 0, count: x.count / direction.count)
    guard let start = x.baseAddress else { return products }
    kernels.pointee.projection(
      products.count, direction.count, start, direction.count, direction, &products)
    return products
  }

  /// C[m,n] += Aᵀ B in double of A[k,m] and B[k,n], or −= with `sign` −1. Each output is one chain over k.
  ///
  /// - Parameter n: a multiple of 8.
  package func addProduct(
    sign: Double = 1, m: Int, n: Int, k: Int, _ a: UnsafePointer<Double>, lda: Int,
    _ b: UnsafePointer<Double>, ldb: Int, to c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    precondition(n.isMultiple(of: 8), "whole vectors")
    kernels.pointee.gram(m, n, k, sign, a, lda, b, ldb, c, ldc)
  }
}
