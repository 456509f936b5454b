extension Tape {
  /// y[rows, d] = (x − mean) / √(variance + 10⁻⁵) · gain + shift, per row (Ba et al. 2016).
  package func layerNorm(_ x: Tensor, gain: Parameter, shift: Parameter) -> Tensor {
    precondition(gain.count == x.columns && shift.count == x.columns, "one gain per column")
    let y = tensor(x.rows, x.columns)
    let statistics = arena.floats(2 * x.rows)
    engine.kernels.pointee.layer_norm(
      x.rows, x.columns, x.data, gain.value, shift.value, y.data, statistics)
    recordLayerNorm(x, y, statistics, gain, shift)
    return y
  }

  /// The sum x + delta and its layer norm, in one pass.
  package func addLayerNorm(
    _ x: Tensor, _ delta: Tensor, gain: Parameter, shift: Parameter
  ) -> (sum: Tensor, normalised: Tensor) {
    precondition(x.rows == delta.rows && x.columns == delta.columns, "equal shapes")
    precondition(gain.count == x.columns && shift.count == x.columns, "one gain per column")
    let sum = tensor(x.rows, x.columns)
    let y = tensor(x.rows, x.columns)
    let statistics = arena.floats(2 * x.rows)
    engine.kernels.pointee.add_layer_norm(
      x.rows, x.columns, x.data, delta.data, sum.data, gain.value, shift.value, y.data, statistics)
    record { [self] in
      guard let dSum = sum.gradient else { return }
      // Two tensors cannot share memory that each goes on adding to: delta gets a copy.
      let copy = arena.floats(sum.count)
      copy.update(from: dSum, count: sum.count)
      passOn(copy, to: delta)
      passOn(dSum, to: x)
    }
    recordLayerNorm(sum, y, statistics, gain, shift)
    return (sum, y)
  }

  private func recordLayerNorm(
    _ x: Tensor, _ y: Tensor, _ statistics: UnsafeMutablePointer<Float>, _ gain: Parameter,
    _ shift: Parameter
  ) {
    record { [self] in
      guard let dy = y.gradient, let dGain = gain.gradient, let dShift = shift.gradient else {
        return
      }
      let dx = x.gradient ?? arena.floats(x.count)
      engine.kernels.pointee.layer_norm_backward(
        x.rows, x.columns, x.data, statistics, gain.value, dy, x.gradient.map { .init($0) }, dx,
        dGain.settled(), dShift.settled())
      x.gradient = dx
    }
  }
}
