import Transformers

/// Numbers that a peer in any language makes in a line: a mixed counter (the end of MurmurHash3), so that
/// both sides begin with the same weights, tokens and activations and equal losses show an equal task.
enum SharedNumbers {
  /// Uniform on [0, 1), a multiple of 2⁻³².
  static func uniform(_ index: Int, stream: Int) -> Double {
    var x = UInt32(truncatingIfNeeded: index) ^ (UInt32(truncatingIfNeeded: stream) &* 0x9E37_79B9)
    x ^= x >> 16
    x &*= 0x85EB_CA6B
    x ^= x >> 13
    x &*= 0xC2B2_AE35
    x ^= x >> 16
    return Double(x) * 0x1p-32
  }

  /// Uniform of standard deviation 0.02 from the stream of the tensor's index; norms 1 and 0, biases 0.
  static func model(_ configuration: ModelConfiguration) -> Model {
    var parameters = [Float](repeating: 0, count: configuration.parameterCount)
    for (stream, tensor) in configuration.tensors.enumerated() {
      if tensor.shape.count == 2 {
        for (index, position) in tensor.range.enumerated() {
          parameters[position] = Float((uniform(index, stream: stream) - 0.5) * 0.0692820323027551)
        }
      } else if tensor.name.contains("ln_"), tensor.name.hasSuffix(".weight") {
        for position in tensor.range { parameters[position] = 1 }
      }
    }
    return Model(configuration: configuration, parameters: parameters)
  }

  static func token(batch: Int, sequence: Int, position: Int, vocabulary: Int) -> Int32 {
    let index = (batch * 4096 + sequence) * 4096 + position
    return Int32(uniform(index, stream: 1000) * Double(vocabulary))
  }

  static func sequence(batch: Int, sequence: Int, count: Int, vocabulary: Int) -> [Int32] {
    (0..<count).map {
      token(batch: batch, sequence: sequence, position: $0, vocabulary: vocabulary)
    }
  }

  /// Nearly normal, unit variance: the sum of four uniforms.
  static func noise(_ index: Int, stream: Int) -> Double {
    var sum = -2.0
    for part in 0..<4 { sum += uniform(index, stream: stream + part) }
    return sum * 1.7320508075688772
  }
}
