import Determinism
import Testing

@testable import TensorCore

struct `Attention by class` {
  static let bottleneck = Visibility([[0], [1], [0, 1, 2], [1, 2, 3]])

  struct Problem: Sendable, CustomTestStringConvertible {
    let length: Int
    let heads: Int
    let headWidth: Int
    var testDescription: String { "\(length) positions, heads \(heads)×\(headWidth)" }
    var width: Int { heads * headWidth }

    static let all = [(1, 1, 4), (5, 2, 16), (31, 4, 8), (40, 1, 5), (90, 4, 32), (70, 5, 16)].map {
      Problem(length: $0, heads: $1, headWidth: $2)
    }

    /// Drawn, so that a row of keys has gaps of every length.
    func classes(_ seed: UInt64) -> [UInt8] {
      var stream = RandomStream(seed: seed, "classes")
      return (0..<length).map { _ in UInt8(stream.below(4)) }
    }

    func qkv(_ seed: UInt64) -> [Float] {
      var stream = RandomStream(seed: seed, "qkv")
      return randomFloats(length * 3 * width, &stream)
    }

    func attend(_ qkv: [Float], _ mask: AttentionMask, _ engine: Engine = Engine()) -> [Float] {
      let tape = Tape(engine: engine, arena: Arena(), isRecording: false)
      let x = tape.tensor(length, 3 * width)
      x.data.update(from: qkv, count: qkv.count)
      let y = tape.attention(x, lengths: [length], heads: heads, mask: mask)
      return Array(UnsafeBufferPointer(start: y.data, count: y.count))
    }

    /// In float32, in the order that every kernel keeps: one chain of fused multiply-adds for a score and
    /// for an output, sixteen partial sums for a softmax.
    func naive(_ qkv: [Float], sees: (Int, Int) -> Bool, _ engine: Engine) -> [Float] {
      let scale = 1 / Float(headWidth).squareRoot()
      var y = [Float](repeating: 0, count: length * width)
      for i in 0..<length {
        for head in 0..<heads {
          func at(_ position: Int, _ part: Int, _ c: Int) -> Float {
            qkv[position * 3 * width + part * width + head * headWidth + c]
          }
          let scores = (0...i).map { j in
            guard j == i || sees(i, j) else { return -Float.infinity }
            var score: Float = 0
            for c in 0..<headWidth { score.addProduct(at(i, 0, c), at(j, 1, c)) }
            return score
          }
          let largest = scores.max()! * scale
          var powers = scores.map { $0 * scale - largest }
          let arguments = powers
          engine.kernels.pointee.exponential(powers.count, arguments, &powers)
          var lanes = [Float](repeating: 0, count: 16)
          for start in stride(from: 0, to: powers.count, by: 16) {
            for lane in 0..<min(16, powers.count - start) { lanes[lane] += powers[start + lane] }
          }
          for half in [8, 4, 2, 1] { for lane in 0..<half { lanes[lane] += lanes[lane + half] } }
          let share = 1 / lanes[0]
          for c in 0..<headWidth {
            var sum: Float = 0
            for j in 0...i { sum.addProduct(powers[j] * share, at(j, 2, c)) }
            y[i * width + head * headWidth + c] = sum
          }
        }
      }
      return y
    }
  }

  @Test(arguments: Problem.all, [UInt64(1), 2])
  func `has the bits of a naive attention with hidden scores at minus infinity`(
    problem: Problem, seed: UInt64
  ) {
    let (qkv, classes) = (problem.qkv(seed), problem.classes(seed))
    for family in KernelFamily.supported {
      let engine = Engine(family: family)
      let expected = problem.naive(
        qkv, sees: { Self.bottleneck.sees(classes[$0], classes[$1]) }, engine)
      let found = problem.attend(qkv, .visible([VisibleKeys(classes, Self.bottleneck)]), engine)
      #expect(found.bitPatterns == expected.bitPatterns, "\(family), seed \(seed)")
    }
  }

  @Test(arguments: Problem.all)
  func `where all is seen has the bits of causal attention`(problem: Problem) {
    let all = Visibility(Array(repeating: [0, 1, 2, 3], count: 4))
    let qkv = problem.qkv(3)
    let found = problem.attend(qkv, .visible([VisibleKeys(problem.classes(3), all)]))
    #expect(found.bitPatterns == problem.attend(qkv, .causal).bitPatterns)
  }

  @Test(arguments: Problem.all)
  func `knows nothing of what is hidden`(problem: Problem) {
    let (qkv, classes) = (problem.qkv(4), problem.classes(4))
    let mask = AttentionMask.visible([VisibleKeys(classes, Self.bottleneck)])
    let before = problem.attend(qkv, mask)
    // Other keys and values of every class that a class does not see.
    for query in 0..<UInt8(4) {
      var moved = qkv
      for (position, seen) in classes.enumerated() where !Self.bottleneck.sees(query, seen) {
        for column in problem.width..<3 * problem.width {
          moved[position * 3 * problem.width + column] *= -3
        }
      }
      let after = problem.attend(moved, mask)
      for (position, own) in classes.enumerated() where own == query {
        let row = position * problem.width..<(position + 1) * problem.width
        #expect(Array(after[row]).bitPatterns == Array(before[row]).bitPatterns)
      }
    }
  }

  @Test(arguments: Problem.all)
  func `to cached keys has the bits of the whole`(problem: Problem) {
    let (qkv, classes) = (problem.qkv(5), problem.classes(5))
    let whole = problem.attend(qkv, .visible([VisibleKeys(classes, Self.bottleneck)]))
    let tape = Tape(engine: Engine(), arena: Arena(), isRecording: false)
    let cache = KeyValueCache(
      sequences: 2, layers: 1, heads: problem.heads, headWidth: problem.headWidth,
      capacity: problem.length)
    for position in 0..<problem.length {
      let row = tape.tensor(1, 3 * problem.width)
      let start = position * 3 * problem.width
      row.data.update(from: Array(qkv[start..<start + row.count]), count: row.count)
      let y = tape.attention(
        row, cache: cache, layer: 0, sequences: [1], positions: [position],
        visible: [VisibleKeys(lastOf: Array(classes[...position]), Self.bottleneck)])
      let found = Array(UnsafeBufferPointer(start: y.data, count: y.count))
      let expected = Array(whole[position * problem.width..<(position + 1) * problem.width])
      #expect(found.bitPatterns == expected.bitPatterns, "position \(position)")
    }
  }

  @Test func `takes at most 64 classes`() async {
    #expect(Visibility(Array(repeating: [63], count: 64)).sees(63, 63))
    await #expect(processExitsWith: .failure) { _ = Visibility(Array(repeating: [], count: 65)) }
    await #expect(processExitsWith: .failure) { _ = Visibility([[64]]) }
  }
}
