import Determinism

extension Safetensors {
  /// Writes F32 tensors, in the given order, as a file that the reference implementation opens.
  ///
  /// - Parameter tensors: name, shape and row-major floats; names are unique.
  package static func bytes(
    of tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)],
    metadata: [(key: String, value: String)] = []
  ) -> [UInt8] {
    for tensor in tensors {
      precondition(tensor.shape.reduce(1, *) == tensor.values.count, "values of that shape")
    }
    let count = tensors.reduce(0) { $0 + $1.values.count }
    var bytes = header(of: tensors.map { ($0.name, $0.shape) }, metadata: metadata)
    bytes.reserveCapacity(bytes.count + 4 * count)
    for tensor in tensors {
      for value in tensor.values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    return bytes
  }

  /// What stands before the data of F32 tensors that follow one another: a length and a JSON text.
  static func header(
    of tensors: [(name: String, shape: [Int])], metadata: [(key: String, value: String)]
  ) -> [UInt8] {
    var header = JSON.Object()
    if !metadata.isEmpty {
      header["__metadata__"] = .object(JSON.Object(metadata.map { ($0.key, JSON($0.value)) }))
    }
    var offset = 0
    for tensor in tensors {
      precondition(header[tensor.name] == nil, "tensor '\(tensor.name)' occurs twice")
      let end = offset + 4 * tensor.shape.reduce(1, *)
      header[tensor.name] = [
        "dtype": "F32", "shape": .array(tensor.shape.map { JSON($0) }),
        "data_offsets": [JSON(offset), JSON(end)],
      ]
      offset = end
    }
    var text = JSON.object(header).canonicalBytes
    while !text.count.isMultiple(of: 8) { text.append(0x20) }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }
}
