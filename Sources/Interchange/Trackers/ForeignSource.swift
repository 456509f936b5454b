import Determinism
import Records
import Studies

/// Where an imported run comes from: the member `import` of its circumstances.
package struct ForeignSource: Sendable {
  /// `mlflow`: what its client id begins with.
  package let tool: String
  /// The source's own facts, verbatim: ids, times, tags. No user name, host name or folder: records are
  /// published.
  package var facts = JSON.Object()
  /// What the format had lost before the import: `precision: float32`.
  package private(set) var lost: [String] = []

  package static let member = "import"
  /// In it: the run as it was imported before, when the source changed since.
  package static let predecessor = "succeeds"

  package init(tool: String) { self.tool = tool }

  package mutating func lose(_ what: String) {
    if !lost.contains(what) { lost.append(what) }
  }

  /// - Parameters:
  ///   - environment: what the run was made with; left out when empty.
  ///   - started: and `finished`: RFC 3339, or seconds since 1970.
  package func circumstances(
    environment: JSON.Object = JSON.Object(), started: JSON? = nil, finished: JSON? = nil
  ) -> JSON.Object {
    var source = facts
    source["from"] = JSON(tool)
    if !lost.isEmpty { source["lost"] = .array(lost.map { JSON($0) }) }
    var circumstances = JSON.Object()
    circumstances[Self.member] = .object(source)
    if !environment.isEmpty { circumstances["environment"] = .object(environment) }
    var times = JSON.Object()
    times["started"] = started
    times["finished"] = finished
    if !times.isEmpty { circumstances["times"] = .object(times) }
    return circumstances
  }

  /// A study's name from a name of the source: lower-case letters, digits and hyphens.
  package static func slug(from name: String) -> String {
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      if (0x30...0x39).contains(lower) || (0x61...0x7A).contains(lower) {
        bytes.append(lower)
      } else if let last = bytes.last, last != UInt8(ascii: "-") {
        bytes.append(UInt8(ascii: "-"))
      }
    }
    bytes = Array(bytes.prefix(64))
    while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
    return bytes.isEmpty ? "imported" : String(decoding: bytes, as: UTF8.self)
  }

  /// Why a name of the source cannot be the name of a value here; nil when it can.
  package static func problem(withName name: String) -> String? {
    RunDocumentReader.problem(withName: name)
  }
}

extension RegisteredRunRecord {
  /// What an import wrote down about where the run comes from.
  package var importedFrom: JSON.Object? { circumstances[ForeignSource.member]?.object }
}
