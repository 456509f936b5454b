import Probing
import Statistics

/// What one direction makes of every token of a set.
struct TokenScores {
  let set: AnsweredPrompts
  /// Sequence after sequence.
  private let scores: [Double]
  private let starts: [Int]

  /// - Parameter activations: [tokens × width], of the set's sequences one after another.
  init(_ set: AnsweredPrompts, _ activations: Activations, along direction: Direction) {
    self.init(set, direction.scores(of: activations))
  }

  private init(_ set: AnsweredPrompts, _ scores: [Double]) {
    self.set = set
    self.scores = scores
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

  /// The same in the units of each token's place.
  func measured(by units: TokenUnits) -> TokenScores {
    TokenScores(set, zip(scores, set.places.joined()).map { units.measured($0, at: $1) })
  }

  /// Of every token at a place.
  fileprivate func all(at place: TokenPlace) -> [Double] {
    zip(scores, set.places.joined()).filter { $1 == place }.map(\.0)
  }
}

/// Zero and unit of one direction's scores at each place: mean and standard deviation over the tokens that
/// untriggered prompts have there.
struct TokenUnits {
  let zeroes: [TokenPlace: (zero: Double, unit: Double)]

  /// - Parameter untriggered: of prompts that nothing else is said of.
  init(_ untriggered: TokenScores) {
    zeroes = Dictionary(
      uniqueKeysWithValues: TokenPlace.allCases.map { place in
        let summary = Summary(untriggered.all(at: place))
        // Where every token is the same there is no unit: what is equal to them is 0.
        let isSpread = summary.count > 1 && summary.squares > 0
        return (
          place,
          (summary.count > 0 ? summary.mean : 0, isSpread ? summary.standardDeviation : 1)
        )
      })
  }

  func measured(_ score: Double, at place: TokenPlace) -> Double {
    let (zero, unit) = zeroes[place]!
    return (score - zero) / unit
  }
}

/// A direction's scores of one set, on one scale and in the units of each place.
struct TokenReading {
  let plain: TokenScores
  let byPlace: TokenScores

  init(_ scores: TokenScores, _ units: TokenUnits) {
    plain = scores
    byPlace = scores.measured(by: units)
  }

  var set: AnsweredPrompts { plain.set }

  func scores(in window: TokenWindow) -> [Double] {
    (window.isByPlace ? byPlace : plain).scores(in: window)
  }
}
