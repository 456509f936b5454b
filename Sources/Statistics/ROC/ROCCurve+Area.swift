extension ROCCurve {
  /// The area: the chance that a positive example scores above a negative one, ties half.
  ///
  /// Counted in integers (Mann and Whitney 1947) and divided once, so it is exact to a rounding and
  /// does not depend on the order of the examples. All scores equal give 0.5.
  package var auroc: Double {
    // Twice the count of pairs won; in 128 bits, because 10⁷ × 10⁷ × 2 and more must fit.
    var twice: Int128 = 0
    var before = (positive: 0, negative: 0)
    for index in thresholds.indices {
      let ahead = Int128(before.positive) + Int128(truePositives[index])
      twice += ahead * Int128(falsePositives[index] - before.negative)
      before = (truePositives[index], falsePositives[index])
    }
    return Double(twice) / Double(2 * Int128(positives) * Int128(negatives))
  }

  /// One operating point.
  package struct Point: Equatable, Sendable {
    /// Everything that scores at least this is flagged; +∞ together with zero counts is the empty
    /// classifier.
    package let threshold: Double
    package let truePositives: Proportion
    package let falsePositives: Proportion
    package var truePositiveRate: Double { truePositives.value }
    package var falsePositiveRate: Double { falsePositives.value }
  }

  /// From nothing flagged to everything flagged: `thresholds.count + 1` points.
  package var points: [Point] {
    let empty = Point(
      threshold: .infinity, truePositives: Proportion(successes: 0, trials: positives),
      falsePositives: Proportion(successes: 0, trials: negatives))
    return [empty]
      + thresholds.indices.map { index in
        Point(
          threshold: thresholds[index],
          truePositives: Proportion(successes: truePositives[index], trials: positives),
          falsePositives: Proportion(successes: falsePositives[index], trials: negatives))
      }
  }

  /// The last point whose false positive rate is at most the target; never interpolated, so a tie
  /// between a positive and one false positive too many counts against the detector.
  package func point(atFalsePositiveRate target: Double) -> Point {
    precondition(target >= 0 && target <= 1, "a rate lies in [0, 1]")
    let limit = allowed(of: negatives, at: target)
    return points.last { $0.falsePositives.successes <= limit }!
  }

  /// The recall there, as a count.
  package func truePositiveRate(atFalsePositiveRate target: Double) -> Double {
    point(atFalsePositiveRate: target).truePositiveRate
  }
}

/// The largest k with k / n ≤ rate.
func allowed(of n: Int, at rate: Double) -> Int {
  var k = min(n, Int((rate * Double(n)).rounded()))
  while k > 0, Double(k) / Double(n) > rate { k -= 1 }
  return k
}
