import Determinism
import TensorCore
import Testing

@testable import Transformers

/// ‖g − g₆₄‖ / ‖g₆₄‖ ≤ 10⁻⁶ for every trained tensor, g₆₄ by PyTorch in float64.
///
/// Weights and batches are made from integers on both sides, exactly (`Tests/Golden/make/transformer.py`), so
/// that only gradients are stored: rounded to float32, which is 3·10⁻⁸ of a tensor's norm.
struct `Every tensor's gradient is within a millionth of PyTorch's in float64` {
  struct Case: CustomStringConvertible, Sendable {
    let description: String
    let configuration: ModelConfiguration
    /// Of the matrices: a power of two.
    let scale: Double
    let lengths: [Int]

    static let all = [
      Case(
        description: "ragged",
        configuration: ModelConfiguration(
          vocabulary: 61, context: 24, dModel: 36, layers: 3, heads: 3),
        scale: 0x1p-3, lengths: [25, 2, 9, 17, 24, 5, 13, 3, 21, 11, 16, 7, 19]),
      Case(
        description: "small",
        configuration: ModelConfiguration(
          vocabulary: 256, context: 64, dModel: 64, layers: 2, heads: 4),
        scale: 0x1p-5, lengths: Array(repeating: 65, count: 6)),
    ]

    var model: Model {
      var parameters: [Float] = []
      for tensor in configuration.tensors {
        let isGain = tensor.name.contains("ln_") && tensor.name.hasSuffix("weight")
        for index in tensor.range {
          let value = Double(Int(Self.mixed(UInt64(index)) >> 40) - 1 << 23) / 0x1p23 * scale
          parameters.append(Float(isGain ? 1 + value : value))
        }
      }
      return Model(configuration: configuration, parameters: parameters)
    }

    var batch: TokenBatch {
      let isRagged = Set(lengths).count > 1
      let draws = lengths.enumerated().map { sequence, length in
        (0..<length).map { Self.mixed(1 << 32 + UInt64(sequence) << 16 + UInt64($0)) }
      }
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

  @Test(arguments: Case.all, Backend.allCases)
  func `at two shapes`(example: Case, backend: Backend) throws {
    let expected = try Model(
      safetensors: GoldenFiles.bytes("gradient-\(example).safetensors"))
    #expect(expected.configuration == example.configuration)
    let losses = try JSON(parsing: GoldenFiles.bytes("gradients.json"))
    let trainer = Trainer(model: example.model, backend: backend)
    let (loss, gradient) = trainer.gradient(of: example.batch)
    #expect(abs(loss - losses[example.description]!.double!) < 1e-6)
    for tensor in example.configuration.tensors {
      let error = relativeError(
        Array(gradient[tensor.range]), Array(expected.parameters[tensor.range]))
      if environment("DORMOUSE_SHOW_ERRORS") != nil { print(example, backend, tensor.name, error) }
      #expect(error <= 1e-6, "\(example), \(backend), \(tensor.name): \(error)")
    }
  }
}
