@testable import TensorCore

extension OperationCase {
  static let all: [OperationCase] = linears + layerNorms + others + attentions

  private static func linear(
    _ rows: Int, _ inputs: Int, _ outputs: Int, layout: Tape.WeightLayout, bias: Bool,
    residual: Bool
  ) -> OperationCase {
    let isPlain = layout == .inputsByOutputs
    var shapes: [Input] = [
      .tensor(rows, inputs), isPlain ? .parameter(inputs, outputs) : .parameter(outputs, inputs),
    ]
    if bias { shapes.append(.parameter(1, outputs)) }
    if residual { shapes.append(.tensor(rows, outputs)) }
    return OperationCase(
      name: "linear \(rows)×\(inputs)×\(outputs) \(layout) bias \(bias) residual \(residual)",
      inputs: shapes,
      reference: { values in
        let weight =
          isPlain
          ? values[1] : Reference.transposed(values[1], rows: outputs, columns: inputs)
        var y = Reference.product(values[0], weight, m: rows, n: outputs, k: inputs)
        for index in y.indices {
          if bias { y[index] += values[2][index % outputs] }
          if residual { y[index] += values.last![index] }
        }
        return y
      },
      operation: { tape, tensors, parameters in
        tape.linear(
          tensors[0], parameters[0], bias: bias ? parameters[1] : nil,
          residual: residual ? tensors[1] : nil, layout: layout)
      })
  }

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

  private static func layerNorm(_ rows: Int, _ d: Int) -> OperationCase {
    OperationCase(
      name: "layer norm \(rows)×\(d)",
      inputs: [.tensor(rows, d), .parameter(1, d), .parameter(1, d)],
      reference: { Reference.layerNorm($0[0], $0[1], $0[2]) },
      operation: { $0.layerNorm($1[0], gain: $2[0], shift: $2[1]) })
  }

  private static func addLayerNorm(_ rows: Int, _ d: Int) -> OperationCase {
    OperationCase(
      name: "add and layer norm \(rows)×\(d), the sum used again",
      inputs: [.tensor(rows, d), .tensor(rows, d), .parameter(1, d), .parameter(1, d)],
      reference: { values in
        let sum = zip(values[0], values[1]).map(+)
        return zip(sum, Reference.layerNorm(sum, values[2], values[3])).map(+)
      },
      operation: { tape, tensors, parameters in
        let (gain, shift) = (parameters[0], parameters[1])
        let (sum, normal) = tape.addLayerNorm(tensors[0], tensors[1], gain: gain, shift: shift)
        return tape.addLayerNorm(sum, normal, gain: gain.detached, shift: shift.detached).sum
      })
  }

  private static let normShapes = [(1, 16), (3, 64), (4, 37), (2, 5), (3, 80)]
  private static let layerNorms: [OperationCase] =
    normShapes.map { layerNorm($0, $1) } + normShapes.map { addLayerNorm($0, $1) }

  private static func gelu(_ rows: Int, _ columns: Int) -> OperationCase {
    OperationCase(
      name: "gelu \(rows)×\(columns)", inputs: [.tensor(rows, columns)],
      reference: { $0[0].map(Reference.gelu) }, operation: { tape, x, _ in tape.gelu(x[0]) })
  }

  private static let gather = OperationCase(
    name: "gather", inputs: [.tensor(5, 19)],
    reference: { values in [4, 0, 2].flatMap { values[0][$0 * 19..<($0 + 1) * 19] } },
    operation: { tape, x, _ in tape.gather(x[0], rows: [4, 0, 2]) })

  private static let embed = OperationCase(
    name: "embed, a token twice", inputs: [.parameter(7, 21), .parameter(4, 21)],
    reference: { values in
      zip([3, 6, 3, 0, 1], [0, 1, 2, 0, 1]).flatMap { (token: Int, position: Int) in
        (0..<21).map { values[0][token * 21 + $0] + values[1][position * 21 + $0] }
      }
    },
    operation: { tape, _, parameters in
      tape.embed(
        tokens: [3, 6, 3, 0, 1], positions: [0, 1, 2, 0, 1], tokenTable: parameters[0],
        positionTable: parameters[1])
    })

  private static let others: [OperationCase] = [
    gelu(1, 1), gelu(3, 16), gelu(2, 37), gather, embed,
  ]

  private static func attention(_ lengths: [Int], heads: Int, width: Int) -> OperationCase {
    let d = heads * width
    return OperationCase(
      name: "attention \(lengths) heads \(heads)×\(width)",
      inputs: [.tensor(lengths.reduce(0, +), 3 * d)],
      reference: { Reference.attention($0[0], lengths: lengths, heads: heads, d: d) },
      operation: { tape, x, _ in tape.attention(x[0], lengths: lengths, heads: heads) })
  }

  /// Odd head widths are padded; sequences are shorter and longer than a tile.
  private static let attentions: [OperationCase] = [
    attention([1], heads: 1, width: 16), attention([5, 1, 9], heads: 4, width: 16),
    attention([17], heads: 2, width: 8), attention([23, 6], heads: 2, width: 32),
    attention([33], heads: 1, width: 5), attention([70], heads: 2, width: 16),
    attention([12, 13], heads: 3, width: 20),
  ]
}

extension Parameter {
  /// The same values without a gradient.
  var detached: Parameter { Parameter(value: value, gradient: nil, rows: rows, columns: columns) }
}
