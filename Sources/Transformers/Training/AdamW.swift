import TensorCore

/// AdamW (Loshchilov & Hutter 2019) with clipping, of flat numbers. Not for two threads at a time.
final class AdamW {
  let options: OptimiserOptions
  let tensors: [ModelConfiguration.NamedTensor]
  /// What is trained.
  let values: FloatBuffer
  let first: FloatBuffer
  let second: FloatBuffer
  var stepsTaken = 0
  private let segments: [Segment]

  /// A stretch of the numbers that one task updates.
  private struct Segment {
    let start: Int
    let count: Int
    let decays: Bool
  }

  init(
    _ tensors: [ModelConfiguration.NamedTensor], of values: FloatBuffer, options: OptimiserOptions
  ) {
    self.options = options
    self.tensors = tensors
    self.values = values
    first = FloatBuffer(count: values.count)
    second = FloatBuffer(count: values.count)
    segments = tensors.flatMap { tensor in
      stride(from: 0, to: tensor.count, by: GradientLanes.chunk).map {
        Segment(
          start: tensor.offset + $0, count: min(GradientLanes.chunk, tensor.count - $0),
          decays: tensor.isMatrix)
      }
    }
  }

  /// One update by a gradient of this norm.
  func update(
    _ gradient: UnsafePointer<Float>, norm: Double, learningRate: Double, engine: Engine,
    pool: WorkerPool
  ) {
    stepsTaken += 1
    let scale = options.clip / (norm + 1e-6)
    var update = AdamUpdate(
      beta1: Float(options.beta1), beta2: Float(options.beta2), epsilon: Float(options.epsilon),
      gradientScale: scale < 1 ? Float(scale) : 1,
      stepSize: Float(learningRate / (1 - Self.power(options.beta1, stepsTaken))),
      secondScale: Float(1 / (1 - Self.power(options.beta2, stepsTaken)).squareRoot()), keep: 1)
    let plain = update
    update.keep = Float(1 - learningRate * options.weightDecay)
    let decaying = update
    pool.run(segments.count) { index, _ in
      let segment = segments[index]
      engine.adam(
        segment.decays ? decaying : plain, count: segment.count,
        parameters: values.pointer + segment.start, first: first.pointer + segment.start,
        second: second.pointer + segment.start, gradient: gradient + segment.start)
    }
  }

  /// By squaring: products only, so the same everywhere.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
