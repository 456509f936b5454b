/// A rank correlation and the two-sided chance of one at least as strong.
package struct RankCorrelation: Equatable, Sendable {
  /// NaN when one side is constant.
  package let value: Double
  package let p: Double
  package let isExact: Bool
}

/// Spearman's with its test: over all orders of up to nine pairs, given their ties; Student's t beyond.
///
/// - Throws: as ``spearman(_:_:)``.
package func spearmanTest(
  _ left: [Double], _ right: [Double]
) throws(StatisticsError) -> RankCorrelation {
  let rho = try spearman(left, right)
  let n = left.count
  if rho.isNaN { return RankCorrelation(value: rho, p: .nan, isExact: false) }
  if n > 9 {
    let t = rho * (Double(n - 2) / max(0, 1 - rho * rho)).squareRoot()
    return RankCorrelation(
      value: rho, p: StudentT.twoSided(t, degreesOfFreedom: Double(n - 2)), isExact: false)
  }
  // Doubled and centred, ranks are whole numbers.
  let x = meanRanks(of: left).map { Int(2 * $0) - n - 1 }
  let y = meanRanks(of: right).map { Int(2 * $0) - n - 1 }
  func cross(_ order: [Int]) -> Int { zip(x, order).reduce(0) { $0 + $1.0 * $1.1 } }
  let observed = cross(y).magnitude
  var (reached, orders) = (0, 0)
  permute(y) { order in
    if cross(order).magnitude >= observed { reached += 1 }
    orders += 1
  }
  return RankCorrelation(value: rho, p: Double(reached) / Double(orders), isExact: true)
}

/// Kendall's τ-b with its test: exact for up to 50 pairs without ties, the normal distribution with Kendall's
/// variance given the ties otherwise.
///
/// - Throws: `.lengthsDiffer`, `.tooFew` below two pairs, `.notANumber` with the index in `left + right`.
package func kendall(
  _ left: [Double], _ right: [Double]
) throws(StatisticsError) -> RankCorrelation {
  guard left.count == right.count else {
    throw .lengthsDiffer(scores: left.count, labels: right.count)
  }
  let n = left.count
  guard n >= 2 else { throw .tooFew(needed: 2, given: n) }
  if let index = (left + right).firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
  var score = 0
  for i in 0..<n {
    for j in 0..<i {
      let x = left[i] == left[j] ? 0 : left[i] > left[j] ? 1 : -1
      let y = right[i] == right[j] ? 0 : right[i] > right[j] ? 1 : -1
      score += x * y
    }
  }
  let (first, second) = (tieCounts(left), tieCounts(right))
  let pairs = n * (n - 1) / 2
  func tied(_ counts: [Int]) -> Int { counts.reduce(0) { $0 + $1 * ($1 - 1) / 2 } }
  let scale = (Double(pairs - tied(first)) * Double(pairs - tied(second))).squareRoot()
  guard scale > 0 else { return RankCorrelation(value: .nan, p: .nan, isExact: false) }
  let tau = Double(score) / scale
  if tied(first) == 0, tied(second) == 0, n <= 50 {
    return RankCorrelation(value: tau, p: exactKendall(n, score), isExact: true)
  }
  // Kendall (1970), 5.
  func sum(_ counts: [Int], _ term: (Double) -> Double) -> Double {
    counts.reduce(0) { $0 + term(Double($1)) }
  }
  let m = Double(n)
  func third(_ t: Double) -> Double { t * (t - 1) * (2 * t + 5) }
  let variance =
    (third(m) - sum(first, third) - sum(second, third)) / 18
    + 2 * Double(tied(first)) * Double(tied(second)) / (m * (m - 1))
    + (n < 3
      ? 0
      : sum(first) { $0 * ($0 - 1) * ($0 - 2) } * sum(second) { $0 * ($0 - 1) * ($0 - 2) }
        / (9 * m * (m - 1) * (m - 2)))
  let p = 2 * Normal.cumulative(-Double(score).magnitude / variance.squareRoot())
  return RankCorrelation(value: tau, p: min(1, p), isExact: false)
}

/// How often each value that occurs more than once does.
private func tieCounts(_ values: [Double]) -> [Int] {
  let sorted = values.sorted()
  var counts: [Int] = []
  var start = 0
  while start < sorted.count {
    var end = start + 1
    while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
    if end - start > 1 { counts.append(end - start) }
    start = end
  }
  return counts
}

/// The share of orders of n things whose score is at least as far from zero: by their inversions, of which
/// the k-th thing adds 0 to k − 1.
private func exactKendall(_ n: Int, _ score: Int) -> Double {
  let pairs = n * (n - 1) / 2
  var shares: [Double] = [1]
  for k in 2...n {
    var next = [Double](repeating: 0, count: shares.count + k - 1)
    for (inversions, share) in shares.enumerated() {
      for added in 0..<k { next[inversions + added] += share / Double(k) }
    }
    shares = next
  }
  let inversions = (pairs - abs(score)) / 2
  return min(1, 2 * shares[...inversions].reduce(0, +))
}
