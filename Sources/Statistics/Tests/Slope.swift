/// The least-squares slope of `values` over `places`. NaN where all places are equal.
package func leastSquaresSlope(_ places: [Double], _ values: [Double]) -> Double {
  precondition(places.count == values.count, "a value at each place")
  let centre = Summary(places).mean
  let middle = Summary(values).mean
  let squares = places.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
  let products = zip(places, values).reduce(0) { $0 + ($1.0 - centre) * ($1.1 - middle) }
  return squares == 0 ? .nan : products / squares
}

/// The greatest slope that values within an interval of width 1 can have over `places`.
package func steepestSlope(_ places: [Double]) -> Double {
  let centre = Summary(places).mean
  return leastSquaresSlope(places, places.map { $0 > centre ? 1 : 0 })
}

/// η², the share of the variance of all values that lies between groups: 0 where their means agree, 1 where
/// values of a group do. Of noise alone (groups − 1) / (values − 1) is expected. NaN where all values are equal.
package func etaSquared(_ groups: [[Double]]) -> Double {
  let all = Summary(groups.flatMap { $0 })
  let between = groups.reduce(0) { sum, group in
    let gap = Summary(group).mean - all.mean
    return sum + Double(group.count) * gap * gap
  }
  return all.squares == 0 ? .nan : min(1, between / all.squares)
}
