import Determinism

/// Reads the header: one JSON object of a fixed form, so nesting is bounded by construction and a hostile
/// one costs time in proportion to its bytes.
struct SafetensorsHeader {
  private let bytes: [UInt8]
  private let end: Int
  private var position = 8
  private(set) var tensors: [Safetensors.Tensor] = []
  private(set) var metadata: [(key: String, value: String)] = []

  /// - Parameter end: where the header ends, in `bytes`.
  init(bytes: [UInt8], end: Int) {
    self.bytes = bytes
    self.end = end
  }

  mutating func read() throws(SafetensorsError) {
    guard next == UInt8(ascii: "{") else { throw malformed("it does not begin with '{'") }
    try members { reader, key, start throws(SafetensorsError) in
      if key.utf8.elementsEqual("__metadata__".utf8) {
        try reader.readMetadata()
      } else {
        guard reader.tensors.count < Safetensors.maximumTensors else {
          throw .tooManyTensors(offset: start)
        }
        try reader.readTensor(named: key)
      }
    }
    while let byte = next {
      guard byte == 0x20 else { throw malformed("text after the object") }
      position += 1
    }
  }

  private mutating func readMetadata() throws(SafetensorsError) {
    try members { reader, key, _ throws(SafetensorsError) in
      reader.metadata.append((key, try reader.text()))
    }
  }

  private mutating func readTensor(named name: String) throws(SafetensorsError) {
    let start = position
    var type: Safetensors.ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try members { reader, key, start throws(SafetensorsError) in
      switch key {
      case "dtype":
        let text = try reader.text()
        type = Safetensors.ElementType(rawValue: text)
        if type == nil { throw .unknownType(text, tensor: name, offset: start) }
      case "shape":
        shape = try reader.integers(limit: Safetensors.maximumRank) {
          .rankTooHigh(tensor: name, offset: $0)
        }
      case "data_offsets":
        offsets = try reader.integers(limit: 2) {
          .malformedHeader(reason: "data_offsets are two numbers", offset: $0)
        }
      default: throw reader.malformed("unknown key '\(key)' of a tensor", at: start)
      }
    }
    guard let type, let shape, let offsets else {
      throw malformed("a tensor needs dtype, shape and data_offsets", at: start)
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw malformed("data_offsets are two numbers in order", at: start)
    }
    tensors.append(
      Safetensors.Tensor(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1]))
  }

  // MARK: JSON

  private var next: UInt8? { position < end ? bytes[position] : nil }

  private func malformed(_ reason: String, at offset: Int? = nil) -> SafetensorsError {
    .malformedHeader(reason: reason, offset: offset ?? position)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  /// Whether the next byte (after white space) is this one; then it is consumed.
  private mutating func consume(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    position += 1
    return true
  }

  /// An object; `body` reads each value. Keys are unique as bytes.
  private mutating func members(
    _ body: (inout SafetensorsHeader, String, Int) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    guard consume(UInt8(ascii: "{")) else { throw malformed("expected '{'") }
    if consume(UInt8(ascii: "}")) { return }
    var seen: Set<[UInt8]> = []
    repeat {
      skipSpace()
      let start = position
      let key = try text()
      guard key.utf8.count <= Safetensors.maximumName else { throw .nameTooLong(offset: start) }
      guard seen.insert(Array(key.utf8)).inserted else { throw .duplicateKey(key, offset: start) }
      guard consume(UInt8(ascii: ":")) else { throw malformed("expected ':'") }
      try body(&self, key, start)
    } while consume(UInt8(ascii: ","))
    guard consume(UInt8(ascii: "}")) else { throw malformed("expected ',' or '}'") }
  }

  private mutating func integers(
    limit: Int, excess: (Int) -> SafetensorsError
  ) throws(SafetensorsError) -> [Int] {
    guard consume(UInt8(ascii: "[")) else { throw malformed("expected '['") }
    if consume(UInt8(ascii: "]")) { return [] }
    var integers: [Int] = []
    repeat {
      guard integers.count < limit else { throw excess(position) }
      integers.append(try integer())
    } while consume(UInt8(ascii: ","))
    guard consume(UInt8(ascii: "]")) else { throw malformed("expected ',' or ']'") }
    return integers
  }

  private mutating func integer() throws(SafetensorsError) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      let (tens, overflow1) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.addingReportingOverflow(Int(byte - 0x30))
      guard !overflow1, !overflow2 else { throw malformed("a number beyond 63 bits", at: start) }
      value = sum
      position += 1
    }
    guard position > start else { throw malformed("expected a number without sign") }
    guard bytes[start] != 0x30 || position == start + 1 else {
      throw malformed("a number does not begin with 0", at: start)
    }
    return value
  }

  /// A string; its escapes are read by the project's one JSON reader.
  private mutating func text() throws(SafetensorsError) -> String {
    skipSpace()
    let start = position
    guard next == UInt8(ascii: "\"") else { throw malformed("expected a string") }
    position += 1
    while let byte = next {
      position += 1
      if byte == UInt8(ascii: "\\") { position += 1 }
      if byte == UInt8(ascii: "\"") {
        do {
          return try JSON(parsing: bytes[start..<position]).string ?? ""
        } catch {
          throw malformed(error.message, at: start + error.column - 1)
        }
      }
    }
    throw malformed("a string without its closing quote", at: start)
  }
}
