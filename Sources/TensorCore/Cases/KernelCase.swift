/// A kernel at a size that training meets, ready to be timed.
package struct KernelCase: Sendable {
  package let name: String
  package let work: Work
  /// The members of `dm_kernels` that it spends its time in.
  package let kernels: [String]
  /// Operands of that size, and the work to be done on them as often as one likes.
  package let prepare: @Sendable (Engine) -> () -> Void

  /// Numbers in (−1, 1] of both signs, none of them tiny: a time needs no better ones, and millions of
  /// normal ones take a while.
  static func plainFloats(_ count: Int) -> [Float] {
    (0..<count).map { Float(($0 &* 7919) & 1023) * 0x1p-9 - 0.999 }
  }

  /// The value alone, and the value with the way back.
  static func both(_ operation: OperationCase) -> [KernelCase] {
    @Sendable func prepared(_ engine: Engine) -> PreparedOperation {
      PreparedOperation(
        operation, engine, inputs: operation.inputs.map { plainFloats($0.count) },
        upstream: plainFloats)
    }
    return [
      KernelCase(
        name: operation.name, work: operation.forward, kernels: operation.kernels,
        prepare: { engine in
          let prepared = prepared(engine)
          return { prepared.forward() }
        }),
      KernelCase(
        name: "\(operation.name) and back", work: operation.forward + operation.backward,
        kernels: operation.kernels,
        prepare: { engine in
          let prepared = prepared(engine)
          return { prepared.forwardAndBackward() }
        }),
    ]
  }

  /// A shard of eight sequences of 64 tokens in a model of width 64 and one of width 256, and the
  /// reductions over their parameters.
  package static let all: [KernelCase] =
    operations.flatMap(both) + [
      crossEntropy(rows: 512, classes: 256), crossEntropy(rows: 512, classes: 256, isHeld: true),
      cachedAttention(sequences: 64, positions: 64, heads: 4, headWidth: 16),
      packing(rows: 256, columns: 1024), likelihoods(classes: 256),
      projection(rows: 4096, width: 256), gram(rows: 256, width: 512),
      dots(rows: 4096, width: 256),
      exponential(count: 1 << 16), reduction(count: 1 << 17), adam(count: 1 << 17),
    ]

  private static let operations: [OperationCase] = [
    .linear(512, 64, 192, layout: .inputsByOutputs, bias: true, residual: false),
    .linear(512, 64, 256, layout: .inputsByOutputs, bias: true, residual: false),
    .linear(512, 256, 64, layout: .inputsByOutputs, bias: true, residual: true),
    .linear(512, 64, 256, layout: .outputsByInputs, bias: false, residual: false),
    .linear(512, 256, 1024, layout: .inputsByOutputs, bias: true, residual: false),
    .attention(Array(repeating: 24, count: 8), heads: 4, width: 16),
    .attention(Array(repeating: 64, count: 8), heads: 4, width: 16),
    .attention(Array(repeating: 128, count: 4), heads: 8, width: 32),
    .attention(
      Array(repeating: 64, count: 8), heads: 4, width: 16,
      visibility: Visibility([[0], [1], [0, 1, 2], [1, 2, 3]])),
    .layerNorm(512, 64), .addLayerNorm(512, 64), .gelu(512, 256),
    .embed(
      "embed 512×64", tokens: (0..<512).map { Int32($0 * 37 % 256) },
      positions: (0..<512).map { Int32($0 % 64) }, tables: (256, 64), width: 64),
  ]
}
