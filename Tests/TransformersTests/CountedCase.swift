import Transformers

/// A model and a batch that this side and `Tests/Golden/make` make from the same integers, exactly.
struct CountedCase: CustomStringConvertible, Sendable {
  let description: String
  let configuration: ModelConfiguration
  /// Of the matrices: a power of two.
  let scale: Double
  let lengths: [Int]

  static let all = [
    CountedCase(
      description: "ragged",
      configuration: ModelConfiguration(
        vocabulary: 61, context: 24, dModel: 36, layers: 3, heads: 3),
      scale: 0x1p-3, lengths: [25, 2, 9, 17, 24, 5, 13, 3, 21, 11, 16, 7, 19]),
    CountedCase(
      description: "small",
      configuration: ModelConfiguration(
        vocabulary: 256, context: 64, dModel: 64, layers: 2, heads: 4),
      scale: 0x1p-5, lengths: Array(repeating: 65, count: 6)),
  ]

  /// A number for each parameter of the tensors; those of a further set begin at a further offset.
  func values(of tensors: [ModelConfiguration.NamedTensor], from offset: UInt64 = 0) -> [Float] {
    tensors.flatMap { tensor in
      let isGain = tensor.name.contains("ln_") && tensor.name.hasSuffix("weight")
      return tensor.range.map { index in
        let draw = Self.mixed(offset + UInt64(index))
        let value = Double(Int(draw >> 40) - 1 << 23) / 0x1p23 * scale
        return Float(isGain ? 1 + value : value)
      }
    }
  }

  func model(from offset: UInt64 = 0) -> Model {
    Model(
      configuration: configuration, parameters: values(of: configuration.tensors, from: offset))
  }

  /// What tokens and weights are made of, one for each token.
  var draws: [[UInt64]] {
    lengths.enumerated().map { sequence, length in
      (0..<length).map { Self.mixed(1 << 32 + UInt64(sequence) << 16 + UInt64($0)) }
    }
  }

  var batch: TokenBatch {
    let isRagged = Set(lengths).count > 1
    let draws = draws
    return TokenBatch(
      sequences: draws.map { $0.map { Int32($0 % UInt64(configuration.vocabulary)) } },
      weights: draws.map { $0.map { isRagged ? [0, 0.5, 1, 1][Int($0 >> 62)] : 1 } })
  }

  /// SplitMix64's output for a state (Steele et al. 2014).
  private static func mixed(_ state: UInt64) -> UInt64 {
    var x = state &+ 0x9E37_79B9_7F4A_7C15
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x >> 31)
  }
}
