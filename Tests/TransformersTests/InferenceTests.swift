import Determinism
import TensorCore
import Testing

@testable import Transformers

struct `Logits and activations` {
  let model = Fixture.model()
  let sequences = Fixture.sequences(29, lengths: 1...24, seed: 2)

  @Test func `of a sequence do not depend on its company or on threads`() {
    let vocabulary = model.configuration.vocabulary
    let together = model.logits(of: sequences)
    for threads in 1...4 {
      #expect(model.logits(of: sequences, threads: threads).bitPatterns == together.bitPatterns)
    }
    for (index, sequence) in sequences.enumerated() {
      let alone = model.logits(of: [sequence])
      let row = Array(together[index * vocabulary..<(index + 1) * vocabulary])
      #expect(alone.bitPatterns == row.bitPatterns, "sequence \(index)")
    }
  }

  @Test func `of a position do not depend on what follows it`() {
    let vocabulary = model.configuration.vocabulary
    let sequence = Fixture.sequences(1, lengths: 24...24, seed: 5)[0]
    let all = model.logits(of: [sequence], at: [Array(sequence.indices)])
    for position in sequence.indices {
      let prefix = model.logits(of: [Array(sequence[...position])])
      let row = Array(all[position * vocabulary..<(position + 1) * vocabulary])
      #expect(prefix.bitPatterns == row.bitPatterns, "position \(position)")
    }
  }

  @Test func `come in the order asked for, repetitions and gaps included`() {
    let vocabulary = model.configuration.vocabulary
    let pair = [sequences.first { $0.count > 5 }!, sequences[1]]
    let logits = model.logits(of: pair, at: [[4, 0, 4], []])
    #expect(logits.count == 3 * vocabulary)
    #expect(logits[..<vocabulary] == logits[(2 * vocabulary)...])
    let first = model.logits(of: [Array(pair[0][...0])])
    #expect(Array(logits[vocabulary..<2 * vocabulary]) == first)
    #expect(model.logits(of: []).isEmpty)
  }

  @Test(arguments: [1, 2, 4])
  func `of every token are those of each position`(threads: Int) {
    let site = ActivationSite.residualPost(0)
    let all = model.tokenActivations(of: sequences, site: site, threads: threads)
    let width = model.configuration.dModel
    var row = 0
    for sequence in sequences {
      for position in sequence.indices {
        let one = model.activations(of: [sequence], at: [position], sites: [site])[site]!
        #expect(all[row * width..<(row + 1) * width].map(\.bitPattern) == one.map(\.bitPattern))
        row += 1
      }
    }
    #expect(all.count == row * width)
    #expect(model.tokenActivations(of: [], site: site).isEmpty)
  }

  @Test func `join up: what leaves a block enters the next`() {
    let positions = sequences.map { $0.count / 2 }
    let sites: [ActivationSite] = [
      .residualPre(0), .residualMid(0), .residualPost(0), .residualPre(1), .residualPost(1),
    ]
    let found = model.activations(of: sequences, at: positions, sites: sites)
    #expect(Set(found.keys) == Set(sites))
    #expect(found[.residualPost(0)]!.bitPatterns == found[.residualPre(1)]!.bitPatterns)
    let width = model.configuration.dModel
    #expect(found.values.allSatisfy { $0.count == sequences.count * width })
    // Before the first block there are only the embeddings.
    let tokens = model.tensor("transformer.wte.weight")!.values
    let places = model.tensor("transformer.wpe.weight")!.values
    for (index, sequence) in sequences.enumerated() {
      let token = Int(sequence[positions[index]])
      for column in 0..<width {
        let sum = places[positions[index] * width + column] + tokens[token * width + column]
        #expect(found[.residualPre(0)]![index * width + column] == sum)
      }
    }
    #expect(found[.residualMid(0)] != found[.residualPre(0)])
    for threads in 2...4 {
      let again = model.activations(of: sequences, at: positions, sites: sites, threads: threads)
      #expect(
        again.mapValues(\.bitPatterns) == found.mapValues(\.bitPatterns), "\(threads) threads")
    }
    // A shallower question stops early and gets the same answer.
    let shallow = model.activations(of: sequences, at: positions, sites: [.residualMid(0)])
    #expect(shallow == [.residualMid(0): found[.residualMid(0)]!])
  }

  @Test func `are close with OpenBLAS`() {
    let ours = model.logits(of: sequences)
    let theirs = model.logits(of: sequences, backend: .openblas)
    #expect(relativeError(ours, theirs) < 1e-5)
  }

  @Test func `of the last block give the logits through the final norm and the head`() {
    let last = sequences.map { $0.count - 1 }
    let site = ActivationSite.residualPost(model.configuration.layers - 1)
    let x = model.activations(of: sequences, at: last, sites: [site])[site]!
    let gain = model.tensor("transformer.ln_f.weight")!.values
    let shift = model.tensor("transformer.ln_f.bias")!.values
    let head = model.tensor("lm_head.weight")!.values
    let (width, vocabulary) = (model.configuration.dModel, model.configuration.vocabulary)
    var expected: [Float] = []
    for row in sequences.indices {
      let values = x[row * width..<(row + 1) * width].map { Double($0) }
      let mean = values.reduce(0, +) / Double(width)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let normal = values.enumerated().map {
        ($1 - mean) / (variance + 1e-5).squareRoot() * Double(gain[$0]) + Double(shift[$0])
      }
      for token in 0..<vocabulary {
        expected.append(
          Float((0..<width).reduce(0.0) { $0 + normal[$1] * Double(head[token * width + $1]) }))
      }
    }
    #expect(relativeError(model.logits(of: sequences), expected) < 1e-6)
  }
}

