/// Why a statistic has no value.
package enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// All labels are equal: AUROC, rates and d′ of two classes are undefined, not 0 or 0.5.
  case oneClassOnly(positives: Int, negatives: Int)
  case notANumber(index: Int)
  case notFinite(index: Int)
  case lengthsDiffer(scores: Int, labels: Int)
  case tooFew(needed: Int, given: Int)
  case malformed(String)

  package var description: String {
    switch self {
    case .oneClassOnly(let positives, let negatives):
      "undefined: \(positives) positive and \(negatives) negative examples; both classes are needed"
    case .notANumber(let index): "value \(index) is NaN"
    case .notFinite(let index): "value \(index) is not finite"
    case .lengthsDiffer(let scores, let labels): "\(scores) scores but \(labels) labels"
    case .tooFew(let needed, let given): "\(given) values given, at least \(needed) needed"
    case .malformed(let what): what
    }
  }
}
