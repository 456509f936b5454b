/// What is wrong with a safetensors file. Offsets count bytes from the start of the file.
package enum SafetensorsError: Error, Equatable, Sendable {
  /// Fewer than the 8 bytes that give the header's length, or a header that the file does not hold.
  case truncated(bytes: Int)
  case headerTooLong(bytes: UInt64)
  case malformedHeader(reason: String, offset: Int)
  case duplicateKey(String, offset: Int)
  case tooManyTensors(offset: Int)
  case nameTooLong(offset: Int)
  case rankTooHigh(tensor: String, offset: Int)
  case unknownType(String, tensor: String, offset: Int)
  /// Number of elements or bytes beyond 63 bits.
  case sizeOverflow(tensor: String)
  /// Shape times type is not what the offsets span.
  case sizeMismatch(tensor: String, shapeBytes: Int, offsetBytes: Int)
  case offsetsOutOfRange(tensor: String, begin: Int, end: Int, dataBytes: Int)
  /// A tensor begins before its predecessor ends, or after: the data must be tiled exactly.
  case overlap(tensor: String, offset: Int)
  case hole(tensor: String, offset: Int)
  case trailingBytes(offset: Int)
  case missingTensor(String)
  case unexpectedTensor(String)
  case wrongType(tensor: String, expected: String, found: String)
  case wrongShape(tensor: String, expected: [Int], found: [Int])
  case missingMetadata(String)
  case invalidMetadata(key: String, value: String)
}

extension SafetensorsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated(let bytes):
      "the file ends after \(bytes) bytes, before its header does"
    case .headerTooLong(let bytes):
      "a header of \(bytes) bytes; at most \(Safetensors.maximumHeader) are read"
    case .malformedHeader(let reason, let offset):
      "byte \(offset): the header is malformed: \(reason)"
    case .duplicateKey(let key, let offset):
      "byte \(offset): the key '\(key)' occurs twice"
    case .tooManyTensors(let offset):
      "byte \(offset): more than \(Safetensors.maximumTensors) tensors"
    case .nameTooLong(let offset):
      "byte \(offset): a name of more than \(Safetensors.maximumName) bytes"
    case .rankTooHigh(let tensor, let offset):
      "byte \(offset): tensor '\(tensor)' has more than \(Safetensors.maximumRank) dimensions"
    case .unknownType(let type, let tensor, let offset):
      "byte \(offset): tensor '\(tensor)' is of an unknown type '\(type)'"
    case .sizeOverflow(let tensor):
      "tensor '\(tensor)' is larger than any memory"
    case .sizeMismatch(let tensor, let shape, let offsets):
      "tensor '\(tensor)' takes \(shape) bytes by its shape and \(offsets) by its offsets"
    case .offsetsOutOfRange(let tensor, let begin, let end, let data):
      "tensor '\(tensor)' lies at \(begin)..<\(end) of \(data) bytes of data"
    case .overlap(let tensor, let offset):
      "byte \(offset): tensor '\(tensor)' overlaps the one before it"
    case .hole(let tensor, let offset):
      "byte \(offset): bytes that belong to no tensor, before '\(tensor)'"
    case .trailingBytes(let offset):
      "byte \(offset): bytes that belong to no tensor, after the last one"
    case .missingTensor(let tensor): "there is no tensor '\(tensor)'"
    case .unexpectedTensor(let tensor): "the model has no tensor '\(tensor)'"
    case .wrongType(let tensor, let expected, let found):
      "tensor '\(tensor)' is \(found), expected \(expected)"
    case .wrongShape(let tensor, let expected, let found):
      "tensor '\(tensor)' has the shape \(found), expected \(expected)"
    case .missingMetadata(let key): "the metadata lack the key '\(key)'"
    case .invalidMetadata(let key, let value): "metadata '\(key)': '\(value)' makes no sense"
    }
  }
}
