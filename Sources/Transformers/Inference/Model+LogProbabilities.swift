import Determinism
import TensorCore

extension Model {
  /// log p(token | its prefix), in nats, of each token from its sequence's start on: by sequence.
  ///
  /// In Double from float logits. With backend `own` a sequence's bits depend on itself only.
  /// - Parameters:
  ///   - sequences: token ids, up to the context + 1 of them: the last one is only asked for.
  ///   - starts: the first token asked for, from 1 to the sequence's length (none).
  package func logProbabilities(
    of sequences: [[Int32]], from starts: [Int], backend: Backend = .own, threads: Int = 1,
    interventions: [Intervention] = [], segments: Segments? = nil
  ) -> [[Double]] {
    logProbabilities(
      of: sequences, from: starts, engine: Engine(backend: backend), threads: threads,
      interventions: interventions, segments: segments)
  }

  package func logProbabilities(
    of sequences: [[Int32]], from starts: [Int], engine: Engine, threads: Int,
    interventions: [Intervention] = [], segments: Segments? = nil
  ) -> [[Double]] {
    let wanted = WantedRows(predicting: sequences, from: starts, segments: segments, configuration)
    var found = [Double](repeating: 0, count: wanted.offsets.last!)
    found.withUnsafeMutableBufferPointer { found in
      InferenceGroups(
        self, engine: engine, threads: threads, size: 8, count: sequences.count,
        interventions: interventions
      ).run(sequences.indices) { range, tape, decoder in
        guard let logits = wanted.logits(range, on: tape, decoder) else { return }
        var distribution = Distribution(classes: logits.columns)
        var row = 0
        for index in range {
          for token in sequences[index][starts[index]...] {
            distribution.read(logits, row: row, engine)
            found[wanted.offsets[range.lowerBound] + row] = distribution.logProbability(Int(token))
            row += 1
          }
        }
      }
    }
    return sequences.indices.map { Array(found[wanted.offsets[$0]..<wanted.offsets[$0 + 1]]) }
  }

  /// KL(p ‖ q) of the next token, in nats, p by this model and q by another one of the same vocabulary:
  /// exact over the vocabulary, and the mean over all positions that predict a token from its sequence's
  /// start on.
  ///
  /// - Parameter starts: as for `logProbabilities`; at least one token must be asked for.
  package func meanKL(
    to other: Model, on sequences: [[Int32]], from starts: [Int], backend: Backend = .own,
    threads: Int = 1, segments: Segments? = nil
  ) -> Double {
    meanKL(
      to: other, on: sequences, from: starts, engine: Engine(backend: backend), threads: threads,
      segments: segments)
  }

  package func meanKL(
    to other: Model, on sequences: [[Int32]], from starts: [Int], engine: Engine, threads: Int,
    segments: Segments? = nil
  ) -> Double {
    let vocabulary = configuration.vocabulary
    precondition(other.configuration.vocabulary == vocabulary, "models of one vocabulary")
    let mine = WantedRows(predicting: sequences, from: starts, segments: segments, configuration)
    let theirs = WantedRows(
      predicting: sequences, from: starts, segments: segments, other.configuration)
    precondition(mine.offsets.last! > 0, "a mean needs a position")
    // A block of sequences at a time: logits of all of them might not fit into memory.
    let block = 64
    let size = min(block, sequences.count)
    let groups = [self, other].map {
      InferenceGroups($0, engine: engine, threads: threads, size: 8, count: size)
    }
    var divergences = [Double](repeating: 0, count: mine.offsets.last!)
    for first in stride(from: 0, to: sequences.count, by: block) {
      let members = first..<min(first + block, sequences.count)
      let before = mine.offsets[first]
      let rows = mine.offsets[members.upperBound] - before
      let kept = FloatBuffer(count: rows * vocabulary, cleared: false)
      groups[0].run(members) { range, tape, decoder in
        guard let logits = mine.logits(range, on: tape, decoder) else { return }
        let place = (mine.offsets[range.lowerBound] - before) * vocabulary
        (kept.pointer + place).update(from: logits.data, count: logits.count)
      }
      divergences.withUnsafeMutableBufferPointer { divergences in
        groups[1].run(members) { range, tape, decoder in
          guard let logits = theirs.logits(range, on: tape, decoder) else { return }
          var (p, q) = (Distribution(classes: vocabulary), Distribution(classes: vocabulary))
          for row in 0..<logits.rows {
            let place = theirs.offsets[range.lowerBound] + row
            p.read(
              .init(start: kept.pointer + (place - before) * vocabulary, count: vocabulary), engine)
            q.read(logits, row: row, engine)
            divergences[place] = p.divergence(from: q)
          }
        }
      }
    }
    return divergences.reduce(0, +) / Double(divergences.count)
  }
}

/// softmax of a row of logits, in Double.
private struct Distribution {
  private var logits: UnsafeBufferPointer<Float> = .init(start: nil, count: 0)
  /// Not normalised.
  private var likelihoods: [Double]
  private var total = 0.0
  /// log Σ e^logit.
  private var normaliser = 0.0

  init(classes: Int) { likelihoods = [Double](repeating: 0, count: classes) }

  /// - Parameter row: must stay where it is as long as questions are asked.
  mutating func read(_ row: UnsafeBufferPointer<Float>, _ engine: Engine) {
    logits = row
    engine.likelihoods(row, temperature: 1, into: &likelihoods)
    total = likelihoods.reduce(0, +)
    normaliser = Double(row.max()!) + Elementary.log(total)
  }

  mutating func read(_ tensor: Tensor, row: Int, _ engine: Engine) {
    read(.init(start: tensor.data + row * tensor.columns, count: tensor.columns), engine)
  }

  func logProbability(_ token: Int) -> Double { Double(logits[token]) - normaliser }

  /// KL(self ‖ other); rounding may not make it negative.
  func divergence(from other: Distribution) -> Double {
    var sum = 0.0
    for token in likelihoods.indices where likelihoods[token] > 0 {
      let ratio = logProbability(token) - other.logProbability(token)
      sum += likelihoods[token] * ratio
    }
    return max(0, sum / total)
  }
}