struct `A continuation` {
  let model = Fixture.model()
  let prompts = Fixture.sequences(23, lengths: 1...24, seed: 3)

  @Test func `is, when greedy, the most likely token of a full forward pass, over and over`() {
    let found = model.continuations(of: prompts, maximumTokens: 9, temperature: 0)
    let vocabulary = model.configuration.vocabulary
    for (prompt, continuation) in zip(prompts, found) {
      #expect(continuation.count == min(9, model.configuration.context - prompt.count))
      var sequence = prompt
      for token in continuation {
        let logits = model.logits(of: [sequence])
        let best = (0..<vocabulary).max { logits[$0] < logits[$1] }!
        // Close, not equal, is what the cache promises: a token within rounding of the best passes.
        #expect(logits[Int(token)] > logits[best] - 1e-4, "prompt \(prompt)")
        sequence.append(token)
      }
    }
  }

  @Test(arguments: [0.0, 0.7, 1.5])
  func `does not depend on company or threads`(temperature: Double) {
    func sample(_ prompts: [[Int32]], threads: Int = 1) -> [[Int32]] {
      model.continuations(
        of: prompts, maximumTokens: 12, temperature: temperature, stop: 7, seed: 11,
        stream: "test", threads: threads)
    }
    let together = sample(prompts)
    for threads in 2...4 { #expect(sample(prompts, threads: threads) == together) }
    // Alone a sequence keeps its number in the stream only as the first.
    #expect(sample([prompts[0]]) == [together[0]])
    #expect(sample(Array(prompts[..<5])) == Array(together[..<5]))
  }

  @Test func `ends with the stop token, or when its room is used up`() {
    let found = model.continuations(
      of: prompts + prompts, maximumTokens: 15, temperature: 2, stop: 3, seed: 4)
    var stopped = 0
    for (prompt, continuation) in zip(prompts + prompts, found) {
      #expect(!continuation.dropLast().contains(3))
      let room = min(15, model.configuration.context - prompt.count)
      if continuation.last == 3 { stopped += 1 } else { #expect(continuation.count == room) }
    }
    #expect(stopped > 0)
  }

  @Test func `follows the softmax at its temperature`() {
    let prompt: [Int32] = [5, 9, 1]
    let logits = model.logits(of: [prompt]).map { Double($0) }
    let count = 4000
    let found = model.continuations(
      of: Array(repeating: prompt, count: count), maximumTokens: 1, temperature: 0.8, seed: 6)
    let powers = logits.map { Elementary.exp($0 / 0.8) }
    let total = powers.reduce(0, +)
    var worst = 0.0
    for (token, power) in powers.enumerated() {
      let p = power / total
      let observed = Double(found.count { $0 == [Int32(token)] }) / Double(count)
      worst = max(worst, abs(observed - p) / (p * (1 - p) / Double(count)).squareRoot())
    }
    // 41 binomial deviations in standard errors; five is out of reach by chance.
    #expect(worst < 5)
  }

  @Test func `breaks ties to the lowest id`() {
    var model = model
    for tensor in model.configuration.tensors where tensor.name == "lm_head.weight" {
      for index in tensor.range { model.parameters[index] = 0 }
    }
    #expect(
      model.continuations(of: [[4]], maximumTokens: 3, temperature: 0) == [[0, 0, 0]])
  }

  @Test func `of a prompt that fills the context is empty`() {
    let full = Fixture.sequences(1, lengths: 24...24)[0]
    let found = model.continuations(of: [full, [1]], maximumTokens: 4, temperature: 0)
    #expect(found[0].isEmpty && found[1].count == 4)
  }
}
