extension KernelCase {
  /// Loss and gradient; the logits become their own gradient, which is what the next time begins with.
  ///
  /// - Parameter isHeld: with a penalty by a reference in every row.
  static func crossEntropy(rows: Int, classes: Int, isHeld: Bool = false) -> KernelCase {
    KernelCase(
      name: "cross-entropy \(rows)×\(classes)\(isHeld ? ", held to a reference," : "") and back",
      work: Work(floats: (isHeld ? 6 : 2) * rows * classes),
      kernels: ["cross_entropy"] + (isHeld ? ["divergence", "add"] : []),
      prepare: { engine in
        let (logits, reference) = (buffer(rows * classes), buffer(isHeld ? rows * classes : 0))
        let targets = (0..<rows).map { Int32($0 % classes) }
        let weights = [Float](repeating: 1, count: rows)
        let arena = Arena()
        return {
          arena.reset()
          let tape = Tape(engine: engine, arena: arena, isRecording: true)
          func tensor(_ buffer: FloatBuffer) -> Tensor {
            Tensor(rows: rows, columns: classes, data: buffer.pointer)
          }
          _ = tape.crossEntropy(
            tensor(logits), targets: targets, weights: weights,
            penalty: isHeld ? (tensor(reference), weights) : nil)
        }
      })
  }

  /// One new position of each sequence against all those before it.
  static func cachedAttention(
    sequences: Int, positions: Int, heads: Int, headWidth: Int
  ) -> KernelCase {
    let width = heads * headWidth
    let seen = sequences * positions * width
    return KernelCase(
      name: "cached attention \(sequences) × \(positions), heads \(heads)×\(headWidth)",
      work: Work(operations: 4 * Double(seen), floats: 2 * seen), kernels: ["attention_cached"],
      prepare: { engine in
        let rows = buffer(sequences * 3 * width)
        let cache = KeyValueCache(
          sequences: sequences, layers: 1, heads: heads, headWidth: headWidth, capacity: positions)
        for sequence in 0..<sequences {
          for position in 0..<positions {
            cache.store(
              rows.pointer + sequence * 3 * width, layer: 0, sequence: sequence, position: position)
          }
        }
        let arena = Arena()
        let last = Array(repeating: positions - 1, count: sequences)
        return {
          arena.reset()
          let tape = Tape(engine: engine, arena: arena, isRecording: false)
          _ = tape.attention(
            Tensor(rows: sequences, columns: 3 * width, data: rows.pointer), cache: cache, layer: 0,
            sequences: Array(0..<sequences), positions: last)
        }
      })
  }

  /// A weight's panels, both ways.
  static func packing(rows: Int, columns: Int) -> KernelCase {
    KernelCase(
      name: "packing \(rows)×\(columns), both ways", work: Work(floats: 4 * rows * columns),
      kernels: ["pack"],
      prepare: { engine in
        let weight = buffer(rows * columns)
        let panels = FloatBuffer(count: rows * columns)
        return {
          for isTransposed in [false, true] {
            engine.pack(
              weight.pointer, rows: rows, columns: columns, isTransposed: isTransposed,
              into: panels.pointer)
          }
        }
      })
  }

  /// What one sampled token takes.
  static func likelihoods(classes: Int) -> KernelCase {
    KernelCase(
      name: "likelihoods of \(classes) logits", work: Work(floats: 3 * classes),
      kernels: ["likelihoods"],
      prepare: { engine in
        let logits = buffer(classes)
        return {
          var weights = [Double](repeating: 0, count: classes)
          engine.likelihoods(
            UnsafeBufferPointer(start: logits.pointer, count: classes), temperature: 0.7,
            into: &weights)
        }
      })
  }

  /// The mean of activations and their scores by it.
  static func projection(rows: Int, width: Int) -> KernelCase {
    KernelCase(
      name: "column totals of \(rows)×\(width) and projection",
      work: Work(operations: 4 * Double(rows * width), floats: 2 * rows * width),
      kernels: ["column_total", "projection"],
      prepare: { engine in
        let activations = buffer(rows * width)
        let values = UnsafeBufferPointer(start: activations.pointer, count: rows * width)
        return {
          let totals = engine.columnTotals(values, columns: width)
          withExtendedLifetime(activations) { _ = engine.projections(values, onto: totals) }
        }
      })
  }

  /// A covariance's sums of products in double.
  static func gram(rows: Int, width: Int) -> KernelCase {
    KernelCase(
      name: "sums of products of \(rows)×\(width) in double",
      work: Work(
        operations: 2 * Double(rows * width * width), floats: 2 * (rows * width + 2 * width * width)
      ), kernels: ["gram"],
      prepare: { engine in
        let (x, product) = (DoubleBuffer(count: rows * width), DoubleBuffer(count: width * width))
        for (index, value) in plainFloats(rows * width).enumerated() {
          x.pointer[index] = Double(value)
        }
        return {
          engine.addProduct(
            m: width, n: width, k: rows, x.pointer, lda: width, x.pointer, ldb: width,
            to: product.pointer, ldc: width)
        }
      })
  }

  /// The margins of a logistic fit.
  static func dots(rows: Int, width: Int) -> KernelCase {
    KernelCase(
      name: "dots \(rows)×\(width)",
      work: Work(operations: 2 * Double(rows * width), floats: rows * width), kernels: ["dots"],
      prepare: { engine in
        let (x, w, y) = (buffer(rows * width), buffer(width), FloatBuffer(count: rows))
        return {
          engine.dots(
            rows: rows, columns: width, x.pointer, ldx: width, w.pointer, into: y.pointer)
        }
      })
  }

  static func exponential(count: Int) -> KernelCase {
    KernelCase(
      name: "exponential \(count)", work: Work(floats: 2 * count), kernels: ["exponential"],
      prepare: { engine in
        let (x, y) = (buffer(count), FloatBuffer(count: count))
        return { engine.kernels.pointee.exponential(count, x.pointer, y.pointer) }
      })
  }

  /// Four lanes of gradients into the first, with its squared norm.
  static func reduction(count: Int) -> KernelCase {
    KernelCase(
      name: "reduction of four lanes of \(count)", work: Work(floats: 5 * count),
      kernels: ["reduce"],
      prepare: { engine in
        // Sums of zeros stay zero, however often they are added up.
        let lanes = (0..<4).map { _ in FloatBuffer(count: count) }
        return { _ = engine.reduce(count: count, lanes.map(\.pointer)) }
      })
  }

  static func adam(count: Int) -> KernelCase {
    KernelCase(
      name: "AdamW \(count)", work: Work(floats: 7 * count), kernels: ["adam"],
      prepare: { engine in
        let gradient = buffer(count)
        let state = (0..<3).map { _ in FloatBuffer(count: count) }
        let update = AdamUpdate(
          beta1: 0.9, beta2: 0.98, epsilon: 1e-8, gradientScale: 1, stepSize: 1e-3, secondScale: 1,
          keep: 1)
        return {
          engine.adam(
            update, count: count, parameters: state[0].pointer, first: state[1].pointer,
            second: state[2].pointer, gradient: gradient.pointer)
        }
      })
  }

  private static func buffer(_ count: Int) -> FloatBuffer {
    let buffer = FloatBuffer(count: count, cleared: false)
    buffer.array = plainFloats(count)
    return buffer
  }
}
