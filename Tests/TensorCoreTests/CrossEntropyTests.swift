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
      weights = (0..<shape.rows).map { $0 == 1 ? 0 : Float(2 * stream.uniform() - 1) }
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
    expectSlopes(
      at: problem.logits, match: gradient, tolerance: 1e-6, seed: seed, loss: reference)
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

  @Test(arguments: shapes, [UInt64(1), 2])
  func `held to a reference has the divergence and its gradient added`(
    shape: Shape, seed: UInt64
  ) {
    let problem = Problem(shape, seed: seed)
    var stream = RandomStream(seed: seed, "reference")
    let other = randomFloats(problem.logits.count, scale: 3, &stream)
    let penalties = (0..<shape.rows).map { $0 == 2 ? 0 : Float(stream.uniform()) }
    func reference(_ logits: [Double]) -> Double {
      var loss = Reference.crossEntropy(
        logits, classes: shape.classes, targets: problem.targets, weights: problem.weights)
      for row in 0..<shape.rows {
        let range = row * shape.classes..<(row + 1) * shape.classes
        let p = Reference.softmax(Array(logits[range]))
        let q = Reference.softmax(other[range].map { Double($0) })
        for (a, b) in zip(p, q) {
          loss += Double(penalties[row]) * a * (Elementary.log(a) - Elementary.log(b))
        }
      }
      return loss
    }
    func run(_ engine: Engine) -> (loss: Double, gradient: [Float]) {
      let tape = Tape(engine: engine, arena: Arena(), isRecording: true)
      let (x, y) = (
        tape.tensor(shape.rows, shape.classes), tape.tensor(shape.rows, shape.classes)
      )
      x.data.update(from: problem.logits, count: x.count)
      y.data.update(from: other, count: y.count)
      let loss = tape.crossEntropy(
        x, targets: problem.targets, weights: problem.weights, penalty: (y, penalties))
      return (loss, Array(UnsafeBufferPointer(start: x.gradient!, count: x.count)))
    }
    let (loss, gradient) = run(Engine())
    let doubles = problem.logits.map { Double($0) }
    #expect(abs(loss - reference(doubles)) < 2e-5, "seed \(seed)")
    expectSlopes(
      at: problem.logits, match: gradient, tolerance: 2e-6, seed: seed, loss: reference)
    for family in KernelFamily.supported {
      let same = run(Engine(family: family))
      #expect(same.loss.bitPattern == loss.bitPattern, "\(family)")
      #expect(same.gradient.bitPatterns == gradient.bitPatterns, "\(family)")
    }
  }

  @Test func `held to itself adds nothing`() {
    let shape = Shape(rows: 5, classes: 37)
    let problem = Problem(shape, seed: 4)
    let plain = problem.run(shape, Engine())
    let tape = Tape(engine: Engine(), arena: Arena(), isRecording: true)
    let (x, y) = (tape.tensor(5, 37), tape.tensor(5, 37))
    x.data.update(from: problem.logits, count: x.count)
    y.data.update(from: problem.logits, count: y.count)
    let loss = tape.crossEntropy(
      x, targets: problem.targets, weights: problem.weights,
      penalty: (y, [Float](repeating: 1, count: 5)))
    #expect(loss == plain.loss)
    #expect(Array(UnsafeBufferPointer(start: x.gradient!, count: x.count)) == plain.gradient)
  }

  @Test func `of a diverged model is not a number`() {
    let tape = Tape(engine: Engine(), arena: Arena(), isRecording: true)
    let tensor = tape.tensor(1, 20)
    tensor.data.update(repeating: 1, count: 20)
    tensor.data[3] = .nan
    #expect(tape.crossEntropy(tensor, targets: [0], weights: [1]).isNaN)
  }
}
