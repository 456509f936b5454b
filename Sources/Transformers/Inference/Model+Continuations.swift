import Determinism
import TensorCore

extension Model {
  /// Samples a continuation of each prompt with a key-value cache; prompts are not repeated in the result.
  ///
  /// A sequence ends after `maximumTokens`, after the stop token (which is part of the result), or when
  /// prompt and continuation fill the context. Sequence i draws from `RandomStream(seed, stream, i)` only,
  /// so with backend `own` its bits do not depend on the other prompts or on threads.
  /// - Parameters:
  ///   - temperature: 0 = greedy, ties to the lowest id.
  ///   - stop: a token id that ends a sequence.
  ///   - segments: of the prompts; nil = each token sees all before it.
  ///   - continuationClass: the class of every sampled token; without meaning if there are no segments.
  package func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32? = nil,
    seed: UInt64 = 0, stream: String = "sample", backend: Backend = .own, threads: Int = 1,
    interventions: [Intervention] = [], segments: Segments? = nil, continuationClass: UInt8 = 0
  ) -> [[Int32]] {
    continuations(
      of: prompts, maximumTokens: maximumTokens, temperature: temperature, stop: stop, seed: seed,
      stream: stream, engine: Engine(backend: backend), threads: threads,
      interventions: interventions, segments: segments, continuationClass: continuationClass)
  }

  package func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32?, seed: UInt64,
    stream: String, engine: Engine, threads: Int, interventions: [Intervention] = [],
    segments: Segments? = nil, continuationClass: UInt8 = 0
  ) -> [[Int32]] {
    check(prompts, segments)
    precondition(
      segments.map { continuationClass < $0.visibility.classes } ?? true,
      "a row of the table for the class of sampled tokens")
    precondition(temperature >= 0 && temperature.isFinite, "a temperature of 0 or more")
    var samplers = prompts.enumerated().map { index, prompt in
      SequenceSampler(
        prompt: prompt,
        room: max(0, min(maximumTokens, configuration.context - prompt.count)), stop: stop,
        temperature: temperature, stream: RandomStream(seed: seed, stream, UInt64(index)))
    }
    // As few groups as keep every thread busy: a product of many rows is cheaper than many of few.
    let size = min(64, max(1, (prompts.count + threads - 1) / max(threads, 1)))
    samplers.withUnsafeMutableBufferPointer { samplers in
      InferenceGroups(
        self, engine: engine, threads: threads, size: size, count: prompts.count,
        interventions: interventions
      ).run(prompts.indices) { range, tape, decoder in
        sample(&samplers, range, tape, decoder, segments, continuationClass)
      }
    }
    return samplers.map(\.continuation)
  }

  private func sample(
    _ samplers: inout UnsafeMutableBufferPointer<SequenceSampler>, _ range: Range<Int>,
    _ tape: Tape, _ decoder: Decoder, _ segments: Segments?, _ continuationClass: UInt8
  ) {
    var active = range.filter { samplers[$0].room > 0 }
    guard let longest = active.map({ samplers[$0].prompt.count + samplers[$0].room }).max() else {
      return
    }
    let cache = KeyValueCache(
      sequences: range.count, layers: configuration.layers, heads: configuration.heads,
      headWidth: configuration.dModel / configuration.heads, capacity: longest)
    var packed = PackedSequences()
    for index in active { packed.append(samplers[index].prompt, member: index, segments: segments) }
    let mask = packed.mask
    let prompts = decoder.residualStream(packed, on: tape, depth: configuration.layers) {
      layer, qkv in
      for (slot, index) in active.enumerated() {
        for position in 0..<packed.lengths[slot] {
          cache.store(
            qkv.data + (packed.starts[slot] + position) * qkv.columns, layer: layer,
            sequence: index - range.lowerBound, position: position)
        }
      }
      return tape.attention(qkv, lengths: packed.lengths, heads: configuration.heads, mask: mask)
    }
    let ends = active.indices.map { packed.starts[$0] + packed.lengths[$0] - 1 }
    var logits = decoder.logits(tape.gather(prompts, rows: ends), on: tape)
    var likelihoods = [Double](repeating: 0, count: logits.columns)
    while true {
      for (row, index) in active.enumerated() {
        samplers[index].append(
          UnsafeBufferPointer(start: logits.data + row * logits.columns, count: logits.columns),
          scratch: &likelihoods, engine: tape.engine)
      }
      active.removeAll { samplers[$0].isFinished }
      if active.isEmpty { return }
      tape.arena.reset()
      let positions = active.map { samplers[$0].length - 1 }
      let slots = active.map { $0 - range.lowerBound }
      let newest = PackedSequences(
        tokens: active.map { samplers[$0].continuation.last! }, positions: positions,
        members: active)
      let visible =
        segments.map { segments in
          active.map { index in
            VisibleKeys(
              lastOf: segments.classes[index]
                + samplers[index].continuation.map { _ in continuationClass },
              segments.visibility)
          }
        } ?? []
      let x = decoder.residualStream(newest, on: tape, depth: configuration.layers) { layer, qkv in
        tape.attention(
          qkv, cache: cache, layer: layer, sequences: slots, positions: positions,
          visible: visible)
      }
      logits = decoder.logits(x, on: tape)
    }
  }
}

/// One sequence being continued.
struct SequenceSampler {
  let prompt: [Int32]
  /// Tokens that may be added.
  let room: Int
  let stop: Int32?
  let temperature: Double
  var stream: RandomStream
  private(set) var continuation: [Int32] = []

  init(prompt: [Int32], room: Int, stop: Int32?, temperature: Double, stream: RandomStream) {
    self.prompt = prompt
    self.room = room
    self.stop = stop
    self.temperature = temperature
    self.stream = stream
  }

  var length: Int { prompt.count + continuation.count }

  var isFinished: Bool {
    continuation.count >= room || (stop != nil && continuation.last == stop)
  }

  /// Chooses the next token by its logits.
  ///
  /// - Parameter scratch: as many as logits, overwritten.
  mutating func append(
    _ logits: UnsafeBufferPointer<Float>, scratch: inout [Double], engine: Engine
  ) {
    guard temperature > 0 else {
      continuation.append(Int32(Self.mostLikely(logits)))
      return
    }
    engine.likelihoods(logits, temperature: temperature, into: &scratch)
    var total = 0.0
    for index in scratch.indices {
      total += scratch[index]
      scratch[index] = total
    }
    let point = stream.uniform() * total
    continuation.append(Int32(scratch.firstIndex { $0 > point } ?? Self.mostLikely(logits)))
  }

  /// Ties to the lowest id.
  private static func mostLikely(_ logits: UnsafeBufferPointer<Float>) -> Int {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return best
  }
}
