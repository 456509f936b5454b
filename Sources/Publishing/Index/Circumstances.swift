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

  /// Days to a civil date after Hinnant's `civil_from_days`.
  static func date(_ seconds: Double) -> String? {
    guard seconds.isFinite, seconds >= 0, seconds < 2.5e11 else { return nil }
    let total = Int(seconds)
    let days = total / 86400 + 719_468
    let era = days / 146_097
    let day = days - era * 146_097
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365
    let ofYear = day - (365 * year + year / 4 - year / 100)
    let shifted = (5 * ofYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year + era * 400 + (month <= 2 ? 1 : 0))-\(two(month))-"
      + two(ofYear - (153 * shifted + 2) / 5 + 1)
      + " \(two(total % 86400 / 3600)):\(two(total % 3600 / 60)) UTC"
  }

  /// Everything, flattened to dotted keys, sorted.
  var facts: [(key: String, value: String)] {
    func flatten(_ prefix: String, _ json: JSON) -> [(String, String)] {
      guard let object = json.object, !object.isEmpty else {
        if let number = json.double, case .double = json {
          return [(prefix, NumberText.plain(number))]
        }
        return [(prefix, Words.value(json))]
      }
      return object.members.flatMap { flatten(prefix + "." + $0.key.value, $0.value) }
    }
    return object.members.flatMap { flatten($0.key.value, $0.value) }.map {
      (key: $0.0, value: $0.1)
    }
  }
}
