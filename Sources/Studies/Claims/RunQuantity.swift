import Statistics

/// A number of one run in the language of claims, without a comparison: what figures draw.
///
/// ```
/// quantity = expression | "passes(" claim ")"       as in ``Claim``
/// ```
package struct RunQuantity: Equatable, Sendable {
  package let expression: ClaimExpression
  /// As written.
  package let text: String

  /// - Throws: `ClaimProblem` at the first word that does not fit the grammar.
  package init(parsing text: String) throws(ClaimProblem) {
    self.init(expression: try Claim.expression(parsing: text), text: text)
  }

  init(expression: ClaimExpression, text: String) {
    self.expression = expression
    self.text = text
  }

  /// Every value that it needs, in the order of the text, without repeats.
  package var references: [ClaimReference] {
    var seen: Set<ClaimReference> = []
    return expression.references.filter { seen.insert($0).inserted }
  }

  /// What it comes to in one run.
  ///
  /// - Throws: `ClaimGap` when a value is missing or the result is not finite.
  package func perRun(_ values: ClaimValues) throws(ClaimGap) -> RunStatistic {
    switch expression {
    case .passes(let conditions):
      // Every condition is evaluated, so that a gap is never hidden by an earlier one that fails.
      var passed = true
      for condition in conditions {
        if !condition.comparison.holds(try condition.perRun(values).number) { passed = false }
      }
      return .passed(passed)
    case .value(let reference):
      let value = try expression.evaluate(values)
      if let count = values.scalar(reference.stage, reference.key + ".count"),
        let trials = values.scalar(reference.stage, reference.key + ".n"),
        let successes = Int(exactly: count), let trials = Int(exactly: trials), trials > 0,
        (0...trials).contains(successes)
      {
        return .rate(Proportion(successes: successes, trials: trials))
      }
      guard value.isFinite else { throw .notFinite(text) }
      return .number(value)
    case .removalTime(let reference):
      let removal = try ClaimExpression.removal(reference, values)
      return .time(removal.time, horizon: removal.horizon)
    default:
      let value = try expression.evaluate(values)
      guard value.isFinite else { throw .notFinite(text) }
      return .number(value)
    }
  }
}
