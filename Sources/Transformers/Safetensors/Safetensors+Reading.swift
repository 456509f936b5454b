extension Safetensors {
  /// Reads a file. Every tensor is checked against its shape, and all together must tile the data.
  package init(parsing bytes: [UInt8]) throws(SafetensorsError) {
    let length = try Self.headerLength(bytes, fileSize: bytes.count)
    let header = try Self.layout(of: bytes, headerEnd: 8 + length, fileSize: bytes.count)
    self.init(metadata: header.metadata, tensors: header.tensors, data: bytes[(8 + length)...])
  }

  /// Bytes of the header, from the first eight of the file.
  static func headerLength(
    _ bytes: some RandomAccessCollection<UInt8>, fileSize: Int
  ) throws(SafetensorsError) -> Int {
    guard bytes.count >= 8 else { throw .truncated(bytes: fileSize) }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.maximumHeader) else { throw .headerTooLong(bytes: length) }
    guard Int(length) <= fileSize - 8 else { throw .truncated(bytes: fileSize) }
    return Int(length)
  }

  /// What the header says, checked against the size of the file; tensors in the order of their data.
  static func layout(
    of bytes: [UInt8], headerEnd dataStart: Int, fileSize: Int
  ) throws(SafetensorsError) -> (metadata: [(key: String, value: String)], tensors: [Tensor]) {
    var header = SafetensorsHeader(bytes: bytes, end: dataStart)
    try header.read()
    let dataBytes = fileSize - dataStart
    for tensor in header.tensors { try Self.check(tensor, dataBytes: dataBytes) }
    let tensors = header.tensors.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for tensor in tensors {
      let begin = tensor.range.lowerBound
      guard begin >= end else { throw .overlap(tensor: tensor.name, offset: dataStart + begin) }
      guard begin == end else { throw .hole(tensor: tensor.name, offset: dataStart + end) }
      end = tensor.range.upperBound
    }
    guard end == dataBytes else { throw .trailingBytes(offset: dataStart + end) }
    return (header.metadata, tensors)
  }

  private static func check(_ tensor: Tensor, dataBytes: Int) throws(SafetensorsError) {
    guard tensor.range.upperBound <= dataBytes else {
      throw .offsetsOutOfRange(
        tensor: tensor.name, begin: tensor.range.lowerBound, end: tensor.range.upperBound,
        dataBytes: dataBytes)
    }
    var size = tensor.type.size
    for dimension in tensor.shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw .sizeOverflow(tensor: tensor.name) }
      size = product
    }
    guard size == tensor.range.count else {
      throw .sizeMismatch(tensor: tensor.name, shapeBytes: size, offsetBytes: tensor.range.count)
    }
  }
}
