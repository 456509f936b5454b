extension OperationCase {
  /// y[rows, outputs] = residual + x[rows, inputs] W + bias.
  package static func linear(
    _ rows: Int, _ inputs: Int, _ outputs: Int, layout: Tape.WeightLayout, bias: Bool,
    residual: Bool
  ) -> OperationCase {
    let isPlain = layout == .inputsByOutputs
    var shapes: [Input] = [
      .tensor(rows, inputs), isPlain ? .parameter(inputs, outputs) : .parameter(outputs, inputs),
    ]
    if bias { shapes.append(.parameter(1, outputs)) }
    if residual { shapes.append(.tensor(rows, outputs)) }
    let extras = (bias ? ", bias" : "") + (residual ? ", residual" : "")
    let product = 2 * Double(rows) * Double(inputs) * Double(outputs)
    let floats = rows * inputs + inputs * outputs + rows * outputs
    return OperationCase(
      name: "linear \(rows)×\(inputs)×\(outputs)\(isPlain ? "" : " transposed")\(extras)",
      inputs: shapes, kernels: ["gemm"] + (bias ? ["column_sum"] : []),
      forward: Work(operations: product, floats: floats),
      backward: Work(operations: 2 * product, floats: 2 * floats),
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

  package static func layerNorm(_ rows: Int, _ d: Int) -> OperationCase {
    OperationCase(
      name: "layer norm \(rows)×\(d)",
      inputs: [.tensor(rows, d), .parameter(1, d), .parameter(1, d)],
      kernels: ["layer_norm", "layer_norm_backward"], forward: Work(floats: 2 * rows * d),
      backward: Work(floats: 3 * rows * d),
      reference: { Reference.layerNorm($0[0], $0[1], $0[2]) },
      operation: { $0.layerNorm($1[0], gain: $2[0], shift: $2[1]) })
  }

  /// Twice, so that the sum of the first has a reader and with it a gradient.
  package static func addLayerNorm(_ rows: Int, _ d: Int) -> OperationCase {
    OperationCase(
      name: "add and layer norm \(rows)×\(d), the sum used again",
      inputs: [.tensor(rows, d), .tensor(rows, d), .parameter(1, d), .parameter(1, d)],
      kernels: ["add_layer_norm", "layer_norm_backward", "add"],
      forward: Work(floats: 8 * rows * d), backward: Work(floats: 11 * rows * d),
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

  package static func gelu(_ rows: Int, _ columns: Int) -> OperationCase {
    OperationCase(
      name: "gelu \(rows)×\(columns)", inputs: [.tensor(rows, columns)],
      kernels: ["gelu", "multiply"], forward: Work(floats: 2 * rows * columns),
      backward: Work(floats: 3 * rows * columns),
      reference: { $0[0].map(Reference.gelu) }, operation: { tape, x, _ in tape.gelu(x[0]) })
  }

  /// Token and position tables of the given rows; tokens and positions one for each row of the result.
  package static func embed(
    _ name: String, tokens: [Int32], positions: [Int32], tables: (Int, Int), width: Int
  ) -> OperationCase {
    let floats = tokens.count * width
    return OperationCase(
      name: name, inputs: [.parameter(tables.0, width), .parameter(tables.1, width)],
      kernels: ["add"], forward: Work(floats: 3 * floats), backward: Work(floats: 5 * floats),
      reference: { values in
        zip(tokens, positions).flatMap { token, position in
          (0..<width).map {
            values[0][Int(token) * width + $0] + values[1][Int(position) * width + $0]
          }
        }
      },
      operation: { tape, _, parameters in
        tape.embed(
          tokens: tokens, positions: positions, tokenTable: parameters[0],
          positionTable: parameters[1])
      })
  }

  /// Scores above the diagonal are counted, as in every published figure, though none is computed.
  ///
  /// - Parameter visibility: narrower than causal; position t is then of class t / 3 mod the classes.
  package static func attention(
    _ lengths: [Int], heads: Int, width: Int, visibility: Visibility? = nil
  ) -> OperationCase {
    let classes = lengths.map { length in
      (0..<length).map { UInt8($0 / 3 % (visibility?.classes ?? 1)) }
    }
    let d = heads * width
    let rows = lengths.reduce(0, +)
    let product = lengths.reduce(0.0) { $0 + 4 * Double($1) * Double($1) * Double(d) }
    let equal = Set(lengths).count == 1
    let shape = equal ? "\(lengths.count) × \(lengths[0])" : "\(lengths)"
    return OperationCase(
      name: "attention \(shape), heads \(heads)×\(width)" + (visibility == nil ? "" : ", by class"),
      inputs: [.tensor(rows, 3 * d)], kernels: ["attention", "attention_backward"],
      forward: Work(operations: product, floats: 4 * rows * d),
      backward: Work(operations: 2 * product, floats: 7 * rows * d),
      reference: {
        Reference.attention($0[0], lengths: lengths, heads: heads, d: d) { sequence, query, key in
          visibility?.sees(classes[sequence][query], classes[sequence][key]) ?? true
        }
      },
      operation: { tape, x, _ in
        let mask = visibility.map { visibility in
          AttentionMask.visible(classes.map { VisibleKeys($0, visibility) })
        }
        return tape.attention(x[0], lengths: lengths, heads: heads, mask: mask ?? .causal)
      })
  }
}

extension Parameter {
  /// The same values without a gradient.
  var detached: Parameter { Parameter(value: value, gradient: nil, rows: rows, columns: columns) }
}
