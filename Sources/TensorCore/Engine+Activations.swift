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
}
