import Determinism

/// A logistic curve from scores to probabilities, fitted on calibration data and then frozen (Platt
/// 1999).
package struct PlattScaling: Equatable, Sendable {
  /// Probability of "positive" = 1 / (1 + exp(−(slope · score + intercept))).
  package let slope: Double
  package let intercept: Double

  package init(slope: Double, intercept: Double) {
    self.slope = slope
    self.intercept = intercept
  }

  /// Maximum likelihood with Platt's targets (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2), which keep the fit
  /// finite on separable scores; Newton's method with step halving (Lin, Lin and Weng 2007). Scores
  /// are standardised first; equal ones give the base rate.
  ///
  /// - Throws: `.lengthsDiffer`, `.notFinite`, `.oneClassOnly`.
  package init(scores: [Double], labels: [Bool]) throws(StatisticsError) {
    guard scores.count == labels.count else {
      throw .lengthsDiffer(scores: scores.count, labels: labels.count)
    }
    if let index = scores.firstIndex(where: { !$0.isFinite }) { throw .notFinite(index: index) }
    let positives = labels.count { $0 }
    let negatives = labels.count - positives
    guard positives > 0, negatives > 0 else {
      throw .oneClassOnly(positives: positives, negatives: negatives)
    }
    let summary = Summary(scores)
    let spread = (summary.squares / Double(scores.count)).squareRoot()
    let scale = spread > 0 && spread.isFinite ? 1 / spread : 0
    // Sorted, so that the sums do not depend on the order of the examples.
    let examples = zip(scores, labels).sorted { $0.0 == $1.0 ? !$0.1 && $1.1 : $0.0 < $1.0 }
      .map { score, label in
        (
          x: (score - summary.mean) * scale,
          target: label ? Double(positives + 1) / Double(positives + 2) : 1 / Double(negatives + 2)
        )
      }
    var slope = 0.0
    var intercept =
      Elementary.log(Double(positives + 1)) - Elementary.log(Double(negatives + 1))

    func loss(_ slope: Double, _ intercept: Double) -> Double {
      examples.reduce(0) { sum, example in
        let f = slope * example.x + intercept
        // log(1 + eᶠ) − target · f without overflow.
        return sum + max(f, 0) + Elementary.log1p(Elementary.exp(-f.magnitude))
          - example.target * f
      }
    }

    var current = loss(slope, intercept)
    for _ in 0..<100 {
      var gradient = (slope: 0.0, intercept: 0.0)
      var hessian = (slope: 1e-12, both: 0.0, intercept: 1e-12)
      for example in examples {
        let p = Self.logistic(slope * example.x + intercept)
        let gap = p - example.target
        gradient.slope += gap * example.x
        gradient.intercept += gap
        let weight = p * (1 - p)
        hessian.slope += weight * example.x * example.x
        hessian.both += weight * example.x
        hessian.intercept += weight
      }
      if max(gradient.slope.magnitude, gradient.intercept.magnitude) < 1e-10 { break }
      let determinant = hessian.slope * hessian.intercept - hessian.both * hessian.both
      let stepSlope =
        -(hessian.intercept * gradient.slope - hessian.both * gradient.intercept) / determinant
      let stepIntercept =
        -(hessian.slope * gradient.intercept - hessian.both * gradient.slope) / determinant
      let descent = gradient.slope * stepSlope + gradient.intercept * stepIntercept
      var size = 1.0
      var improved = false
      while size > 1e-10 {
        let next = (slope + size * stepSlope, intercept + size * stepIntercept)
        let value = loss(next.0, next.1)
        if value < current + 1e-4 * size * descent {
          (slope, intercept, current, improved) = (next.0, next.1, value, true)
          break
        }
        size /= 2
      }
      if !improved { break }
    }
    self.slope = slope * scale
    self.intercept = intercept - slope * scale * summary.mean
  }

  package func probability(of score: Double) -> Double { Self.logistic(logOdds(of: score)) }

  /// Of "positive", in nats.
  package func logOdds(of score: Double) -> Double { slope * score + intercept }

  /// The same curve where another share of examples is positive than of those it was fitted to (Bayes'
  /// rule: the odds are multiplied by the ratio of the prior odds).
  ///
  /// - Parameters:
  ///   - share: of positives in the fit, between 0 and 1, and neither.
  ///   - prevalence: likewise, where the curve is to be used.
  package func reweighted(from share: Double, to prevalence: Double) -> PlattScaling {
    precondition([share, prevalence].allSatisfy { $0 > 0 && $0 < 1 }, "shares within (0, 1)")
    func logOdds(_ p: Double) -> Double { Elementary.log(p) - Elementary.log1p(-p) }
    return PlattScaling(
      slope: slope, intercept: intercept + logOdds(prevalence) - logOdds(share))
  }

  /// 1 / (1 + e^−f).
  package static func logistic(_ f: Double) -> Double {
    let e = Elementary.exp(-f.magnitude)
    return f >= 0 ? 1 / (1 + e) : e / (1 + e)
  }
}
