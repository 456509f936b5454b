import Testing

@testable import TensorCore

extension OperationCase: CustomTestStringConvertible {
  public var testDescription: String { name }

  /// Shapes around the tiles' edges; the benchmark takes the same operations at the sizes of a model.
  static let all: [OperationCase] = linears + layerNorms + others + attentions

  private static let linears: [OperationCase] = [
    linear(7, 20, 37, layout: .inputsByOutputs, bias: false, residual: false),
    linear(6, 64, 64, layout: .inputsByOutputs, bias: true, residual: true),
    linear(13, 16, 48, layout: .inputsByOutputs, bias: true, residual: false),
    linear(5, 33, 137, layout: .outputsByInputs, bias: false, residual: false),
    linear(1, 32, 65, layout: .outputsByInputs, bias: true, residual: true),
    // The residual is also the input: two contributions to one gradient.
    OperationCase(
      name: "x + linear(layerNorm(x))",
      inputs: [
        .tensor(5, 24), .parameter(24, 24),
        .parameter(1, 24), .parameter(1, 24),
      ],
      reference: { values in
        let normal = Reference.layerNorm(values[0], values[2], values[3])
        let y = Reference.product(normal, values[1], m: 5, n: 24, k: 24)
        return zip(values[0], y).map(+)
      },
      operation: { tape, tensors, parameters in
        let normal = tape.layerNorm(tensors[0], gain: parameters[1], shift: parameters[2])
        return tape.linear(normal, parameters[0], residual: tensors[0])
      }),
  ]

  private static let normShapes = [(1, 16), (3, 64), (4, 37), (2, 5), (3, 80)]
  private static let layerNorms: [OperationCase] =
    normShapes.map { layerNorm($0, $1) } + normShapes.map { addLayerNorm($0, $1) }

  private static let gather = OperationCase(
    name: "gather", inputs: [.tensor(5, 19)],
    reference: { values in [4, 0, 2].flatMap { values[0][$0 * 19..<($0 + 1) * 19] } },
    operation: { tape, x, _ in tape.gather(x[0], rows: [4, 0, 2]) })

  private static let others: [OperationCase] = [
    gelu(1, 1), gelu(3, 16), gelu(2, 37), gather,
    embed(
      "embed, a token twice", tokens: [3, 6, 3, 0, 1], positions: [0, 1, 2, 0, 1], tables: (7, 4),
      width: 21),
  ]

  /// Odd head widths are padded; sequences are shorter and longer than a tile.
  private static let attentions: [OperationCase] = [
    attention([1], heads: 1, width: 16), attention([5, 1, 9], heads: 4, width: 16),
    attention([17], heads: 2, width: 8), attention([23, 6], heads: 2, width: 32),
    attention([33], heads: 1, width: 5), attention([70], heads: 2, width: 16),
    attention([12, 13], heads: 3, width: 20),
    attention([1, 14, 9], heads: 2, width: 16, visibility: bottleneck),
    attention([37], heads: 1, width: 5, visibility: bottleneck),
    attention([70], heads: 2, width: 16, visibility: Visibility([[], [0]])),
  ]

  /// The first class is seen by itself and the third only, which hands it on to the fourth.
  private static let bottleneck = Visibility([[0], [1], [0, 1, 2], [1, 2, 3]])
}
