import Determinism

extension ROCCurve {
  /// The area with the interval of DeLong, DeLong and Clarke-Pearson (1988): the variance of the shares of the
  /// other class that each example wins against, ties half, from the counts alone. Examples are the unit: it
  /// is too narrow where they come in families (pairs, templates, seeds).
  ///
  /// Clipped to [0, 1]. No width at an area of 0 or 1, and none to be had with fewer than two examples in a
  /// class: then the whole of [0, 1]. Measured coverage of 95% intervals of normal scores with 40 examples a
  /// class: .95 at an area of .5, .94 at .76, .91 at .9, .87 at .97, .77 at .99 (`DeLongTests`): near the ceiling
  /// it claims too much, as the percentile bootstrap does.
  package func delong(level: Double = 0.95) -> Estimate {
    precondition(level > 0 && level < 1, "a level lies in (0, 1)")
    let area = auroc
    let n = positives + negatives
    guard positives >= 2, negatives >= 2 else {
      return Estimate(
        value: area, lower: 0, upper: 1, n: n, method: "no interval: fewer than two in a class",
        level: level)
    }
    var (high, low) = (0.0, 0.0)
    var before = (positive: 0, negative: 0)
    for index in thresholds.indices {
      let here = (positive: truePositives[index], negative: falsePositives[index])
      // What a positive with this score wins against, and what wins against a negative with it.
      let below = Double(negatives - here.negative) + Double(here.negative - before.negative) / 2
      let above = Double(before.positive) + Double(here.positive - before.positive) / 2
      let a = below / Double(negatives) - area
      let b = above / Double(positives) - area
      high += Double(here.positive - before.positive) * a * a
      low += Double(here.negative - before.negative) * b * b
      before = here
    }
    let variance =
      high / Double(positives - 1) / Double(positives)
      + low / Double(negatives - 1) / Double(negatives)
    let spread = Normal.quantile(0.5 + level / 2) * variance.squareRoot()
    return Estimate(
      value: area, lower: max(0, area - spread), upper: min(1, area + spread), n: n,
      method: "DeLong over examples", level: level)
  }
}

extension Estimate {
  /// The area under a ROC curve with the percentile bootstrap over units (groups, pairs, or single examples):
  /// a unit is drawn with all its examples. Samples that lack a class are left out.
  ///
  /// - Parameter units: of each example, any numbering from 0; `scores`, `labels` and it are of one length.
  /// - Throws: as `ROCCurve`.
  package static func auroc(
    scores: [Double], labels: [Bool], units: [Int], replicates: Int, seed: UInt64, name: String,
    forEach: ForEach = Replicates.inTurn, level: Double = 0.95
  ) throws(StatisticsError) -> Estimate {
    let curve = try ROCCurve(scores: scores, labels: labels)
    precondition(units.count == scores.count, "a unit for each example")
    let unitCount = (units.max() ?? -1) + 1
    // Once sorted, a sample is a weight for each example.
    let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    let drawn = Replicates(
      bootstrapping: unitCount, replicates, seed: seed, name: name, forEach: forEach
    ) { drawn in
      var weights = [Int](repeating: 0, count: unitCount)
      for unit in drawn { weights[unit] += 1 }
      var (positives, negatives, twice) = (0, 0, 0)
      var start = 0
      while start < order.count {
        let score = scores[order[start]]
        var (high, low) = (0, 0)
        while start < order.count, scores[order[start]] == score {
          let weight = weights[units[order[start]]]
          if labels[order[start]] { high += weight } else { low += weight }
          start += 1
        }
        twice += low * (2 * positives + high)
        positives += high
        negatives += low
      }
      return positives == 0 || negatives == 0
        ? .nan : Double(twice) / 2 / (Double(positives) * Double(negatives))
    }
    let values = drawn.values.filter { !$0.isNaN }.sorted()
    guard values.count >= 40 else {
      return Estimate(
        value: curve.auroc, lower: 0, upper: 1, n: unitCount,
        method: "no interval: samples lack a class", level: level)
    }
    return Estimate(
      value: curve.auroc, lower: try quantile(values, (1 - level) / 2),
      upper: try quantile(values, (1 + level) / 2), n: unitCount,
      method: "percentile bootstrap over units", level: level)
  }
}
