/// What a training takes in memory, worked out from shapes: for refusing a plan before it starts.
///
/// Shape alphabet: R rows of a shard, n its longest sequence, d the width, L blocks, V token ids, P parameters.
package struct TrainingMemory: Equatable, Sendable {
  package let configuration: ModelConfiguration
  /// Sequences of a step.
  package let batch: Int
  /// Tokens of the longest sequence.
  package let longest: Int

  package init(_ configuration: ModelConfiguration, batch: Int, longest: Int) {
    self.configuration = configuration
    self.batch = batch
    self.longest = longest
  }

  /// Threads beyond these find nothing to do.
  package static var usefulThreads: Int { Trainer.lanes }

  /// Bytes of the model it begins with, weights, both moments and the lanes' gradients.
  package var state: Int { 4 * configuration.parameterCount * (1 + 3 + Trainer.lanes) }

  /// Bytes more while a resume point is made: weights and moments as arrays, as a file, and that file once
  /// more with what the stage adds to it.
  package var resuming: Int { 4 * configuration.parameterCount * 3 * 4 }

  /// Bytes of one thread's arena: every activation of a shard and the gradients of those.
  package var tape: Int {
    let (width, vocabulary) = (configuration.dModel, configuration.vocabulary)
    let sequences = min(batch, Trainer.shardSize)
    let rows = sequences * longest
    let padded = (longest + 15) / 16 * 16
    let headWidth = (width / configuration.heads + 15) / 16 * 16
    // Forward 16 d a block: two norms, qkv, attention, its output, 4 d twice, the sum; backward 10 d.
    let block =
      rows * 26 * width + 4 * rows + sequences * configuration.heads * longest * padded
      + headWidth * padded + 3 * longest * headWidth + longest * padded
    // The embedding; the rows that predict, their norm, and three gradients; logits in place.
    let ends = rows * (6 * width + vocabulary + 4)
    return 4 * (configuration.layers * block + ends)
  }

  /// Bytes of what the tape makes an arena hold.
  package var arena: Int { tape + Arenas.slack }
}

/// What running a model takes beside its weights: sampling in groups of 64 sequences with a cache, the rest
/// in groups of 8.
package struct InferenceMemory: Equatable, Sendable {
  package let configuration: ModelConfiguration
  /// Tokens of the longest prompt, and of the longest with its continuation.
  package let prompt: Int
  package let longest: Int

  package init(_ configuration: ModelConfiguration, prompt: Int, longest: Int) {
    self.configuration = configuration
    self.prompt = prompt
    self.longest = longest
  }

  /// Bytes of the weights as they are read: the file, and the floats of it twice.
  package var state: Int { 3 * 4 * configuration.parameterCount }

  /// Bytes of one thread that samples this many sequences (at most 64 at a time): the activations of their
  /// prompts, their keys and values.
  package func group(of sequences: Int) -> Int {
    let (width, layers) = (configuration.dModel, configuration.layers)
    let sequences = min(max(sequences, 1), 64)
    let padded = (longest + 15) / 16 * 16
    let activations =
      sequences * prompt * width * (16 * layers + 1)
      + layers * configuration.heads * prompt * padded
    let cache = 2 * layers * sequences * width * padded
    return 4 * (activations + cache + sequences * (configuration.vocabulary + 2 * width))
      + Arenas.slack
  }
}

private enum Arenas {
  /// An arena grows by chunks of 4 MiB; the last one is half empty, and large tensors leave gaps.
  static let slack = 6 << 20
}
