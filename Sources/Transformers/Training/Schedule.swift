/// A learning rate over time: linear warm-up, then a linear way down to a share of the peak.
package struct Schedule: Hashable, Sendable {
  /// Steps of warm-up; step `warmup` is the first at the peak.
  package var warmup: Int
  /// Steps in all; from this step on the rate stays at `finalShare` · peak.
  package var total: Int
  package var peak: Float
  /// 1 = constant after the warm-up.
  package var finalShare: Float

  package init(warmup: Int = 0, total: Int, peak: Float, finalShare: Float = 0) {
    precondition(warmup >= 0 && total >= warmup, "a warm-up within the total")
    self.warmup = warmup
    self.total = total
    self.peak = peak
    self.finalShare = finalShare
  }

  /// The rate of a step, counted from 0.
  package func rate(at step: Int) -> Float {
    if step < warmup { return Float(Double(peak) * Double(step + 1) / Double(warmup + 1)) }
    guard total > warmup, step < total else { return Float(Double(peak) * Double(finalShare)) }
    let progress = Double(step - warmup) / Double(total - warmup)
    return Float(Double(peak) * (1 - (1 - Double(finalShare)) * progress))
  }
}
