/// Writes F32 tensors of known shapes piece by piece, for those that do not fit into memory. The bytes are
/// those of `Safetensors.bytes(of:)`.
///
/// The header goes to the sink at once; then come the floats of the first tensor, those of the next, and so
/// on, in pieces of any size. Activations of several sites at once are several files, each with its writer.
package struct SafetensorsWriter {
  /// Takes bytes in order; they are valid during the call.
  package typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  private let sink: Sink
  /// Floats that the shapes promise and nobody has given yet.
  package private(set) var missing: Int

  /// - Throws: what the sink throws.
  package init(
    tensors: [(name: String, shape: [Int])], metadata: [(key: String, value: String)] = [],
    to sink: @escaping Sink
  ) throws {
    for tensor in tensors {
      precondition(tensor.shape.allSatisfy { $0 >= 0 }, "no negative dimension")
    }
    self.sink = sink
    missing = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    try Safetensors.header(of: tensors, metadata: metadata).withUnsafeBytes(sink)
  }

  /// The next floats in row-major order, which must be left to write.
  package mutating func append(_ floats: UnsafeBufferPointer<Float>) throws {
    precondition(floats.count <= missing, "\(floats.count) floats where \(missing) are missing")
    #if _endian(little)
      try sink(UnsafeRawBufferPointer(floats))
    #else
      try floats.map(\.bitPattern.littleEndian).withUnsafeBytes(sink)
    #endif
    missing -= floats.count
  }

  /// To be called at the end: a file with fewer floats than its header says is damaged.
  package consuming func finish() {
    precondition(missing == 0, "\(missing) floats are missing")
  }
}
