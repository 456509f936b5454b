import Determinism
import TensorCore
import Testing

@testable import Transformers

/// A step that is not finite makes no update and says where it went wrong.
struct DivergenceTests {
  /// Where a value is put, and what is then named.
  struct Poison: Sendable, CustomStringConvertible {
    let tensor: String
    let value: Float
    let expected: Divergence
    var description: String { "\(value) in \(tensor)" }
  }

  private func weights(_ trainer: Trainer) -> [Digest] {
    [trainer.adam.values, trainer.adam.first, trainer.adam.second].map {
      Digest(
        of: $0.array.flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        })
    }
  }

  @Test(
    arguments: [
      Poison(
        tensor: "transformer.h.0.ln_2.weight", value: .nan,
        expected: .weights("transformer.h.0.ln_2.weight")),
      Poison(
        tensor: "lm_head.weight", value: -.infinity, expected: .weights("lm_head.weight")),
      // Finite weights whose products are not.
      Poison(
        tensor: "transformer.h.1.mlp.c_proj.weight", value: 3e38,
        expected: .activations(.residualPost(1))),
      Poison(
        tensor: "transformer.h.0.attn.c_proj.weight", value: 3e38,
        expected: .activations(.residualMid(0))),
      Poison(tensor: "lm_head.weight", value: 3e38, expected: .logits),
    ], KernelFamily.supported)
  func `the first place that is not finite is named`(poison: Poison, family: KernelFamily) throws {
    var model = Fixture.model()
    let tensor = try #require(
      model.configuration.tensors.first { $0.name == poison.tensor })
    if poison.value.isFinite {
      for index in tensor.range { model.parameters[index] = poison.value }
    } else {
      model.parameters[tensor.offset + tensor.count / 2] = poison.value
    }
    let trainer = Trainer(
      model: model, optimiser: OptimiserOptions(), engine: Engine(family: family), threads: 2)
    let before = weights(trainer)
    let report = trainer.step(Fixture.batch(19, seed: 3), learningRate: 1e-3)
    #expect(report.divergence == poison.expected)
    #expect(!report.loss.isFinite || !report.gradientNorm.isFinite)
    #expect(weights(trainer) == before && trainer.stepsTaken == 0, "no update was made")
  }

  @Test func `a gradient that overflows behind a finite loss is named by its tensor`() {
    var model = Fixture.model()
    // Rows of equal values leave the layer norm with no variance: its gradient is multiplied by 300, and
    // by these weights, on the way back.
    for tensor in model.configuration.tensors where tensor.name.contains("w") {
      guard ["transformer.wte.weight", "transformer.wpe.weight"].contains(tensor.name) else {
        continue
      }
      for index in tensor.range { model.parameters[index] = 0 }
    }
    let gains = model.configuration.tensors.filter {
      $0.name.contains("ln_1.weight") || $0.name.contains("ln_2.weight")
    }
    for tensor in gains { for index in tensor.range { model.parameters[index] = 1e37 } }
    let trainer = Trainer(model: model)
    let report = trainer.step(Fixture.batch(19, seed: 3), learningRate: 1e-3)
    #expect(report.loss.isFinite)
    guard case .gradient(let name) = report.divergence else {
      Issue.record("\(String(describing: report.divergence))")
      return
    }
    #expect(model.configuration.tensors.contains { $0.name == name })
  }

  @Test func `a finite step reports no divergence`() {
    let reports = Fixture.train(Trainer(model: Fixture.model()), steps: 0..<3)
    #expect(reports.allSatisfy { $0.divergence == nil && $0.loss.isFinite })
  }
}
