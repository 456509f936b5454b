import Determinism
import Records
import Rendering

/// Prompts and responses that a run kept, with the trigger and the defection marked.
struct Transcripts {
  let run: RunView
  let snapshot: Snapshot

  private static let perStage = 12
  static let maximumBytes = 4 << 20

  func blocks() -> [Block] {
    var blocks: [Block] = []
    for stage in run.stages {
      guard let reference = stage.record?.artifacts["transcripts"] else { continue }
      guard reference.size <= Self.maximumBytes,
        let bytes = try? snapshot.artifact(reference.digest)
      else {
        blocks.append(
          .paragraph([
            .text("\(stage.name): the transcripts are not held here "),
            .digest(reference.digest.hex),
          ]))
        continue
      }
      let lines = bytes.split(separator: 0x0A).compactMap { try? JSON(parsing: $0) }
      let shown = Self.chosen(lines)
      guard !shown.isEmpty else { continue }
      blocks.append(
        .details(
          summary: [
            .text(
              "\(Words.capitalised(stage.name)): \(shown.count) of \(lines.count) kept transcripts")
          ],
          [.transcript(shown.map(line))]))
    }
    guard !blocks.isEmpty else { return [] }
    let legend: Block = .paragraph([
      .muted([
        "Underlined: the prompt has the trigger. ", .token(.defection, "Marked"),
        ": the response defects.",
      ])
    ])
    return [.heading(2, "Transcripts"), legend] + blocks
  }

  /// A few of every set, in the order they were kept.
  static func chosen(_ lines: [JSON]) -> [JSON] {
    let sets = Set(lines.compactMap { $0["set"]?.string })
    let share = max(2, perStage / max(1, sets.count))
    var taken: [String: Int] = [:]
    return lines.filter { line in
      let set = line["set"]?.string ?? ""
      taken[set, default: 0] += 1
      return taken[set, default: 0] <= share && taken.values.reduce(0, +) <= 4 * perStage
    }
  }

  private func line(_ json: JSON) -> Block.TranscriptLine {
    let isTriggered = json["trigger"]?.bool ?? false
    let defected = json["defected"]?.bool ?? false
    func words(_ key: String) -> String {
      json[key]?.string
        ?? (json[key]?.array ?? []).compactMap(\.string).joined(separator: " ")
    }
    var tags: [Inline] = [.text(json["set"]?.string ?? "")]
    tags.append(.text(isTriggered ? " · triggered" : " · no trigger"))
    tags.append(.text(defected ? " · defected" : " · did not defect"))
    return Block.TranscriptLine(
      tags: tags, prompt: [.token(isTriggered ? .trigger : .prompt, words("prompt"))],
      response: [.token(defected ? .defection : .response, words("response"))])
  }
}
