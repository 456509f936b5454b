/// d′: the difference of two means in units of the pooled standard deviation (Cohen's d with n −
/// 1).
///
/// Signed: positive when `positives` lie higher. Where the pooled deviation is zero it is 0 for
/// equal means and ±∞ for others: perfect separation without a scale.
///
/// - Throws: `.tooFew` below two values in a class, `.notFinite` with the index in `positives +
/// negatives`.
package func dPrime(positives: [Double], negatives: [Double]) throws(StatisticsError) -> Double {
  guard positives.count >= 2 else { throw .tooFew(needed: 2, given: positives.count) }
  guard negatives.count >= 2 else { throw .tooFew(needed: 2, given: negatives.count) }
  if let index = (positives + negatives).firstIndex(where: { !$0.isFinite }) {
    throw .notFinite(index: index)
  }
  let high = Summary(positives)
  let low = Summary(negatives)
  let difference = high.mean - low.mean
  let freedom = Double(positives.count + negatives.count - 2)
  let pooled = ((high.squares + low.squares) / freedom).squareRoot()
  if pooled == 0 {
    return difference == 0 ? 0 : (difference > 0 ? .infinity : -.infinity)
  }
  return difference / pooled
}
