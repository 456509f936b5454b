/// A safetensors file: named tensors in one block of bytes, and metadata.
///
/// Format: the length of a JSON header (u64, little-endian), the header, the data. Read with every check of
/// the format's reference implementation, and caps of our own; nothing is allocated on a header's word.
package struct Safetensors: Equatable, Sendable {
  package static let maximumHeader = 16 << 20
  package static let maximumTensors = 100_000
  package static let maximumName = 1024
  package static let maximumRank = 8

  /// Element types of whole bytes; sub-byte types are refused.
  package enum ElementType: String, CaseIterable, Sendable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case float8e4m3 = "F8_E4M3"
    case float8e5m2 = "F8_E5M2"
    case float8e8m0 = "F8_E8M0"
    case int16 = "I16"
    case uint16 = "U16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint32 = "U32"
    case float32 = "F32"
    case complex64 = "C64"
    case float64 = "F64"
    case int64 = "I64"
    case uint64 = "U64"

    /// Bytes of one element.
    package var size: Int {
      switch self {
      case .bool, .uint8, .int8, .float8e4m3, .float8e5m2, .float8e8m0: 1
      case .int16, .uint16, .float16, .bfloat16: 2
      case .int32, .uint32, .float32: 4
      case .complex64, .float64, .int64, .uint64: 8
      }
    }
  }

  package struct Tensor: Equatable, Sendable {
    package let name: String
    package let type: ElementType
    package let shape: [Int]
    /// Where its bytes lie in the data.
    package let range: Range<Int>
  }

  /// Sorted by key (bytes).
  package let metadata: [(key: String, value: String)]
  /// In the order of their data.
  package let tensors: [Tensor]
  let data: ArraySlice<UInt8>
  private let places: [[UInt8]: Int]

  init(metadata: [(key: String, value: String)], tensors: [Tensor], data: ArraySlice<UInt8>) {
    self.metadata = metadata.sorted {
      $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
    self.tensors = tensors
    self.data = data
    places = Dictionary(
      uniqueKeysWithValues: tensors.enumerated().map { (Array($1.name.utf8), $0) })
  }

  package static func == (left: Safetensors, right: Safetensors) -> Bool {
    left.tensors == right.tensors && left.data == right.data
      && left.metadata.elementsEqual(right.metadata) { $0 == $1 }
  }

  package func metadata(_ key: String) -> String? {
    metadata.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  package func tensor(_ name: String) -> Tensor? { places[Array(name.utf8)].map { tensors[$0] } }

  /// The bytes of a tensor, little-endian elements in row-major order.
  package func bytes(of tensor: Tensor) -> ArraySlice<UInt8> {
    data[data.startIndex + tensor.range.lowerBound..<data.startIndex + tensor.range.upperBound]
  }

  /// The floats of a tensor of type F32 and of this shape.
  package func floats(_ name: String, shape: [Int]) throws(SafetensorsError) -> [Float] {
    guard let tensor = tensor(name) else { throw .missingTensor(name) }
    guard tensor.type == .float32 else {
      throw .wrongType(tensor: name, expected: "F32", found: tensor.type.rawValue)
    }
    guard tensor.shape == shape else {
      throw .wrongShape(tensor: name, expected: shape, found: tensor.shape)
    }
    return bytes(of: tensor).withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        let bits = raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
  }
}
