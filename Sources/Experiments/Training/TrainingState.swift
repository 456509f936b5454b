import Determinism
import Studies

/// What a training stage has recorded so far, and how it lies in a resume point: eight bytes of length
/// (little-endian), canonical JSON, then the trainer's own bytes.
struct TrainingState {
  private(set) var series: [String: Series] = [:]
  var dropped = 0
  /// Steps before the newest glance; −1 for none.
  var lastGlance = -1
  /// Of a red team: the candidates that worked, round by round.
  var successes: [[Int]] = []
  /// Documents that were prompts of a red team.
  var redTeamDocuments = 0
  /// What a detector found that is hidden from, round by round.
  var hidden: [HiddenDirection] = []

  mutating func append(_ value: Double, to name: String, at step: Int) {
    series[name, default: Series()].append(value, at: step)
  }

  func encoded(with trainer: [UInt8]) -> [UInt8] {
    let document: JSON = [
      "dropped": JSON(dropped), "last_glance": JSON(lastGlance),
      "red_team_documents": JSON(redTeamDocuments),
      "successes": .array(successes.map { .array($0.map { JSON($0) }) }),
      "series": .object(JSON.Object(series.map { ($0.key, $0.value.document) })),
      "hidden": .array(hidden.map(\.document)),
    ]
    let header = document.canonicalBytes
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return length + header + trainer
  }

  static func decode(_ bytes: [UInt8]) throws -> (state: TrainingState, trainer: [UInt8]) {
    guard bytes.count >= 8 else { throw DamagedResumePoint() }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else { throw DamagedResumePoint() }
    let document = try JSON(parsing: bytes[8..<8 + Int(length)])
    var state = TrainingState()
    guard let dropped = document["dropped"]?.int, let all = document["series"]?.object,
      let lastGlance = document["last_glance"]?.int,
      let redTeamDocuments = document["red_team_documents"]?.int,
      let successes = document["successes"]?.array
    else { throw DamagedResumePoint() }
    // Resume points of versions before 2026-11-21 have none.
    state.hidden = try (document["hidden"]?.array ?? []).map { try HiddenDirection($0) }
    state.dropped = dropped
    state.lastGlance = lastGlance
    state.redTeamDocuments = redTeamDocuments
    state.successes = try successes.map { round in
      guard let indices = round.array?.map(\.int), !indices.contains(nil) else {
        throw DamagedResumePoint()
      }
      return indices.compactMap(\.self)
    }
    for member in all.members {
      guard let steps = member.value["steps"]?.array?.map(\.int),
        let text = member.value["values"]?.string, text.utf8.count == 16 * steps.count
      else { throw DamagedResumePoint() }
      for (step, value) in zip(steps, try Self.doubles(text)) {
        guard let step else { throw DamagedResumePoint() }
        state.append(value, to: member.key.value, at: step)
      }
    }
    return (state, Array(bytes[(8 + Int(length))...]))
  }

  /// Bit patterns of 16 digits each, as a series' document has them.
  static func doubles(_ text: String) throws -> [Double] {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 16) else { throw DamagedResumePoint() }
    return try stride(from: 0, to: digits.count, by: 16).map { start in
      let pattern = String(decoding: digits[start..<start + 16], as: UTF8.self)
      guard let bits = Hexadecimal.pattern(of: pattern) else { throw DamagedResumePoint() }
      return Double(bitPattern: bits)
    }
  }
}

/// A resume point that this stage did not write, or not whole.
struct DamagedResumePoint: Error, CustomStringConvertible {
  var description: String { "the resume point is damaged; delete it to start the stage afresh" }
}
