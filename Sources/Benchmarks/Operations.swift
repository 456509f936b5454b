import Transformers

/// Floating-point operations from the configuration alone: matrix products and attention, a multiply-add
/// as two; norms, GELU and the optimiser are left out.
package enum Operations {
  /// How attention is counted.
  package enum Counting: Sendable {
    /// Over all pairs of positions, as published figures do.
    case customary
    /// Over the pairs that a causal model needs: what nothing can do without.
    case necessary
  }

  /// Forward and backward, which is twice the forward, over sequences with logits at each token.
  package static func training(
    _ model: ModelConfiguration, lengths: [Int], counting: Counting = .customary
  ) -> Double {
    lengths.reduce(0) { sum, length in
      let seen = counting == .customary ? Double(length) : Double(length + 1) / 2
      return sum + 3 * Double(length) * perToken(model, seen: seen)
    }
  }

  /// One sequence of `tokens` positions, one after another against cached keys.
  package static func sampling(_ model: ModelConfiguration, tokens: Int) -> Double {
    (0..<tokens).reduce(0) { $0 + perToken(model, seen: Double($1 + 1)) }
  }

  private static func perToken(_ model: ModelConfiguration, seen: Double) -> Double {
    let width = Double(model.dModel)
    // qkv 3 d², out d², MLP 8 d²; scores and their mean of values.
    let block = 2 * 12 * width * width + 4 * seen * width
    return Double(model.layers) * block + 2 * Double(model.vocabulary) * width
  }
}

extension Benchmark {
  /// Of one step (the mean over its batches); nil where the algorithm decides.
  package func operations(_ counting: Operations.Counting) -> Double? {
    switch task {
    case .training(let task):
      let lengths = task.lengths
      return lengths.reduce(0) {
        $0 + Operations.training(task.model, lengths: $1, counting: counting)
      } / Double(lengths.count)
    case .sampling(let task):
      return Double(task.batch) * Operations.sampling(task.model, tokens: task.tokens)
    case .probe: return nil
    }
  }

  /// What a step gets done, for people: tokens, or layers.
  package var amount: Double {
    switch task {
    case .training(let task):
      let lengths = task.lengths
      return Double(lengths.joined().reduce(0, +)) / Double(lengths.count)
    case .sampling(let task): return Double(task.batch * task.tokens)
    case .probe(let task): return Double(task.layers)
    }
  }

  /// Steps after which the work repeats.
  package var period: Int {
    if case .training(let task) = task { return task.batches }
    return 1
  }
}
