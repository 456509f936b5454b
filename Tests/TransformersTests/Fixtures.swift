import Determinism
import Testing

@testable import Transformers

/// Small models and batches, all functions of a seed.
enum Fixture {
  /// Odd on purpose: a vocabulary and a head width that are no multiple of 16.
  static let configuration = ModelConfiguration(
    vocabulary: 41, context: 24, dModel: 20, layers: 2, heads: 4)

  /// With weights larger than a fresh model's, so that attention and logits are not nearly uniform.
  static func model(_ configuration: ModelConfiguration = configuration, seed: UInt64 = 1) -> Model
  {
    var model = Model(configuration, seed: seed)
    for tensor in configuration.tensors where tensor.shape.count == 2 {
      for index in tensor.range { model.parameters[index] *= 8 }
    }
    return model
  }

  static func sequences(
    _ count: Int, lengths: ClosedRange<Int>, vocabulary: Int = configuration.vocabulary,
    seed: UInt64 = 1
  ) -> [[Int32]] {
    var stream = RandomStream(seed: seed, "sequences")
    return (0..<count).map { _ in
      let length = lengths.lowerBound + stream.below(lengths.count)
      return (0..<length).map { _ in Int32(stream.below(vocabulary)) }
    }
  }

  static func batch(_ count: Int, seed: UInt64, vocabulary: Int = configuration.vocabulary)
    -> TokenBatch
  {
    var stream = RandomStream(seed: seed, "weights")
    let sequences = sequences(count, lengths: 2...20, vocabulary: vocabulary, seed: seed)
    return TokenBatch(
      sequences: sequences,
      weights: sequences.map { $0.map { _ in stream.bool(probability: 0.7) ? 1 : 0 } })
  }

  /// Twenty steps on changing batches with a warm-up.
  static func train(_ trainer: Trainer, steps: Range<Int> = 0..<20) -> [StepReport] {
    let schedule = Schedule(warmup: 5, total: 40, peak: 3e-3, finalShare: 0.1)
    return steps.map {
      trainer.step(
        batch(37, seed: UInt64($0), vocabulary: trainer.configuration.vocabulary),
        learningRate: schedule.rate(at: $0))
    }
  }
}

/// The bit patterns of floats, compared as one value: the testing library searches differing arrays for the
/// smallest difference, which takes minutes on thousands of numbers.
struct FloatBits: Equatable, CustomStringConvertible {
  let patterns: [UInt32]
  var description: String {
    "\(patterns.count) floats, \(Digest(of: patterns.flatMap(\.bytes)).short)"
  }
}

extension UInt32 {
  fileprivate var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}

extension [Float] {
  var bitPatterns: FloatBits { FloatBits(patterns: map(\.bitPattern)) }
}

/// Holds a gradient to central differences of a loss, along a random direction of each tensor: a float32 loss
/// is too coarse for single coordinates.
func expectSlopes<N: Network>(
  of model: N, match gradient: [Float], step: Double = 2e-3, tolerance: Double = 2e-3,
  loss: (N) -> Double
) {
  var stream = RandomStream(seed: 8, "directions")
  for tensor in model.tensors {
    let direction = tensor.range.map { _ in stream.normal() }
    func moved(_ length: Double) -> N {
      var moved = model
      for (index, amount) in zip(tensor.range, direction) {
        moved.parameters[index] += Float(length * amount)
      }
      return moved
    }
    let slope = (loss(moved(step)) - loss(moved(-step))) / (2 * step)
    let expected = zip(tensor.range, direction).reduce(0.0) { $0 + Double(gradient[$1.0]) * $1.1 }
    #expect(abs(slope - expected) < tolerance * (1 + abs(expected)), "\(tensor.name)")
  }
}
