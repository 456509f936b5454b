import Determinism

/// Finds one value in the canonical bytes of an object without reading the others: ten thousand settings are
/// looked through in the time that it takes to read a few hundred.
struct CanonicalPath {
  /// As the bytes of a JSON text: quotes and control characters escaped.
  private let path: [UInt8]

  /// - Parameter path: names joined by dots; a name may have dots itself.
  init(_ path: String) {
    self.path = Array(JSON(path).canonicalBytes.dropFirst().dropLast())
  }

  /// The value under the path; of several the one with the longest first name.
  func value(in object: [UInt8]) -> JSON? {
    guard let range = find(in: object, from: 0, path: path[...]) else { return nil }
    return try? JSON(parsing: object[range])
  }

  private func find(in bytes: [UInt8], from start: Int, path: ArraySlice<UInt8>) -> Range<Int>? {
    guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return nil }
    var position = start + 1
    var deeper: Range<Int>?
    while position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      let key = position + 1
      let keyEnd = Self.endOfText(bytes, position) - 1
      // After the quotation mark and the colon.
      let value = keyEnd + 2
      // A damaged column may end anywhere.
      guard value < bytes.count else { return nil }
      let end = Self.end(of: bytes, value)
      let length = keyEnd - key
      if length <= path.count, Self.equal(bytes, key, path, length) {
        if length == path.count { return value..<end }
        if path[path.startIndex + length] == UInt8(ascii: "."), !Self.isDouble(bytes[value..<end]),
          let found = find(
            in: bytes, from: value, path: path.dropFirst(length + 1))
        {
          // Keys are sorted: a later one that fits is longer.
          deeper = found
        }
      }
      position = end + 1
    }
    return deeper
  }

  /// NaN and its like are written as an object, which is none.
  private static func isDouble(_ value: ArraySlice<UInt8>) -> Bool {
    value.starts(with: #"{"f64":""#.utf8) && (try? JSON(parsing: value))?.object == nil
  }

  private static func equal(
    _ bytes: [UInt8], _ start: Int, _ path: ArraySlice<UInt8>, _ count: Int
  ) -> Bool {
    for offset in 0..<count where bytes[start + offset] != path[path.startIndex + offset] {
      return false
    }
    return true
  }

  /// Behind the closing quotation mark of a text that opens at `start`.
  private static func endOfText(_ bytes: [UInt8], _ start: Int) -> Int {
    var position = start + 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(position + 1, bytes.count)
  }

  /// Behind the value that begins at `start`.
  private static func end(of bytes: [UInt8], _ start: Int) -> Int {
    var position = start
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position = endOfText(bytes, position)
        if depth == 0 { return position }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return position }
        depth -= 1
        if depth == 0 { return position + 1 }
      case UInt8(ascii: ",") where depth == 0: return position
      default: break
      }
      position += 1
    }
    return position
  }
}

extension JSON.Object {
  /// Every setting by its dotted path, in their order; lists as they are, an empty object as one.
  package var flattened: [(path: String, value: JSON)] {
    var all: [(path: String, value: JSON)] = []
    func add(_ prefix: String, _ value: JSON) {
      guard case .object(let object) = value, !object.isEmpty else {
        all.append((prefix, value))
        return
      }
      for member in object.members { add("\(prefix).\(member.key.value)", member.value) }
    }
    for member in members { add(member.key.value, member.value) }
    return all
  }
}
