import Determinism
import TensorCore
import Testing

@testable import Transformers

/// ‖g − g₆₄‖ / ‖g₆₄‖ ≤ 10⁻⁶ for every trained tensor, g₆₄ by PyTorch in float64.
///
/// Weights and batches are made from integers on both sides, exactly (`Tests/Golden/make/transformer.py`), so
/// that only gradients are stored: rounded to float32, which is 3·10⁻⁸ of a tensor's norm.
struct `Every tensor's gradient is within a millionth of PyTorch's in float64` {
  @Test(arguments: CountedCase.all, Backend.allCases)
  func `at two shapes`(example: CountedCase, backend: Backend) throws {
    let expected = try Model(
      safetensors: GoldenFiles.bytes("gradient-\(example).safetensors"))
    #expect(expected.configuration == example.configuration)
    let losses = try JSON(parsing: GoldenFiles.bytes("gradients.json"))
    let trainer = Trainer(model: example.model(), backend: backend)
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
