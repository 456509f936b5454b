import Determinism
import Rendering

/// Reads what records tell about how they came to be. Any key may be absent; none is ever compared.
struct Circumstances {
  let object: JSON.Object

  private func first(_ keys: [String]) -> JSON? { keys.lazy.compactMap { object[$0] }.first }

  var seconds: Double? { first(["seconds", "duration"])?.double }
  var machine: String? { first(["machine", "machine_id"])?.string }
  var threads: Int? { object["threads"]?.int }

  /// `2026-11-20 23:54 UTC` from a text or from seconds since 1970.
  var finished: String? {
    guard let value = first(["finished", "finished_at", "recorded", "started"]) else { return nil }
    if let text = value.string { return Self.minute(text) }
    return value.double.flatMap(Self.date)
  }

  /// When a note was written down.
  var noted: String? { object["at"]?.string.map(Self.minute) }

  private static func minute(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.count >= 16, bytes[10] == UInt8(ascii: "T") else { return text }
    let decode = { (range: Range<Int>) in String(decoding: bytes[range], as: UTF8.self) }
    return decode(0..<10) + " " + decode(11..<16) + (bytes.last == 0x5A ? " UTC" : "")
  }

  static func date(_ seconds: Double) -> String? {
    CivilTime(secondsSince1970: seconds).map { "\($0.date) \($0.hourAndMinute) UTC" }
  }

  /// Everything, flattened to dotted keys, sorted; numbers as people read them.
  var facts: [(key: String, value: String)] {
    flattened { json in
      if let number = json.double, case .double = json { return NumberText.plain(number) }
      return Words.value(json)
    }
  }

  /// The same with every digit: what somebody else would have to set.
  var settings: [(key: String, value: String)] { flattened(Words.value) }

  private func flattened(_ text: (JSON) -> String) -> [(key: String, value: String)] {
    func flatten(_ prefix: String, _ json: JSON) -> [(String, String)] {
      guard let object = json.object, !object.isEmpty else { return [(prefix, text(json))] }
      return object.members.flatMap { flatten(prefix + "." + $0.key.value, $0.value) }
    }
    return object.members.flatMap { flatten($0.key.value, $0.value) }.map {
      (key: $0.0, value: $0.1)
    }
  }
}
