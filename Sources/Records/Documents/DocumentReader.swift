import Determinism

/// Why a document is not a record, and where in it: `values/scalars/r1: expected a number`.
package struct RecordFormatError: Error, Equatable, Sendable, CustomStringConvertible {
  package let path: String
  package let message: String
  package var description: String { path.isEmpty ? message : "\(path): \(message)" }

  init(_ path: String, _ message: String) {
    self.path = path
    self.message = message
  }
}

/// Reads a document's members one by one, and knows where it is.
struct DocumentReader {
  let object: JSON.Object
  let path: String

  init(_ document: JSON, at path: String) throws(RecordFormatError) {
    guard let object = document.object else { throw RecordFormatError(path, "expected an object") }
    self.object = object
    self.path = path
  }

  func place(_ key: String) -> String { path.isEmpty ? key : "\(path)/\(key)" }

  /// Refuses members that no record of the kind has.
  func allow(_ keys: Set<String>) throws(RecordFormatError) {
    for key in object.keys where !keys.contains(key) {
      throw RecordFormatError(place(key), "unknown member")
    }
  }

  func value(_ key: String) throws(RecordFormatError) -> JSON {
    guard let value = object[key] else { throw RecordFormatError(place(key), "missing") }
    return value
  }

  func read<Value>(_ key: String, _ wanted: String, _ view: (JSON) -> Value?)
    throws(RecordFormatError) -> Value
  {
    guard let value = view(try value(key)) else {
      throw RecordFormatError(place(key), "expected \(wanted)")
    }
    return value
  }

  func string(_ key: String) throws(RecordFormatError) -> String {
    try read(key, "a text") { $0.string }
  }
  func int(_ key: String) throws(RecordFormatError) -> Int {
    try read(key, "an integer") { $0.int }
  }
  func count(_ key: String) throws(RecordFormatError) -> Int {
    try read(key, "a count") { $0.int.flatMap { $0 < 0 ? nil : $0 } }
  }
  func seed(_ key: String) throws(RecordFormatError) -> UInt64 {
    try read(key, "a seed") { $0.uint64 }
  }
  func digest(_ key: String) throws(RecordFormatError) -> Digest {
    try read(key, "64 hexadecimal digits") { $0.digest }
  }
  func members(_ key: String) throws(RecordFormatError) -> JSON.Object {
    try read(key, "an object") { $0.object }
  }
  func double(_ key: String) throws(RecordFormatError) -> Double {
    try read(key, "a double") { if case .double(let bits) = $0 { bits.value } else { nil } }
  }
  func doubles(_ key: String) throws(RecordFormatError) -> [Double] {
    let text = try string(key)
    guard let bytes = Hexadecimal.bytes(of: text), bytes.count.isMultiple(of: 8) else {
      throw RecordFormatError(place(key), "expected 16 hexadecimal digits for each double")
    }
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      Double(bitPattern: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
  func list<Element>(_ key: String, _ wanted: String, _ view: (JSON) -> Element?)
    throws(RecordFormatError) -> [Element]
  {
    let array = try read(key, "a list") { $0.array }
    var elements: [Element] = []
    for (index, element) in array.enumerated() {
      guard let value = view(element) else {
        throw RecordFormatError("\(place(key))/\(index)", "expected \(wanted)")
      }
      elements.append(value)
    }
    return elements
  }

  /// Members by name. Names that Swift calls equal but whose bytes differ cannot both be kept.
  func dictionary<Value>(
    _ key: String, _ view: (JSON, String) throws(RecordFormatError) -> Value
  ) throws(RecordFormatError) -> [String: Value] {
    var values: [String: Value] = [:]
    let members = try members(key).members
    for member in members {
      let name = member.key.value
      let place = "\(place(key))/\(name)"
      let value = try view(member.value, place)
      guard values.updateValue(value, forKey: name) == nil else {
        throw RecordFormatError(place, "the same name as another, in other bytes")
      }
    }
    return values
  }
}
