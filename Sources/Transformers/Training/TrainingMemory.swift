/// What a training takes in memory, worked out from shapes: for refusing a plan before it starts.
///
/// Shape alphabet: R rows of a shard, n its longest sequence, d the width, L blocks, V token ids, P parameters.
package struct TrainingMemory: Equatable, Sendable {
  package let configuration: ModelConfiguration
  /// Sequences of a step.
  package let batch: Int
  /// Tokens of the longest sequence.
  package let longest: Int
  /// `.score` = training on preferences; a batch is then of sequences, not of pairs.
  package var head = Head.unembedding
  /// What is trained instead of the weights; nil = the weights.
  package var lowRank: LowRankOptions?
  /// Whether batches have penalties.
  package var hasReference = false
  /// Whether batches have segments.
  package var hasSegments = false

  package init(_ configuration: ModelConfiguration, batch: Int, longest: Int) {
    self.configuration = configuration
    self.batch = batch
    self.longest = longest
  }

  /// Threads beyond these find nothing to do.
  package static var usefulThreads: Int { GradientLanes.count }

  private var parameters: Int { configuration.tensors(head).last!.range.upperBound }

  /// Numbers of a low-rank update.
  private var factors: Int? {
    lowRank.map { LowRankUpdate.count(configuration, $0) }
  }

  /// Bytes of the model it begins with, weights and their panels, both moments and the lanes' gradients; of a
  /// low-rank update its factors, scaled and not, their gradient and moments instead of the weights'; and of
  /// a reference as an array, its weights and one set of panels.
  package var state: Int {
    let lanes = GradientLanes.count
    let trained =
      factors.map { parameters * (1 + 3 + lanes) + $0 * (3 + 2) } ?? parameters
      * (1 + 3 + 2 + lanes)
    return 4 * (trained + (hasReference ? 3 * parameters : 0))
  }

  /// Bytes more while a resume point is made: weights and moments as arrays, as a file, and that file once
  /// more with what the stage adds to it.
  package var resuming: Int { 4 * (factors.map { parameters + 3 * $0 } ?? 3 * parameters) * 4 }

  /// Bytes of one thread's arena, every activation of a shard and the gradients of those, and of what each
  /// position sees.
  package var arena: Int {
    let (width, vocabulary) = (configuration.dModel, head == .score ? 1 : configuration.vocabulary)
    let sequences = min(batch, GradientLanes.shardSize)
    let rows = sequences * longest
    var arena = ArenaSize()
    if hasReference {
      // Its own way forward, then the penalty's slope and totals.
      arena.add(rows * width)
      for _ in 0..<configuration.layers {
        arena.addBlock(rows: rows, sequences: 1, longest: longest, configuration)
      }
      for size in [width, width, 2, vocabulary, vocabulary, 3] { arena.add(rows * size) }
    }
    arena.add(rows * width)
    for _ in 0..<configuration.layers {
      arena.addBlock(rows: rows, sequences: sequences, longest: longest, configuration)
    }
    // The rows that predict, their norm, its numbers, logits, totals; then their gradients.
    for size in [width, width, 2, vocabulary, 2, width, width, width] { arena.add(rows * size) }
    // Backward: the MLP's hidden layer, both norms' outputs, attention's output, q, k and v.
    for _ in 0..<configuration.layers {
      for size in [4, 1, 1, 3, 1] { arena.add(rows * size * width) }
    }
    // One mark for each pair of positions.
    let marks = hasSegments ? sequences * longest * ((longest + 15) / 16 * 16) : 0
    return arena.bytes + 4 * marks
  }
}

/// What running a model takes beside its weights: sampling in groups of 64 sequences with a cache, the rest
/// in groups of 8.
package struct InferenceMemory: Equatable, Sendable {
  package let configuration: ModelConfiguration
  /// Tokens of the longest prompt, and of the longest with its continuation.
  package let prompt: Int
  package let longest: Int
  /// Whether sequences have segments.
  package var hasSegments = false

  package init(_ configuration: ModelConfiguration, prompt: Int, longest: Int) {
    self.configuration = configuration
    self.prompt = prompt
    self.longest = longest
  }

  /// Bytes of the weights as they are read: the file, the floats of it twice, and their panels.
  package var state: Int { 4 * 4 * configuration.parameterCount }

  /// Bytes of one thread that samples this many sequences (at most 64 at a time): the activations of their
  /// prompts, their keys and values.
  package func group(of sequences: Int) -> Int {
    let (width, layers) = (configuration.dModel, configuration.layers)
    let sequences = min(max(sequences, 1), 64)
    let padded = (longest + 15) / 16 * 16
    let rows = sequences * prompt
    var arena = ArenaSize()
    arena.add(rows * width)
    for _ in 0..<layers {
      arena.addBlock(rows: rows, sequences: 1, longest: prompt, configuration)
    }
    for size in [width, width, 2, configuration.vocabulary] { arena.add(sequences * size) }
    let marks = hasSegments ? sequences * (prompt * ((prompt + 15) / 16 * 16) + padded) : 0
    return arena.bytes + 4 * (2 * layers * sequences * width * padded + marks)
  }
}

/// How much an `Arena` comes to hold: chunks are filled in order and never gone back to.
private struct ArenaSize {
  private static let chunk = 1 << 20
  private var held = 0
  private var left = 0

  var bytes: Int { 4 * held }

  mutating func add(_ floats: Int) {
    let size = (floats + 15) / 16 * 16
    if size > left {
      left = max(size, Self.chunk)
      held += left
    }
    left -= size
  }

  /// One block's way forward, in its order; `sequences` have their attention's probabilities at once.
  mutating func addBlock(
    rows: Int, sequences: Int, longest: Int, _ configuration: ModelConfiguration
  ) {
    let width = configuration.dModel
    let padded = (longest + 15) / 16 * 16
    let headWidth = (width / configuration.heads + 15) / 16 * 16
    // Norm, its numbers, qkv, mixed values; scratch and probabilities; output, norm, its numbers, MLP.
    for size in [width, 2, 3 * width, width] { add(rows * size) }
    add(headWidth * padded + 3 * longest * headWidth + longest * padded)
    for _ in 0..<sequences { add(configuration.heads * longest * padded) }
    for size in [width, width, 2, 4 * width, 4 * width, width] { add(rows * size) }
  }
}
