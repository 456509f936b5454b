import Determinism

/// What a prediction says of its runs: conditions, all of which must hold.
///
/// Grammar, words separated by spaces or parentheses:
/// ```
/// claim      = condition ("and" condition)*
/// condition  = expression (">=" | "<=" | ">" | "<") number  |  expression "in" "[" number "," number "]"
/// expression = term (("+" | "-") term)*          term = factor (("*" | "/") factor)*
/// factor     = number | value | "-" factor | "(" expression ")" | "abs(" expression ")"
///            | "mean(" value ")" | "last(" value ")" | "removal-time(" value ")"
///            | ("max(" | "min(") expression ("," expression)+ ")"
///            | "passes(" claim ")" | LEVELS "(" expression ")"
/// LEVELS     = "trend" | "log-slope" | "spread" | "eta2" | "across"
/// value      = stage ":" key      a stage's name in the run and a key as it was recorded
/// ```
/// `passes(…)` stands alone in its condition: the share of seeds for which what is inside holds. So do the
/// statistics over levels (``LevelStatistic``), which need a prediction's `over`. A value with `.count` and `.n`
/// beside it is a rate. Short names are in `shortNames`.
package struct Claim: Equatable, Sendable {
  package let conditions: [Condition]
  /// As written.
  package let text: String

  /// Names for the statistics that the glossary defines.
  package static let shortNames = [
    "persistence.final": "evaluate-after:r1 / evaluate-before:r1",
    "persistence.mean": "mean(safety:r1) / evaluate-before:r1",
    "margin.change": "evaluate-after:margin.triggered / evaluate-before:margin.triggered",
  ]

  /// Every value that evaluating needs, in the order of the text, without repeats.
  package var references: [ClaimReference] {
    var seen: Set<ClaimReference> = []
    return conditions.flatMap(\.expression.references).filter { seen.insert($0).inserted }
  }
}

/// One comparison of a claim.
package struct Condition: Equatable, Sendable {
  package let expression: ClaimExpression
  package let comparison: Comparison
  /// As written.
  package let text: String

  /// Whether it is a share of seeds.
  package var isShare: Bool { if case .passes = expression { true } else { false } }

  /// What it takes of the levels of `over`; nil where it speaks of one run.
  package var levelStatistic: LevelStatistic? {
    if case .overLevels(let statistic, _) = expression { statistic } else { nil }
  }

  /// Prompts that a rate needs in each run before it can be said to equal another: at 97% the standard error of
  /// a difference is then a third of a point.
  package static let promptsForEquivalence = 5_000

  /// Whether it says that two values agree: their difference lies within bounds, or is small either way.
  ///
  /// - Parameter isCompared: whether other runs' values are subtracted.
  package func claimsEquivalence(isCompared: Bool) -> Bool {
    switch (comparison, ofRun) {
    case (.within, .difference), (.atMost, .absolute(.difference)),
      (.below, .absolute(.difference)):
      true
    case (.within, _): isCompared
    default: false
    }
  }

  /// What is computed in each run.
  package var ofRun: ClaimExpression {
    if case .overLevels(_, let inner) = expression { inner } else { expression }
  }
}

/// What becomes of one seed's values at the levels of `over`.
package enum LevelStatistic: String, CaseIterable, Sendable {
  /// Least-squares slope on the level's rank: the mean change from one level to the next.
  case trend
  /// Least-squares slope on the natural logarithm of the level: the change for each factor of e.
  case logSlope = "log-slope"
  /// Greatest minus least.
  case spread
  /// The share of the variance over all points of a factorial that lies between the levels.
  case eta2
  /// The mean over levels that are draws of something, such as the language: draws and seeds are both units.
  case across
}

/// What a number has to be.
package enum Comparison: Equatable, Sendable {
  case atLeast(Double)
  case atMost(Double)
  case above(Double)
  case below(Double)
  /// Both ends included.
  case within(ClosedRange<Double>)

  package var isTwoSided: Bool { if case .within = self { true } else { false } }

  /// False for NaN.
  package func holds(_ value: Double) -> Bool {
    switch self {
    case .atLeast(let bound): value >= bound
    case .atMost(let bound): value <= bound
    case .above(let bound): value > bound
    case .below(let bound): value < bound
    case .within(let range): range.contains(value)
    }
  }

  /// Whether every number of the interval satisfies it.
  package func holds(forAllOf interval: ClosedRange<Double>) -> Bool {
    holds(interval.lowerBound) && holds(interval.upperBound)
  }

  /// Whether no number of the interval satisfies it.
  package func holds(forNoneOf interval: ClosedRange<Double>) -> Bool {
    switch self {
    case .atLeast, .above: !holds(interval.upperBound)
    case .atMost, .below: !holds(interval.lowerBound)
    case .within(let range): !range.overlaps(interval)
    }
  }
}

/// A recorded value: a scalar, or a series where `mean` or `last` takes it.
package struct ClaimReference: Hashable, Sendable {
  /// The stage's name in the run.
  package let stage: String
  package let key: String
  package init(stage: String, key: String) {
    self.stage = stage
    self.key = key
  }
}

/// A number computed from one run's recorded values.
package indirect enum ClaimExpression: Equatable, Sendable {
  case number(Double)
  case value(ClaimReference)
  /// Over all recorded steps of a series, summed in their order.
  case mean(ClaimReference)
  case last(ClaimReference)
  /// The step at which a rate is gone, or the last one where it stays: ``Series/removal``.
  case removalTime(ClaimReference)
  case greatest([ClaimExpression])
  case least([ClaimExpression])
  case negated(ClaimExpression)
  case absolute(ClaimExpression)
  case sum(ClaimExpression, ClaimExpression)
  case difference(ClaimExpression, ClaimExpression)
  case product(ClaimExpression, ClaimExpression)
  case quotient(ClaimExpression, ClaimExpression)
  case passes([Condition])
  /// Of the expression's values at each level.
  case overLevels(LevelStatistic, ClaimExpression)

  package var references: [ClaimReference] {
    switch self {
    case .number: []
    case .value(let reference), .mean(let reference), .last(let reference),
      .removalTime(let reference):
      [reference]
    case .greatest(let inner), .least(let inner): inner.flatMap(\.references)
    case .negated(let inner), .absolute(let inner), .overLevels(_, let inner): inner.references
    case .sum(let left, let right), .difference(let left, let right), .product(let left, let right),
      .quotient(let left, let right):
      left.references + right.references
    case .passes(let conditions): conditions.flatMap(\.expression.references)
    }
  }
}
