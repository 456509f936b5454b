import Determinism
import Testing

@testable import TensorCore

struct `Cross-entropy` {
  struct Shape: Sendable, CustomTestStringConvertible {
    let rows: Int
    let classes: Int
    var testDescription: String { "\(rows)×\(classes)" }
  }
  static let shapes = [(1, 1), (3, 16), (5, 37), (4, 137), (2, 7)].map {
    Shape(rows: $0, classes: $1)
  }

  struct Problem {
    let logits: [Float]
    let targets: [Int32]
    let weights: [Float]

    init(_ shape: Shape, seed: UInt64) {
      var stream = RandomStream(seed: seed, "cross-entropy")
      logits = randomFloats(shape.rows * shape.classes, scale: 4, &stream)
      targets = (0..<shape.rows).map { _ in Int32(stream.below(shape.classes)) }
      // The second row, where there is one, is not trained on.
      weights = (0..<shape.rows).map { $0 == 1 ? 0 : Float(stream.uniform()) }
    }

    func run(_ shape: Shape, _ engine: Engine) -> (loss: Double, gradient: [Float]) {
      let tape = Tape(engine: engine, arena: Arena(), isRecording: true)
      let tensor = tape.tensor(shape.rows, shape.classes)
      tensor.data.update(from: logits, count: logits.count)
      let loss = tape.crossEntropy(tensor, targets: targets, weights: weights)
      return (loss, Array(UnsafeBufferPointer(start: tensor.gradient!, count: tensor.count)))
    }
  }

  @Test(arguments: shapes, [UInt64(1), 2])
  func `and its gradient agree with the naive reference`(shape: Shape, seed: UInt64) {
    let problem = Problem(shape, seed: seed)
    let doubles = problem.logits.map { Double($0) }
    func reference(_ logits: [Double]) -> Double {
      Reference.crossEntropy(
        logits, classes: shape.classes, targets: problem.targets, weights: problem.weights)
    }
    let (loss, gradient) = problem.run(shape, Engine())
    #expect(abs(loss - reference(doubles)) < 1e-5, "seed \(seed)")
    for at in doubles.indices {
      var (above, below) = (doubles, doubles)
      above[at] += 1e-5
      below[at] -= 1e-5
      let slope = (reference(above) - reference(below)) / 2e-5
      #expect(abs(Double(gradient[at]) - slope) < 1e-6, "logit \(at), seed \(seed)")
    }
  }

  @Test(arguments: shapes)
  func `gives equal bits on every instruction set`(shape: Shape) {
    let problem = Problem(shape, seed: 3)
    let (loss, gradient) = problem.run(shape, Engine(family: .baseline))
    for family in KernelFamily.supported {
      let other = problem.run(shape, Engine(family: family))
      #expect(other.loss.bitPattern == loss.bitPattern)
      #expect(other.gradient.bitPatterns == gradient.bitPatterns)
    }
  }

  @Test func `of a diverged model is not a number`() {
    let tape = Tape(engine: Engine(), arena: Arena(), isRecording: true)
    let tensor = tape.tensor(1, 20)
    tensor.data.update(repeating: 1, count: 20)
    tensor.data[3] = .nan
    #expect(tape.crossEntropy(tensor, targets: [0], weights: [1]).isNaN)
  }
}
