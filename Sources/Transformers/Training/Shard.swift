/// A few sequences of a batch as one forward and backward pass sees them: inputs cut after the last
/// position that predicts something, and the rows that do.
struct Shard {
  let packed: PackedSequences
  /// Rows of the residual stream that predict a weighted target, with the target and its share.
  let rows: [Int]
  let targets: [Int32]
  /// weight / total
  let weights: [Float]
  /// penalty / total; empty if the batch has none.
  let penalties: [Float]

  init(_ batch: TokenBatch, _ range: Range<Int>, total: Double) {
    var packed = PackedSequences()
    var rows: [Int] = []
    var targets: [Int32] = []
    var weights: [Float] = []
    var penalties: [Float] = []
    for index in range {
      let sequence = batch.sequences[index]
      let last = batch.inputCount(index)
      guard last > 0 else { continue }
      packed.append(sequence[..<last], member: index, segments: batch.segments)
      let start = packed.starts.last!
      for position in 1..<min(last + 1, sequence.count) where batch.counts(index, position) {
        rows.append(start + position - 1)
        targets.append(sequence[position])
        weights.append(Float(Double(batch.weights[index][position]) / total))
        if let all = batch.penalties {
          penalties.append(Float(Double(all[index][position]) / total))
        }
      }
    }
    self.packed = packed
    self.rows = rows
    self.targets = targets
    self.weights = weights
    self.penalties = penalties
  }
}
