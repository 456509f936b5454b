import Determinism
import Testing

@testable import TensorCore

struct `The pairwise logistic loss` {
  private func run(_ scores: [Float], scale: Double) -> (loss: Double, gradient: [Float]) {
    let tape = Tape(engine: Engine(), arena: Arena(), isRecording: true)
    let x = tape.tensor(scores.count, 1)
    x.data.update(from: scores, count: scores.count)
    let loss = tape.pairwiseLogistic(x, scale: scale)
    return (loss, Array(UnsafeBufferPointer(start: x.gradient!, count: x.count)))
  }

  @Test(arguments: [UInt64(1), 2])
  func `and its gradient agree with the formula`(seed: UInt64) {
    var stream = RandomStream(seed: seed, "scores")
    let scores = randomFloats(14, scale: 3, &stream)
    func reference(_ scores: [Double]) -> Double {
      stride(from: 0, to: scores.count, by: 2).reduce(0) {
        $0 + 0.25 * Elementary.log(1 + Elementary.exp(scores[$1 + 1] - scores[$1]))
      }
    }
    let (loss, gradient) = run(scores, scale: 0.25)
    #expect(abs(loss - reference(scores.map { Double($0) })) < 1e-12, "seed \(seed)")
    expectSlopes(at: scores, match: gradient, tolerance: 1e-7, seed: seed, loss: reference)
  }

  @Test func `of margins that are out of reach is finite`() {
    let (loss, gradient) = run([3e38, -3e38, -3e38, 3e38], scale: 1)
    #expect(loss.isFinite && abs(loss / 6e38 - 1) < 1e-6)
    #expect(gradient == [0, 0, -1, 1])
  }

  @Test func `of a diverged model is not a number`() {
    #expect(run([.nan, 1], scale: 1).loss.isNaN)
  }
}
