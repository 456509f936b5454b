extension Engine {
  /// A run of fused multiply-adds that touches no memory: what this family can do at most.
  ///
  /// - Parameter steps: rounds of the loop; 10⁶ take some milliseconds.
  /// - Returns: the floating-point operations done; an FMA is two.
  package func multiplyAddInRegisters(steps: Int) -> Double {
    // A factor below 1: the chains settle instead of overflowing.
    let values = FloatBuffer(count: 32, cleared: false)
    values.array = Array(repeating: 0.5, count: 16) + Array(repeating: 0.25, count: 16)
    return kernels.pointee.fma_peak(steps, values.pointer)
  }
}
