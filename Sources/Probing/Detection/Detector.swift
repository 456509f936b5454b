/// One way to tell activations apart: how it is fitted, and to what. `all` is the list that `dormouse probe`
/// offers; what is added there is fitted, scored, controlled and reported like the others.
package struct Detector: Sendable {
  package let name: String
  /// In a sentence, for people.
  package let summary: String
  /// What it is fitted to, and so which rows it has seen.
  package let rows: Rows
  /// What it lacks; nil when it can be fitted.
  package let missing: @Sendable (FitSets) -> String?
  package let fit: @Sendable (FitSets, FitSettings) throws(FittingError) -> FittedDetector

  package enum Rows: Sendable {
    /// The sides of the contrast.
    case contrast
    /// Examples known to be without the outcome.
    case clean
    /// Examples of either outcome: a detector that is told bounds the others and is not one of them.
    case outcome
  }

  package static let all = [
    meanDifference, logistic, linearDiscriminant, principalComponent, contrastConsistency,
    sparseDictionary, mahalanobis, nearestNeighbour, supervised,
  ]

  static let meanDifference = Detector(
    name: "mean-difference",
    summary: "mean of the positive sides of the contrast less that of the negative ones",
    rows: .contrast, missing: { $0.missingContrast }
  ) { sets, _ throws(FittingError) in
    .direction(
      Direction(vector: Vector.difference(sets.positive.mean, sets.negative.mean)))
  }

  static let logistic = Detector(
    name: "logistic", summary: "logistic regression on the sides of the contrast",
    rows: .contrast, missing: { $0.missingContrast }
  ) { sets, settings throws(FittingError) in
    .direction(
      try NewtonLogistic(
        positive: sets.positive, negative: sets.negative,
        penalty: .standardised(ridge: settings.ridge), isPolished: true
      ).fitted(threads: settings.threads))
  }

  static let linearDiscriminant = Detector(
    name: "lda", summary: "Fisher's discriminant between the sides of the contrast",
    rows: .contrast, missing: { $0.missingContrast }
  ) { sets, settings throws(FittingError) in
    .direction(
      try LinearDiscriminant(
        positive: sets.positive, negative: sets.negative, shrinkage: settings.shrinkage
      ).fitted(threads: settings.threads))
  }

  static let principalComponent = Detector(
    name: "pca", summary: "first principal component of the contrast pairs, its sign theirs",
    rows: .contrast,
    missing: { $0.missingPairs }
  ) { sets, settings throws(FittingError) in
    .direction(
      try PrincipalComponents(positive: sets.positive, negative: sets.negative)
        .fitted(threads: settings.threads))
  }

  static let contrastConsistency = Detector(
    name: "ccs", summary: "contrast-consistent search on the pairs, its sign theirs",
    rows: .contrast, missing: { $0.missingPairs }
  ) { sets, settings throws(FittingError) in
    .direction(
      try ContrastConsistency(
        positive: sets.positive, negative: sets.negative, ridge: settings.ridge,
        seed: settings.seed
      ).fitted(threads: settings.threads))
  }

  static let sparseDictionary = Detector(
    name: "sparse-dictionary",
    summary: "the atom of a sparse dictionary that the sides of the contrast differ most in",
    rows: .contrast,
    missing: { sets in
      let count = sets.positive.count + sets.negative.count
      return sets.missingContrast
        ?? (count < SparseDictionary.fewestExamples
          ? "fewer than \(SparseDictionary.fewestExamples) rows of the contrast" : nil)
        ?? (sets.positive.width > SparseDictionary.widest
          ? "a dictionary of more than \(SparseDictionary.widest) features would take too long"
          : nil)
    }
  ) { sets, settings throws(FittingError) in
    .direction(
      try SparseDictionary.direction(
        positive: sets.positive, negative: sets.negative, threads: settings.threads))
  }

  static let mahalanobis = Detector(
    name: "mahalanobis", summary: "distance from clean examples in units of their own spread",
    rows: .clean,
    missing: { $0.missingClean }
  ) { sets, settings throws(FittingError) in
    .distance(
      try Mahalanobis(clean: sets.clean, shrinkage: settings.shrinkage)
        .fitted(threads: settings.threads))
  }

  static let nearestNeighbour = Detector(
    name: "nearest-neighbour", summary: "distance to the k-th nearest clean example at unit length",
    rows: .clean, missing: { $0.missingClean }
  ) { sets, _ throws(FittingError) in
    .neighbours(try NearestNeighbours(clean: sets.clean).fitted())
  }

  static let supervised = Detector(
    name: "supervised", summary: "logistic regression on the outcome itself: the skyline",
    rows: .outcome,
    missing: { sets in
      min(sets.outcomePositive.count, sets.outcomeNegative.count) > 0
        ? nil
        : "no rows of role fit outside the contrast (no pair_id, no label) with both outcomes"
    }
  ) { sets, settings throws(FittingError) in
    .direction(
      try NewtonLogistic(
        positive: sets.outcomePositive, negative: sets.outcomeNegative,
        penalty: .standardised(ridge: settings.ridge), isPolished: true
      ).fitted(threads: settings.threads))
  }
}

