/// A few sequences of a batch as one forward and backward pass sees them: inputs cut after the last
/// position that predicts something, and the rows that do.
struct Shard {
  let packed: PackedSequences
  /// Rows of the residual stream that predict a weighted target, with the target and its share.
  let rows: [Int]
  let targets: [Int32]
  /// weight / total
  let weights: [Float]

  init(_ batch: TokenBatch, _ range: Range<Int>, total: Double) {
    var packed = PackedSequences()
    var rows: [Int] = []
    var targets: [Int32] = []
    var weights: [Float] = []
    for index in range {
      let sequence = batch.sequences[index]
      guard let last = batch.weights[index].lastIndex(where: { $0 != 0 }), last > 0 else {
        continue
      }
      packed.append(sequence[..<last], member: index)
      let start = packed.starts.last!
      for position in 1...last where batch.weights[index][position] != 0 {
        rows.append(start + position - 1)
        targets.append(sequence[position])
        weights.append(Float(Double(batch.weights[index][position]) / total))
      }
    }
    self.packed = packed
    self.rows = rows
    self.targets = targets
    self.weights = weights
  }
}
