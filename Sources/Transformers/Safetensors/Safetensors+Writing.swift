import Determinism

extension Safetensors {
  /// Writes F32 tensors, in the given order, as a file that the reference implementation opens.
  ///
  /// - Parameter tensors: name, shape and row-major floats; names are unique.
  package static func bytes(
    of tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)],
    metadata: [(key: String, value: String)] = []
  ) -> [UInt8] {
    var header = JSON.Object()
    if !metadata.isEmpty {
      header["__metadata__"] = .object(JSON.Object(metadata.map { ($0.key, JSON($0.value)) }))
    }
    var offset = 0
    for tensor in tensors {
      precondition(tensor.shape.reduce(1, *) == tensor.values.count, "values of that shape")
      precondition(header[tensor.name] == nil, "tensor '\(tensor.name)' occurs twice")
      let end = offset + 4 * tensor.values.count
      header[tensor.name] = [
        "dtype": "F32", "shape": .array(tensor.shape.map { JSON($0) }),
        "data_offsets": [JSON(offset), JSON(end)],
      ]
      offset = end
    }
    var text = JSON.object(header).canonicalBytes
    while !text.count.isMultiple(of: 8) { text.append(0x20) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + offset)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text)
    for tensor in tensors {
      for value in tensor.values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    return bytes
  }
}
