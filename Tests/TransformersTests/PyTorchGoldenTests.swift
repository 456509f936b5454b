import TensorCore
import Testing

@testable import Transformers

/// Our float32 against PyTorch's float64. Tolerances: float32 keeps 6e-8; chains of a few hundred products
/// and the gradient's cancellations leave a few e-7 of a whole tensor, never 1e-5, which a wrong term would.
struct `The decoder agrees with PyTorch` {
  @Test(arguments: Backend.allCases)
  func `in loss and in every tensor's gradient`(backend: Backend) throws {
    let model = try Model(safetensors: GoldenFiles.bytes("initial.safetensors"))
    #expect(
      model.configuration
        == ModelConfiguration(vocabulary: 37, context: 16, dModel: 32, layers: 2, heads: 4))
    let expected = try Model(safetensors: GoldenFiles.bytes("gradient.safetensors"))
    let golden = try GoldenFiles.Training()
    let trainer = Trainer(model: model, backend: backend)
    let (loss, gradient) = trainer.gradient(of: golden.batch)
    #expect(abs(loss - golden.losses[0]) < 1e-6)
    for tensor in model.configuration.tensors {
      let error = relativeError(
        Array(gradient[tensor.range]), Array(expected.parameters[tensor.range]))
      #expect(error <= 1e-6, "\(tensor.name): \(error)")
    }
  }

  @Test(arguments: Backend.allCases)
  func `through ten AdamW steps`(backend: Backend) throws {
    let model = try Model(safetensors: GoldenFiles.bytes("initial.safetensors"))
    let expected = try Model(safetensors: GoldenFiles.bytes("trained.safetensors"))
    let golden = try GoldenFiles.Training()
    let trainer = Trainer(model: model, backend: backend)
    for step in golden.losses.indices {
      let report = trainer.step(golden.batch, learningRate: golden.rate)
      #expect(abs(report.loss - golden.losses[step]) < 2e-5, "step \(step)")
      #expect(abs(report.gradientNorm - golden.norms[step]) < 2e-4, "step \(step)")
    }
    for tensor in model.configuration.tensors {
      var (ours, theirs) = (
        trainer.model.parameters[tensor.range], expected.parameters[tensor.range]
      )
      if tensor.name.hasSuffix("c_attn.bias") {
        // A key's bias shifts all scores of a query alike: its gradient is 0 but for rounding, and Adam
        // turns the sign of rounding into whole steps. Neither side means anything by it.
        let width = model.configuration.dModel
        (ours, theirs) = (
          ours.prefix(width) + ours.suffix(width), theirs.prefix(width) + theirs.suffix(width)
        )
      }
      #expect(relativeError(Array(ours), Array(theirs)) < 1e-4, "\(tensor.name)")
    }
    #expect(trainer.stepsTaken == 10)
  }
}
