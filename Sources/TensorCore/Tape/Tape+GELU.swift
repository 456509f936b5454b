extension Tape {
  /// GELU in its tanh form (Hendrycks & Gimpel 2016), elementwise.
  ///
  /// When recording, x's data become the derivative: x must have no other reader after this.
  package func gelu(_ x: Tensor) -> Tensor {
    let y = tensor(x.rows, x.columns)
    engine.kernels.pointee.gelu(x.count, x.data, y.data, isRecording ? x.data : nil)
    record { [self] in
      guard let dy = y.gradient else { return }
      let dx = x.gradient ?? dy
      engine.kernels.pointee.multiply(
        x.count, dy, x.data, x.gradient.map { .init($0) }, dx)
      x.gradient = dx
    }
    return y
  }
}
