extension Tape {
  /// How a weight is stored.
  package enum WeightLayout: Sendable {
    /// [inputs, outputs], as GPT-2's `Conv1D`.
    case inputsByOutputs
    /// [outputs, inputs], as `torch.nn.Linear` and embeddings.
    case outputsByInputs
  }

  /// y[rows, outputs] = residual + x[rows, inputs] W + bias.
  package func linear(
    _ x: Tensor, _ weight: Parameter, bias: Parameter? = nil, residual: Tensor? = nil,
    layout: WeightLayout = .inputsByOutputs
  ) -> Tensor {
    let isPlain = layout == .inputsByOutputs
    let inputs = isPlain ? weight.rows : weight.columns
    let outputs = isPlain ? weight.columns : weight.rows
    precondition(x.columns == inputs, "\(x.columns) columns into a layer of \(inputs) inputs")
    precondition(bias == nil || bias!.count == outputs, "one bias per output")
    precondition(residual == nil || residual!.columns == outputs && residual!.rows == x.rows)
    let y = tensor(x.rows, outputs)
    engine.multiply(
      x.rows, x.data, by: weight, transposed: !isPlain, bias: bias?.value,
      start: residual.map { .init($0.data) }, into: y.data)
    record { [self] in
      guard let dy = y.gradient else { return }
      if let dBias = bias?.gradient {
        engine.kernels.pointee.column_sum(x.rows, outputs, dy, outputs, dBias.settled())
      }
      if let dWeight = weight.gradient {
        let (left, right) = isPlain ? (x.data, dy) : (dy, x.data)
        let (start, sum) = dWeight.accumulation()
        engine.multiply(
          .leftTransposed, m: weight.rows, n: weight.columns, k: x.rows, left, lda: weight.rows,
          right, ldb: weight.columns, start: start, lds: weight.columns, into: sum,
          ldc: weight.columns)
      }
      let dx = x.gradient ?? arena.floats(x.count)
      engine.multiply(
        x.rows, dy, by: weight, transposed: isPlain, start: x.gradient.map { .init($0) }, into: dx)
      x.gradient = dx
      if let residual { passOn(dy, to: residual) }
    }
    return y
  }

  /// Adds a finished gradient to a tensor's, or hands the memory over if it has none.
  func passOn(_ gradient: UnsafeMutablePointer<Float>, to tensor: Tensor) {
    if let own = tensor.gradient {
      engine.kernels.pointee.add(tensor.count, gradient, own)
    } else {
      tensor.gradient = gradient
    }
  }
}
