/// The fields of a protobuf message in the order they stand, without a schema.
///
/// Of each format a few fields are read, and versions of a tool add others: what is not known is passed over.
/// Nested messages are read when they are asked for, so that no input decides how deep anything calls itself.
struct ProtobufReader {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A text, bytes, a nested message or packed numbers.
    case bytes(ArraySlice<UInt8>)
  }

  /// Why bytes are no message, and where: an index into the bytes of the outermost one.
  struct Problem: Error, Equatable {
    let position: Int
    let message: String
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// nil after the last one.
  mutating func next() throws(Problem) -> (number: UInt64, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let start = rest.startIndex
    let key = try varint()
    let number = key >> 3
    guard number > 0, number < 1 << 29 else {
      throw Problem(position: start, message: "\(number) is no number of a protobuf field")
    }
    switch key & 7 {
    case 0: return (number, .varint(try varint()))
    case 1: return (number, .fixed64(try take(8).littleEndian(at: 0, as: UInt64.self)))
    case 5: return (number, .fixed32(try take(4).littleEndian(at: 0, as: UInt32.self)))
    case 2:
      let count = try varint()
      guard count <= UInt64(rest.count) else {
        throw Problem(
          position: start,
          message: "a field of \(count) bytes where \(rest.count) are left")
      }
      return (number, .bytes(try take(Int(count))))
    default:
      throw Problem(position: start, message: "protobuf has no wire type \(key & 7) here")
    }
  }

  private mutating func varint() throws(Problem) -> UInt64 {
    let start = rest.startIndex
    var value: UInt64 = 0
    for place in 0..<10 {
      guard let byte = rest.popFirst() else {
        throw Problem(position: start, message: "a number is cut off")
      }
      guard place < 9 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << (7 * UInt64(place))
      if byte & 0x80 == 0 { return value }
    }
    throw Problem(position: start, message: "a number of more than 64 bits")
  }

  private mutating func take(_ count: Int) throws(Problem) -> ArraySlice<UInt8> {
    guard count <= rest.count else {
      throw Problem(position: rest.startIndex, message: "a number is cut off")
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// Every field in turn.
  static func each(
    of bytes: ArraySlice<UInt8>, _ take: (UInt64, Value) throws(Problem) -> Void
  ) throws(Problem) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() { try take(field.number, field.value) }
  }
}

extension ProtobufReader.Value {
  /// A nested message, text or packed numbers; nil when the field is of another kind.
  var bytes: ArraySlice<UInt8>? { if case .bytes(let bytes) = self { bytes } else { nil } }
  /// Texts of these formats are UTF-8; a damaged one becomes readable.
  var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
  var int: Int? {
    if case .varint(let value) = self { Int(truncatingIfNeeded: value) } else { nil }
  }
  var float: Float? {
    if case .fixed32(let bits) = self { Float(bitPattern: bits) } else { nil }
  }
  var double: Double? {
    if case .fixed64(let bits) = self { Double(bitPattern: bits) } else { nil }
  }

  /// The numbers of a repeated field, packed or one by one.
  func numbers<Number>(_ width: Int, _ read: (ArraySlice<UInt8>) -> Number) -> [Number] {
    switch self {
    case .fixed32(let bits) where width == 4:
      return [read(withUnsafeBytes(of: bits.littleEndian) { Array($0)[...] })]
    case .fixed64(let bits) where width == 8:
      return [read(withUnsafeBytes(of: bits.littleEndian) { Array($0)[...] })]
    case .bytes(let bytes):
      return stride(from: bytes.startIndex, through: bytes.endIndex - width, by: width).map {
        read(bytes[$0..<$0 + width])
      }
    default: return []
    }
  }

  /// The same of numbers of varying length.
  func varints() throws(ProtobufReader.Problem) -> [UInt64] {
    switch self {
    case .varint(let value): return [value]
    case .bytes(let bytes): return try ProtobufReader.varints(of: bytes)
    default: return []
    }
  }
}

extension ProtobufReader {
  static func varints(of bytes: ArraySlice<UInt8>) throws(Problem) -> [UInt64] {
    var reader = ProtobufReader(bytes)
    var numbers: [UInt64] = []
    while !reader.rest.isEmpty { numbers.append(try reader.varint()) }
    return numbers
  }
}
