import Determinism
import Records
import Rendering
import Statistics
import Studies

/// One row of the predictions board: a prediction and how it came out, if it was judged.
struct PredictionRow {
  let study: StudyView
  let prediction: JSON
  let assessment: AssessmentRecord?
  /// A later wording of the same prediction stands beside it.
  var isEarlierVersion = false

  var id: String { prediction["id"]?.string ?? assessment?.predictionID ?? "" }
  var anchor: String {
    "prediction-" + Link.anchorName(id)
      + (isEarlierVersion ? "-" + Digest(of: prediction).short : "")
  }
  var statement: String { prediction["statement"]?.string ?? id }
  var claimText: String { prediction["claim"]?.string ?? "" }
  var result: ClaimResult { assessment?.result ?? .notTested }
  var isPrimary: Bool { prediction["primary"]?.bool ?? false }
  var forecast: Double? { prediction["forecast"]?.double }
  var paper: Double? { prediction["paper"]?["value"]?.double }
  var paperSource: String? { prediction["paper"]?["source"]?.string }
  /// What is subtracted: an arm, or what differs in the runs that this one is compared with.
  var versusText: String? {
    guard let versus = prediction["versus"], versus != .null else { return nil }
    let names = (versus.array ?? [versus]).map {
      $0.string ?? $0.object.map({ Words.point($0) }) ?? ""
    }
    guard let last = names.last, names.count > 1 else { return names.first }
    return
      "the hardest to beat of \(names.dropLast().joined(separator: ", ")) and \(last) in each seed"
  }
  /// The paths whose values are levels.
  var overText: String? {
    guard let over = prediction["over"] else { return nil }
    return over.string ?? over.array?.compactMap(\.string).joined(separator: ", ")
  }
  var comparisons: [Comparison] {
    ((try? Claim(parsing: claimText))?.conditions ?? []).map(\.comparison)
  }

  /// `≥ 0.95`, `in [−0.1, 0.1]`: what each condition of the claim asks of its estimate.
  var thresholdText: String {
    let texts = comparisons.map { comparison in
      switch comparison {
      case .atLeast(let bound): "≥ " + Self.text(bound)
      case .atMost(let bound): "≤ " + Self.text(bound)
      case .above(let bound): "> " + Self.text(bound)
      case .below(let bound): "< " + Self.text(bound)
      case .within(let range):
        "in [\(Self.text(range.lowerBound)), \(Self.text(range.upperBound))]"
      }
    }
    return texts.isEmpty ? claimText : texts.joined(separator: " and ")
  }

  /// With the digits that it was written with, up to four.
  private static func text(_ bound: Double) -> String {
    let decimals = (0...4).first { Double(NumberText.fixed(bound, $0)) == bound }
    return decimals.map { NumberText.decimal(bound, $0) } ?? NumberText.plain(bound)
  }

  /// Judged rows in the order of the study file, then predictions that were not judged yet.
  static func rows(of study: StudyView) -> [PredictionRow] {
    var rows: [PredictionRow] = []
    var judged: Set<String> = []
    for assessment in study.assessments {
      rows.append(
        PredictionRow(study: study, prediction: assessment.prediction, assessment: assessment))
      judged.insert(assessment.predictionID)
    }
    for index in rows.indices {
      rows[index].isEarlierVersion = rows[(index + 1)...].contains { $0.id == rows[index].id }
    }
    // What was worded otherwise before anything was judged was a draft; the ledger has it.
    rows.removeAll { $0.isEarlierVersion && $0.result == .notTested }
    for prediction in study.predictions {
      guard let id = prediction["id"]?.string, !judged.contains(id) else { continue }
      rows.append(PredictionRow(study: study, prediction: prediction, assessment: nil))
    }
    return rows
  }

  /// The estimate that decides: of several conditions the one furthest from holding is not singled out; the
  /// first is drawn and all are written.
  var estimate: Estimate? { assessment?.estimates.first }

  /// Whether everything about it lies between 0 and 1, so that it shares the axis of rates.
  var isRate: Bool {
    numbers.allSatisfy { (0...1).contains($0) }
  }

  /// What the glyph must be able to show.
  var numbers: [Double] {
    var all = estimate.map { [$0.value, $0.lower, $0.upper] } ?? []
    all += bounds + [paper].compactMap { $0 }
    return all.filter(\.isFinite)
  }

  /// One number for each seed.
  var seeds: [Double] { (assessment?.perSeed ?? []).filter(\.isFinite) }

  var bounds: [Double] {
    guard let first = comparisons.first else { return [] }
    return switch first {
    case .atLeast(let bound), .atMost(let bound), .above(let bound), .below(let bound): [bound]
    case .within(let range): [range.lowerBound, range.upperBound]
    }
  }

  func glyph(axis: (lower: Double, upper: Double), id: String) -> Inline {
    func label(_ value: Double) -> String {
      value == value.rounded() ? NumberText.decimal(value, 0) : NumberText.plain(value)
    }
    var glyph = IntervalGlyph(
      from: axis.lower, to: axis.upper, lowerLabel: label(axis.lower),
      upperLabel: label(axis.upper), style: Style(.ink, .circle))
    glyph.thresholds = bounds
    glyph.holds = comparisons.prefix(1).compactMap { comparison in
      switch comparison {
      case .atLeast(let bound), .above(let bound):
        bound <= axis.upper ? max(bound, axis.lower)...axis.upper : nil
      case .atMost(let bound), .below(let bound):
        bound >= axis.lower ? axis.lower...min(bound, axis.upper) : nil
      case .within(let range): range
      }
    }
    glyph.paper = paper
    if let estimate, estimate.value.isFinite {
      glyph.value = estimate.value
      glyph.interval = estimate.hasInterval ? (estimate.lower, estimate.upper) : nil
    }
    glyph.seeds = seeds
    return .graphic(
      glyph.svg(id: id, title: "Estimate against the claim", description: sentence),
      alternative: "")
  }

  var estimateText: String {
    guard let assessment, !assessment.estimates.isEmpty else { return NumberText.missing }
    return assessment.estimates.map { NumberText.interval($0.value, $0.lower, $0.upper) }
      .joined(separator: " and ")
  }

  /// `Refuted: 0.31 [0.22, 0.41], where the claim needs persistence.final >= 0.95.`
  var sentence: String {
    let word = Words.capitalised(result.rawValue)
    guard let assessment, !assessment.estimates.isEmpty else {
      let note = assessment?.note ?? ""
      return "\(word)\(note.isEmpty ? "" : ": " + note). The claim: \(claimText)."
    }
    return "\(word): \(estimateText), where the claim needs \(claimText)."
  }

  var seedsText: String {
    guard let assessment, !assessment.runs.isEmpty else { return NumberText.missing }
    return Words.plural(assessment.runs.count, "run") + ", "
      + Words.plural(Set(assessment.seeds).count, "seed")
  }

  /// What became of the runs behind it, the worst first.
  func rerunText(_ index: SiteIndex) -> [Inline] {
    guard let runs = assessment?.runs, !runs.isEmpty else { return [.text(NumberText.missing)] }
    let verdicts = runs.map { id in index.snapshot.reruns.last { $0.run == id }?.verdict }
    let order: [Verdict?] = [
      .diverged, .incomplete, .sameConclusions, .withinTolerance, .exact, nil,
    ]
    return order.flatMap { verdict -> [Inline] in
      let count = verdicts.count { $0 == verdict }
      return count == 0
        ? [] : [Words.badge(verdict), .muted([.text(" \(count)/\(runs.count) ")])]
    }
  }
}
