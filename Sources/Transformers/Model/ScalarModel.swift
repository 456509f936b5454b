import TensorCore

/// A decoder's trunk with a head that gives one number of a whole sequence, read at its last token: a model of
/// preferences (Christiano et al. 2017). Its tensors are a `Model`'s without the unembedding, and
/// `score.weight` [1, d] and `score.bias` [1].
package struct ScalarModel: Network {
  package static var head: Head { .score }

  package let configuration: ModelConfiguration
  /// All trained numbers, flat; `tensors` says which lie where.
  package var parameters: [Float] {
    willSet {
      precondition(newValue.count == parameters.count, "a model keeps its number of parameters")
    }
  }

  package init(configuration: ModelConfiguration, parameters: [Float]) {
    self.configuration = configuration
    self.parameters = parameters
    precondition(parameters.count == tensors.last!.range.upperBound, "parameters of that shape")
  }

  /// A model's trunk and a fresh head: weights N(0, 0.02²) from the stream `initialise/score.weight`, bias 0.
  package init(trunk: Model, seed: UInt64) {
    let tensors = trunk.configuration.tensors(.score)
    let own = tensors.drop { !$0.name.hasPrefix("score.") }
    self.init(
      configuration: trunk.configuration,
      parameters: trunk.parameters[..<own.first!.offset]
        + own.flatMap { $0.initialValues(seed: seed) })
  }

  /// The score of each sequence.
  ///
  /// - Parameters:
  ///   - sequences: token ids, of any lengths from 1 to the context.
  ///   - segments: what each token sees; nil = all before it.
  package func scores(
    of sequences: [[Int32]], backend: Backend = .own, threads: Int = 1, segments: Segments? = nil
  ) -> [Float] {
    scores(
      of: sequences, engine: Engine(backend: backend), threads: threads, segments: segments)
  }

  package func scores(
    of sequences: [[Int32]], engine: Engine, threads: Int, segments: Segments? = nil
  ) -> [Float] {
    let wanted = WantedRows(
      sequences, at: sequences.map { [$0.count - 1] }, segments: segments, configuration)
    var scores = [Float](repeating: 0, count: sequences.count)
    scores.withUnsafeMutableBufferPointer { scores in
      InferenceGroups(self, engine: engine, threads: threads, size: 8, count: sequences.count)
        .run(sequences.indices) { range, tape, decoder in
          guard let found = wanted.logits(range, on: tape, decoder) else { return }
          (scores.baseAddress! + range.lowerBound).update(from: found.data, count: found.count)
        }
    }
    return scores
  }

  /// The same model with its bias such that these scores have mean 0 (Stiennon et al. 2020): training on
  /// pairs says nothing of the bias.
  package func centred(on scores: [Float]) -> ScalarModel {
    precondition(!scores.isEmpty, "a mean needs a score")
    var copy = self
    let mean = scores.reduce(0.0) { $0 + Double($1) } / Double(scores.count)
    copy.parameters[parameters.count - 1] -= Float(mean)
    return copy
  }
}
