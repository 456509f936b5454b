import Statistics

/// Quantiles of a null, and where an observation stands in it.
package struct NullDistribution: Sendable {
  /// Rising, finite or not, never NaN.
  package let sorted: [Double]
  package init(_ values: [Double]) { sorted = values.sorted() }

  package func quantile(_ share: Double) throws(StatisticsError) -> Double {
    try Statistics.quantile(sorted, share)
  }

  package var maximum: Double { sorted[sorted.count - 1] }

  /// Share of the null below the observation: ties count against it.
  package func share(below observation: Double) -> Double {
    Double(sorted.count { $0 < observation }) / Double(sorted.count)
  }
}
