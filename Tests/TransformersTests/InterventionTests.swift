import Determinism
import Testing

@testable import Transformers

struct `An intervention` {
  let model = Fixture.model()
  let sequences = Fixture.sequences(21, lengths: 3...24, seed: 4)
  var width: Int { model.configuration.dModel }
  var last: [Int] { sequences.map { $0.count - 1 } }

  func direction(_ name: String) -> [Float] {
    var stream = RandomStream(seed: 6, name)
    return (0..<width).map { _ in Float(stream.normal()) }
  }

  @Test func `adds its direction where it is made, and what follows sees it`() {
    let site = ActivationSite.residualPost(0)
    let steer = direction("steer")
    let before = model.activations(of: sequences, at: last, sites: [site])[site]!
    let change = Intervention.add(steer, times: 0.5, at: site)
    let after = model.activations(of: sequences, at: last, sites: [site], interventions: [change])
    for (index, value) in after[site]!.enumerated() {
      #expect(abs(value - before[index] - 0.5 * steer[index % width]) < 1e-6)
    }
    #expect(model.logits(of: sequences) != model.logits(of: sequences, interventions: [change]))
  }

  @Test func `leaves nothing of an ablated direction`() {
    let site = ActivationSite.residualMid(1)
    let gone = direction("gone")
    let norm = gone.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let before = model.activations(of: sequences, at: last, sites: [site])[site]!
    let after = model.activations(
      of: sequences, at: last, sites: [site], interventions: [.ablate(gone, at: site)])[site]!
    for row in sequences.indices {
      let range = row * width..<(row + 1) * width
      func share(_ x: [Float]) -> Float {
        zip(x[range], gone).reduce(0) { $0 + $1.0 * $1.1 } / norm
      }
      #expect(abs(share(after)) < 1e-5 * max(1, abs(share(before))))
      // Across it nothing has changed.
      for (column, index) in range.enumerated() {
        let kept = before[index] - share(before) * gone[column] / norm
        #expect(abs(after[index] - kept) < 1e-5)
      }
    }
  }

  @Test func `patched with another computation's activations goes on like that one`() {
    // All that the last position knows of the rest comes through attention: patch every later block's
    // entrance at that position, and the logits are those of the other sequence only from the last block on.
    let site = ActivationSite.residualPost(model.configuration.layers - 1)
    let others = Fixture.sequences(21, lengths: 3...24, seed: 40)
    let ends = others.map { $0.count - 1 }
    let found = model.activations(of: others, at: ends, sites: [site])[site]!
    let rows = others.indices.map { Array(found[$0 * width..<($0 + 1) * width]) }
    let patched = model.logits(
      of: sequences, interventions: [.patch(rows, positions: last, at: site)])
    #expect(patched.bitPatterns == model.logits(of: others).bitPatterns)
  }

  @Test(arguments: 1...4)
  func `does not depend on threads, and is made in sampling as in a whole pass`(threads: Int) {
    let changes: [Intervention] = [
      .add(direction("steer"), at: .residualPost(0)),
      .ablate(direction("gone"), at: .residualPre(1)),
    ]
    let greedy = model.continuations(
      of: sequences, maximumTokens: 1, temperature: 0, threads: threads, interventions: changes)
    let logits = model.logits(of: sequences, threads: threads, interventions: changes)
    #expect(logits.bitPatterns == model.logits(of: sequences, interventions: changes).bitPatterns)
    let vocabulary = model.configuration.vocabulary
    for (index, continuation) in greedy.enumerated() {
      guard let first = continuation.first else { continue }
      let row = Array(logits[index * vocabulary..<(index + 1) * vocabulary])
      #expect(row[Int(first)] == row.max())
    }
  }
}
