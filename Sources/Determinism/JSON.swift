#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A JSON value that keeps every bit: integers of any size, doubles by pattern, keys by their
/// bytes.
///
/// Foundation's reader keeps the first of two equal keys and rounds 9007199254740993; a record that
/// is digested can afford neither. An object whose only member is `f64` with the pattern of a NaN,
/// an infinity or -0.0 is reserved for that double.
package enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Integer)
  /// Two doubles are equal when their bit patterns are: NaN equals itself, -0.0 differs from 0.0.
  case double(Bits)
  case string(Text)
  case array([JSON])
  case object(Object)

  /// A decimal integer without leading zeros, exact at any size.
  package struct Integer: Hashable, Sendable {
    package let digits: String
    package init(_ value: some BinaryInteger) { digits = String(value) }
    init(unchecked digits: String) { self.digits = digits }
    package var int: Int? { Int(digits) }
    package var uint64: UInt64? { UInt64(digits) }
  }

  /// A double compared by its bit pattern.
  package struct Bits: Hashable, Sendable {
    package let value: Double
    package init(_ value: Double) { self.value = value }
    package static func == (left: Bits, right: Bits) -> Bool {
      left.value.bitPattern == right.value.bitPattern
    }
    package func hash(into hasher: inout Swift.Hasher) { hasher.combine(value.bitPattern) }
  }

  /// A string compared by its UTF-8 bytes: `==` on `String` calls "é" and "e"+U+0301 equal.
  package struct Text: Hashable, Comparable, Sendable {
    package let value: String
    package init(_ value: String) { self.value = value }
    package static func == (left: Text, right: Text) -> Bool {
      left.value.utf8.count == right.value.utf8.count && left.compared(to: right) == 0
    }
    package static func < (left: Text, right: Text) -> Bool { left.compared(to: right) < 0 }

    /// Below, at or above zero. Manifests and tables are sorted by it: not byte by byte.
    fileprivate func compared(to other: Text) -> Int {
      var (left, right) = (value, other.value)
      return left.withUTF8 { left in
        right.withUTF8 { right in
          guard let start = left.baseAddress, let otherStart = right.baseAddress else {
            return left.count - right.count
          }
          let order = memcmp(start, otherStart, min(left.count, right.count))
          return order == 0 ? left.count - right.count : Int(order)
        }
      }
    }
    package func hash(into hasher: inout Swift.Hasher) {
      var text = value
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      hasher.combine(0xFF as UInt8)
    }
  }

  /// Members sorted by the bytes of their keys; a key occurs once.
  package struct Object: Equatable, Sendable {
    package private(set) var members: [Member]

    package struct Member: Equatable, Sendable {
      package let key: Text
      package var value: JSON
    }

    package init() { members = [] }

    /// The later of two members with one key wins.
    package init(_ pairs: some Sequence<(String, JSON)>) {
      let given = pairs.map { Member(key: Text($0.0), value: $0.1) }
      (self, _) = Object.sorting(given)
    }

    private init(sorted members: [Member]) { self.members = members }

    /// Sorts members in one go (inserting 100,000 one by one is quadratic), the later of equal keys
    /// winning; and the position of the first member that repeats an earlier key.
    static func sorting(_ given: [Member]) -> (object: Object, repeated: Int?) {
      if zip(given, given.dropFirst()).allSatisfy({ $0.key < $1.key }) {
        return (Object(sorted: given), nil)
      }
      let order = given.indices.sorted { left, right in
        let order = given[left].key.compared(to: given[right].key)
        return order == 0 ? left < right : order < 0
      }
      var members: [Member] = []
      members.reserveCapacity(given.count)
      var repeated: Int?
      for index in order {
        if members.last?.key == given[index].key {
          members[members.count - 1] = given[index]
          repeated = min(repeated ?? index, index)
        } else {
          members.append(given[index])
        }
      }
      return (Object(sorted: members), repeated)
    }

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }
    package var keys: [String] { members.map(\.key.value) }

    private func position(of key: Text) -> (index: Int, found: Bool) {
      var low = 0
      var high = members.count
      while low < high {
        let middle = (low + high) / 2
        if members[middle].key < key { low = middle + 1 } else { high = middle }
      }
      return (low, low < members.count && members[low].key == key)
    }

    package subscript(key: String) -> JSON? {
      get {
        let (index, found) = position(of: Text(key))
        return found ? members[index].value : nil
      }
      set {
        let (index, found) = position(of: Text(key))
        switch (newValue, found) {
        case (let value?, true): members[index].value = value
        case (let value?, false): members.insert(Member(key: Text(key), value: value), at: index)
        case (nil, true): members.remove(at: index)
        case (nil, false): break
        }
      }
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  // Not ExpressibleByNilLiteral: `object[key] == nil` would then ask whether the value is null.

  package init(stringLiteral value: String) { self = .string(Text(value)) }
  package init(integerLiteral value: Int) { self = .integer(Integer(value)) }
  package init(floatLiteral value: Double) { self = .double(Bits(value)) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }

  package init(_ value: String) { self = .string(Text(value)) }
  package init(_ value: some BinaryInteger) { self = .integer(Integer(value)) }
  package init(_ value: Double) { self = .double(Bits(value)) }
  package init(_ value: Bool) { self = .bool(value) }
  package init(_ digest: Digest) { self = .string(Text(digest.hex)) }
  /// nil becomes null.
  package init(_ value: String?) { self = value.map { JSON($0) } ?? .null }
}

/// Typed views: nil when the value is of another kind.
extension JSON {
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var int: Int? { if case .integer(let value) = self { value.int } else { nil } }
  package var uint64: UInt64? { if case .integer(let value) = self { value.uint64 } else { nil } }
  /// A double, or an integer below 2⁶⁴ that a double holds exactly.
  package var double: Double? {
    switch self {
    case .double(let bits): bits.value
    case .integer(let integer):
      integer.int.flatMap { Double(exactly: $0) }
        ?? integer.uint64.flatMap { Double(exactly: $0) }
    default: nil
    }
  }
  package var string: String? { if case .string(let text) = self { text.value } else { nil } }
  package var array: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
  package var object: Object? { if case .object(let object) = self { object } else { nil } }
  package var digest: Digest? { string.flatMap { Digest(hex: $0) } }
  package subscript(key: String) -> JSON? { object?[key] }
}
