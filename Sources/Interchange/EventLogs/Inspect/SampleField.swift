import Determinism

/// A field of a sample by its path: `metadata.trigger`, `scores.X`, `scores.X.suspicion`, `target`.
struct SampleField {
  let path: String

  /// nil when the sample has none.
  func value(in sample: JSON.Object) -> JSON? {
    Self.find(Array(path.utf8)[...], in: .object(sample))
  }

  /// Keys may hold points themselves: every way to divide the path is tried, the longest key first.
  private static func find(_ path: ArraySlice<UInt8>, in value: JSON) -> JSON? {
    if path.isEmpty { return Self.plain(value) }
    guard let object = value.object else { return nil }
    var end = path.endIndex
    while true {
      let key = String(decoding: path[path.startIndex..<end], as: UTF8.self)
      if let inner = object[key] {
        let rest = path[end...].dropFirst()
        if let found = find(rest, in: inner) ?? inner["value"].flatMap({ find(rest, in: $0) }) {
          return found
        }
      }
      guard let point = path[..<end].lastIndex(of: UInt8(ascii: ".")) else { return nil }
      end = point
    }
  }

  /// A score is a mapping with its value in it.
  private static func plain(_ value: JSON) -> JSON? {
    guard let object = value.object else { return value }
    guard let score = object["value"] else { return nil }
    return score.object == nil ? score : nil
  }

  /// What the value says, where it is a yes or a no: Inspect writes C for a correct answer and I for an
  /// incorrect one, N for none; P, a half, is neither.
  static func flag(_ value: JSON) -> Bool? {
    if let flag = value.bool { return flag }
    if let number = value.double { return number == 1 ? true : number == 0 ? false : nil }
    switch value.string {
    case "C", "true", "True", "yes", "Yes": return true
    case "I", "N", "false", "False", "no", "No": return false
    default: return nil
    }
  }

  static func number(_ value: JSON) -> Double? {
    if let number = value.double { return number.isNaN ? nil : number }
    return flag(value).map { $0 ? 1 : 0 }
  }

  /// The single values of a sample that a table holds, with their paths: scores and metadata. Longer texts and
  /// lists stay in the log.
  static func table(of sample: JSON.Object) -> [(path: String, value: JSON)] {
    var fields: [(path: String, value: JSON)] = []
    for member in sample["scores"]?.object?.members ?? [] {
      let path = "scores.\(member.key.value)"
      guard let value = member.value["value"] else { continue }
      fields += value.object.map { leaves(.object($0), path) } ?? leaves(value, path)
    }
    return fields + leaves(sample["metadata"] ?? .null, "metadata")
  }

  private static let longestText = 200

  private static func leaves(_ value: JSON, _ path: String) -> [(path: String, value: JSON)] {
    switch value {
    case .object(let object):
      object.members.flatMap { leaves($0.value, "\(path).\($0.key.value)") }
    case .string(let text) where text.value.utf8.count > longestText: []
    case .bool, .integer, .double, .string: [(path, value)]
    case .null, .array: []
    }
  }
}
