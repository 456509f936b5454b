import CKernels
import Determinism
import Testing

@testable import TensorCore

struct `The elementary kernels` {
  @Test(arguments: KernelFamily.supported)
  func `compute the exponential to two units in the last place`(family: KernelFamily) {
    let x = (0..<40_001).map { Float(-87.0 + 174.0 * Double($0) / 40_000) }
    var y = [Float](repeating: .nan, count: x.count)
    Engine(family: family).kernels.pointee.exponential(x.count, x, &y)
    let wrong = zip(x, y).first { argument, value in
      let exact = Elementary.exp(Double(argument))
      return !(abs(Double(value) - exact) <= 2 * Double(Float(exact).ulp))
    }
    #expect(wrong == nil)
  }

  @Test(arguments: KernelFamily.supported)
  func `compute GELU and its slope`(family: KernelFamily) {
    let x = (0..<2001).map { Float(-10 + 0.01 * Double($0)) }
    var y = [Float](repeating: .nan, count: x.count)
    var slope = y
    Engine(family: family).kernels.pointee.gelu(x.count, x, &y, &slope)
    let values = x.map { Reference.gelu(Double($0)) }
    let slopes = x.map {
      (Reference.gelu(Double($0) + 1e-5) - Reference.gelu(Double($0) - 1e-5)) / 2e-5
    }
    #expect(largestError(y, values) < 5e-7)
    #expect(largestError(slope, slopes) < 2e-6)
  }

  @Test(arguments: KernelFamily.supported)
  func `take the exponential of the extremes`(family: KernelFamily) {
    let x: [Float] = [0, -0.0, -.infinity, -1000, 1000, .infinity, .nan, -.nan]
    var y = [Float](repeating: -1, count: x.count)
    Engine(family: family).kernels.pointee.exponential(x.count, x, &y)
    #expect(y[0] == 1 && y[1] == 1)
    #expect(y[2] == 0 && y[3] == 0)
    #expect(y[4] == y[5] && y[4] > 1e38 && y[4].isFinite)
    #expect(y[6].isNaN && y[7].isNaN)
  }

  @Test(arguments: KernelFamily.supported, [1.0, 0.25, 3.7])
  func `weigh logits with the bits of the exponential in Double`(
    family: KernelFamily, temperature: Double
  ) {
    var stream = RandomStream(seed: 12, "logits")
    let usual = (0..<1003).map { _ in Float(20 * stream.normal()) }
    let top = Double(usual.max()!)
    // Down to where weights are subnormal, and on to where they are 0.
    let logits = usual + (0..<400).map { Float(top - temperature * (600 + 0.5 * Double($0))) }
    var weights = [Double](repeating: .nan, count: logits.count)
    logits.withUnsafeBufferPointer {
      Engine(family: family).likelihoods($0, temperature: temperature, into: &weights)
    }
    let expected = logits.map { Elementary.exp((Double($0) - top) / temperature) }
    #expect(weights.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(expected.contains { $0.isSubnormal } && expected.contains(0))
  }

  @Test(arguments: KernelFamily.supported, [1, 15, 16, 33, 4096])
  func `add four lanes pairwise and sum the squares`(family: KernelFamily, count: Int) {
    var stream = RandomStream(seed: 9, "lanes")
    let lanes = (0..<4).map { _ in randomFloats(count, &stream) }
    var out = [Float](repeating: .nan, count: count)
    let squares = Engine(family: family).kernels.pointee.reduce(
      count, lanes[0], lanes[1], lanes[2], lanes[3], &out)
    var partial = [Double](repeating: 0, count: 16)
    var expected: [Float] = []
    for index in 0..<count {
      let sum = (lanes[0][index] + lanes[1][index]) + (lanes[2][index] + lanes[3][index])
      expected.append(sum)
      partial[index % 16] += Double(sum) * Double(sum)
    }
    #expect(out.bitPatterns == expected.bitPatterns)
    #expect(squares == partial.reduce(0, +))
  }

  @Test(arguments: KernelFamily.supported, [1, 16, 37])
  func `update as AdamW does`(family: KernelFamily, count: Int) {
    var stream = RandomStream(seed: 4, "adam")
    let gradient = randomFloats(count, &stream)
    let before = randomFloats(count, &stream)
    var (parameters, first) = (before, randomFloats(count, &stream))
    var second = randomFloats(count, &stream).map { abs($0) }
    let (m0, v0) = (first, second)
    var options = dm_adam()
    options.beta1 = 0.9
    options.beta2 = 0.98
    options.epsilon = 1e-8
    options.gradient_scale = 0.5
    options.step_size = 0.01
    options.second_scale = 2
    options.keep = 0.999
    Engine(family: family).kernels.pointee.adam(
      count, &parameters, &first, &second, gradient, &options)
    for index in 0..<count {
      let g = 0.5 * Double(gradient[index])
      let m = 0.9 * Double(m0[index]) + 0.1 * g
      let v = 0.98 * Double(v0[index]) + 0.02 * g * g
      let p = 0.999 * Double(before[index]) - 0.01 * m / (v.squareRoot() * 2 + 1e-8)
      #expect(abs(Double(first[index]) - m) < 1e-6)
      #expect(abs(Double(second[index]) - v) < 1e-6)
      #expect(abs(Double(parameters[index]) - p) < 1e-6)
    }
  }

  @Test(arguments: [(1, 1, 4), (5, 2, 16), (31, 4, 8), (40, 1, 5), (90, 4, 32), (70, 5, 16)])
  func `attend to cached keys with the bits of full attention`(
    length: Int, heads: Int, headWidth: Int
  ) {
    let width = heads * headWidth
    var stream = RandomStream(seed: 2, "cache")
    let rows = randomFloats(length * 3 * width, &stream)
    let tape = Tape(engine: Engine(), arena: Arena(), isRecording: false)
    let qkv = tape.tensor(length, 3 * width)
    qkv.data.update(from: rows, count: rows.count)
    let full = tape.attention(qkv, lengths: [length], heads: heads)
    let cache = KeyValueCache(
      sequences: 2, layers: 1, heads: heads, headWidth: headWidth, capacity: length)
    for position in 0..<length {
      let row = tape.tensor(1, 3 * width)
      row.data.update(from: qkv.data + position * 3 * width, count: 3 * width)
      let y = tape.attention(row, cache: cache, layer: 0, sequences: [1], positions: [position])
      for column in 0..<width {
        #expect(y.data[column].bitPattern == full.data[position * width + column].bitPattern)
      }
    }
  }
}
