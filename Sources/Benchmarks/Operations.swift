import Transformers

/// Floating-point operations from the configuration alone: matrix products and attention, a multiply-add
/// as two, attention counted over all pairs of positions; norms, GELU and the optimiser are left out.
package enum Operations {
  /// A forward pass over one sequence of `length` tokens with logits at each.
  package static func forward(_ model: ModelConfiguration, length: Int) -> Double {
    Double(length) * perToken(model, seen: Double(length))
  }

  /// Forward and backward, which is twice the forward.
  package static func training(_ model: ModelConfiguration, lengths: [Int]) -> Double {
    lengths.reduce(0) { $0 + 3 * forward(model, length: $1) }
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
  package var operations: Double? {
    switch task {
    case .training(let task):
      let lengths = task.lengths
      return lengths.reduce(0) { $0 + Operations.training(task.model, lengths: $1) }
        / Double(lengths.count)
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
