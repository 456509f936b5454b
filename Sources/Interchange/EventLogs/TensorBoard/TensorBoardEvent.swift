/// An event as far as it is read: when, at which step, and the values of its summary.
struct TensorBoardEvent {
  /// Seconds since 1970.
  var time = 0.0
  var step = 0
  var values: [Value] = []

  struct Value {
    var tag = ""
    /// What TensorBoard shows it with; writers name it with the first value of a tag alone.
    var plugin: String?
    /// Of the plugin's own making.
    var content: ArraySlice<UInt8> = []
    /// TensorFlow's word for a tensor of one number, whichever plugin shows it.
    var isScalarClass = false
    var number: Float?
    var tensor: ArraySlice<UInt8>?
    /// What it is, of what is not read.
    var other: String?
  }

  /// Values of one event.
  private static let mostValues = 100_000

  init(_ bytes: [UInt8]) throws(ProtobufReader.Problem) {
    var time = 0.0
    var step = 0
    var values: [Value] = []
    try ProtobufReader.each(of: bytes[...]) { number, field throws(ProtobufReader.Problem) in
      switch number {
      case 1: time = field.double ?? time
      case 2: step = field.int ?? step
      case 5:
        guard let summary = field.bytes else { return }
        try ProtobufReader.each(of: summary) { number, field throws(ProtobufReader.Problem) in
          guard number == 1, let value = field.bytes else { return }
          guard values.count < Self.mostValues else {
            throw ProtobufReader.Problem(
              position: value.startIndex, message: "more than \(Self.mostValues) values in an event"
            )
          }
          values.append(try Self.value(value))
        }
      default: break
      }
    }
    (self.time, self.step, self.values) = (time, step, values)
  }

  private static func value(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem) -> Value {
    var value = Value()
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      switch number {
      case 1: value.tag = field.text ?? value.tag
      case 2: value.number = field.float
      case 3, 5: value.other = "histogram"
      case 4: value.other = "image"
      case 6: value.other = "sound"
      case 8: value.tensor = field.bytes
      case 9:
        guard let metadata = field.bytes else { return }
        try readMetadata(metadata, of: &value)
      default: break
      }
    }
    return value
  }

  private static func readMetadata(
    _ bytes: ArraySlice<UInt8>, of value: inout Value
  ) throws(ProtobufReader.Problem) {
    var (plugin, content, isScalarClass) = (value.plugin, value.content, value.isScalarClass)
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      if number == 4 { isScalarClass = field.int == 1 }
      guard number == 1, let data = field.bytes else { return }
      try ProtobufReader.each(of: data) { number, field throws(ProtobufReader.Problem) in
        if number == 1 { plugin = field.text }
        if number == 2 { content = field.bytes ?? [] }
      }
    }
    (value.plugin, value.content, value.isScalarClass) = (plugin, content, isScalarClass)
  }
}

/// A TensorProto of numbers.
struct TensorBoardTensor {
  var shape: [Int] = []
  var numbers: [Double] = []
  /// Whether its numbers have fewer bits than a double.
  var isShort = false

  /// Bytes of the longest that is read: single numbers, and rows of thresholds.
  private static let longest = 1 << 20

  /// nil for a type that is not of numbers, and for what is longer than scalars and curves are.
  init?(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem) {
    guard bytes.count <= Self.longest else { return nil }
    var type = 0
    var shape: [Int] = []
    var content: ArraySlice<UInt8>?
    var listed: [Double] = []
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      switch number {
      case 1: type = field.int ?? 0
      case 2:
        shape =
          try field.bytes.map { bytes throws(ProtobufReader.Problem) in try Self.shape(bytes) }
          ?? []
      case 4: content = field.bytes
      case 5: listed += field.numbers(4) { Double(Self.float($0)) }
      case 6: listed += field.numbers(8) { Self.double($0) }
      case 7, 10, 11:
        listed += try field.varints().map { Double(Int(truncatingIfNeeded: $0)) }
      case 13:
        listed += try field.varints().map { bits in
          let bits = UInt16(truncatingIfNeeded: bits)
          return type == 14 ? Self.brain(bits) : Self.half(bits)
        }
      default: break
      }
    }
    guard let kind = Self.kinds[type] else { return nil }
    if let content {
      let width = kind.width
      numbers = stride(from: content.startIndex, through: content.endIndex - width, by: width).map {
        kind.read(content[$0..<$0 + width])
      }
    } else {
      numbers = listed
    }
    self.shape = shape
    isShort = kind.isShort
    // One number stands for all of them.
    if let count = Self.count(of: shape), numbers.count == 1, count > 1 {
      numbers = Array(repeating: numbers[0], count: count)
    }
  }

  /// Numbers that a shape has room for; nil when they are more than are ever drawn.
  private static func count(of shape: [Int]) -> Int? {
    var count = 1
    for side in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: side)
      guard !overflow, (0...1 << 20).contains(product) else { return nil }
      count = product
    }
    return count
  }

  private static func shape(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Problem) -> [Int] {
    var shape: [Int] = []
    try ProtobufReader.each(of: bytes) { number, field throws(ProtobufReader.Problem) in
      guard number == 2, let dimension = field.bytes else { return }
      var size = 0
      try ProtobufReader.each(of: dimension) { number, field throws(ProtobufReader.Problem) in
        if number == 1 { size = field.int ?? 0 }
      }
      shape.append(size)
    }
    return shape
  }

  private struct Kind {
    let width: Int
    let isShort: Bool
    let read: @Sendable (ArraySlice<UInt8>) -> Double
  }

  /// By TensorFlow's numbers of types.
  private static let kinds: [Int: Kind] = [
    1: Kind(width: 4, isShort: true) { Double(float($0)) },
    2: Kind(width: 8, isShort: false) { double($0) },
    3: Kind(width: 4, isShort: false) { Double($0.littleEndian(at: 0, as: Int32.self)) },
    9: Kind(width: 8, isShort: false) { Double($0.littleEndian(at: 0, as: Int64.self)) },
    10: Kind(width: 1, isShort: false) { $0.first == 0 ? 0 : 1 },
    14: Kind(width: 2, isShort: true) { brain($0.littleEndian(at: 0, as: UInt16.self)) },
    19: Kind(width: 2, isShort: true) { half($0.littleEndian(at: 0, as: UInt16.self)) },
  ]

  private static func float(_ bytes: ArraySlice<UInt8>) -> Float {
    Float(bitPattern: bytes.littleEndian(at: 0, as: UInt32.self))
  }
  private static func double(_ bytes: ArraySlice<UInt8>) -> Double {
    Double(bitPattern: bytes.littleEndian(at: 0, as: UInt64.self))
  }
  private static func brain(_ bits: UInt16) -> Double {
    Double(Float(bitPattern: UInt32(bits) << 16))
  }
  private static func half(_ bits: UInt16) -> Double { Double(Float16(bitPattern: bits)) }
}