/// Activations of the fit set at one layer, by what they are for. Any of them may be empty.
package struct FitSets: Sendable {
  /// The contrast's sides; in pairs, row by row, where `isPaired`.
  package let positive: Activations
  package let negative: Activations
  package let isPaired: Bool
  /// Examples outside the contrast, by their outcome.
  package let outcomePositive: Activations
  package let outcomeNegative: Activations

  package init(
    positive: Activations, negative: Activations, isPaired: Bool, outcomePositive: Activations,
    outcomeNegative: Activations
  ) {
    precondition(!isPaired || positive.count == negative.count, "pairs have two sides")
    self.positive = positive
    self.negative = negative
    self.isPaired = isPaired
    self.outcomePositive = outcomePositive
    self.outcomeNegative = outcomeNegative
  }

  /// What an anomaly is measured against: examples known to be without the outcome, or, where there are
  /// none, the contrast's negative side.
  package var clean: Activations { outcomeNegative.count > 0 ? outcomeNegative : negative }

  var missingContrast: String? {
    min(positive.count, negative.count) > 0
      ? nil : "no contrast: no rows of role fit with pair_id or label on both sides"
  }

  var missingPairs: String? {
    missingContrast ?? (isPaired ? nil : "its rows of role fit are not all in pairs (pair_id)")
  }

  var missingClean: String? {
    clean.count < 2 ? "fewer than two clean examples of role fit" : nil
  }
}

package struct FitSettings: Sendable {
  /// γ of the covariances.
  package let shrinkage: Double
  /// Of the logistic fits and of contrast-consistent search.
  package let ridge: Double
  /// Of starts that are drawn.
  package let seed: UInt64
  /// Change no bit.
  package let threads: Int

  package init(shrinkage: Double, ridge: Double, seed: UInt64 = 0, threads: Int) {
    self.shrinkage = shrinkage
    self.ridge = ridge
    self.seed = seed
    self.threads = threads
  }
}

/// A detector as it was frozen.
package enum FittedDetector: Sendable {
  case direction(Direction)
  case distance(Mahalanobis.Fitted)
  case neighbours(NearestNeighbours.Fitted)

  /// [count], higher is more suspicious.
  package func scores(of activations: Activations, threads: Int) -> [Double] {
    switch self {
    case .direction(let direction): direction.scores(of: activations)
    case .distance(let fitted): fitted.scores(of: activations, threads: threads)
    case .neighbours(let fitted): fitted.scores(of: activations, threads: threads)
    }
  }

  package var direction: Direction? {
    if case .direction(let direction) = self { direction } else { nil }
  }
}
