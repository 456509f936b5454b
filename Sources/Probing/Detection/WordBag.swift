import Determinism

/// Naive Bayes on the words of a text: what the wording alone gives away. Words are what stands between white
/// space; a word that was not seen says nothing.
package struct WordBag: Sendable {
  private let numbers: [JSON.Text: Int32]
  private let bayes: NaiveBayes

  package init(positive: [String], negative: [String]) {
    let words = Set((positive + negative).flatMap(Self.words)).sorted()
    let numbers = Dictionary(
      uniqueKeysWithValues: words.enumerated().map { ($1, Int32($0)) })
    self.numbers = numbers
    func bags(_ texts: [String]) -> [[Int32]] {
      texts.map { Self.words(of: $0).compactMap { numbers[$0] } }
    }
    bayes = NaiveBayes(
      vocabulary: words.count, positive: bags(positive), negative: bags(negative))
  }

  package func score(of text: String) -> Double {
    bayes.score(of: Self.words(of: text).compactMap { numbers[$0] })
  }

  private static func words(of text: String) -> [JSON.Text] {
    text.utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map {
      JSON.Text(String(decoding: Array($0), as: UTF8.self))
    }
  }
}
