import Determinism
import Testing

@testable import TensorCore

struct ProductShape: Sendable, CustomTestStringConvertible {
  let m: Int
  let n: Int
  let k: Int
  var testDescription: String { "\(m)×\(n)×\(k)" }

  /// Every remainder by the tile's 6 rows, widths around 16 and 64, depths around the panel's 256.
  static let all: [ProductShape] = [
    (1, 1, 1), (2, 137, 64), (3, 15, 7), (4, 16, 16), (5, 17, 33), (6, 64, 64), (7, 65, 5),
    (13, 48, 256), (12, 80, 257), (8, 137, 300), (29, 33, 520), (6, 32, 1), (1, 64, 20),
  ].map { ProductShape(m: $0, n: $1, k: $2) }
}

struct `A matrix product` {
  let forms: [Engine.Form] = [.plain, .rightTransposed, .leftTransposed]

  /// A, B, bias and start of one shape; A and B stored as the form wants them, rows with slack.
  struct Operands {
    var a: [Float]
    var b: [Float]
    let bias: [Float]
    let start: [Float]
    let lda: Int
    let ldb: Int

    init(_ shape: ProductShape, _ form: Engine.Form, seed: UInt64) {
      var stream = RandomStream(seed: seed, "product")
      let (aRows, aColumns) =
        form == .leftTransposed ? (shape.k, shape.m) : (shape.m, shape.k)
      let (bRows, bColumns) =
        form == .rightTransposed ? (shape.n, shape.k) : (shape.k, shape.n)
      lda = aColumns + 3
      ldb = bColumns + 1
      a = randomFloats(aRows * lda, &stream)
      b = randomFloats(bRows * ldb, &stream)
      bias = randomFloats(shape.n, &stream)
      start = randomFloats(shape.m * shape.n, &stream)
    }

    func left(_ i: Int, _ p: Int, _ form: Engine.Form) -> Float {
      form == .leftTransposed ? a[p * lda + i] : a[i * lda + p]
    }

    func right(_ p: Int, _ j: Int, _ form: Engine.Form) -> Float {
      form == .rightTransposed ? b[j * ldb + p] : b[p * ldb + j]
    }

    func product(
      _ engine: Engine, _ shape: ProductShape, _ form: Engine.Form, bias: Bool, start: Bool
    ) -> [Float] {
      var c = [Float](repeating: .nan, count: shape.m * shape.n)
      self.bias.withUnsafeBufferPointer { first in
        self.start.withUnsafeBufferPointer { second in
          engine.multiply(
            form, m: shape.m, n: shape.n, k: shape.k, a, lda: lda, b, ldb: ldb,
            bias: bias ? first.baseAddress : nil, start: start ? second.baseAddress : nil,
            lds: shape.n, into: &c, ldc: shape.n)
        }
      }
      return c
    }
  }

  @Test(arguments: ProductShape.all, KernelFamily.supported)
  func `has the same bits from a packed right operand`(
    shape: ProductShape, family: KernelFamily
  ) {
    let engine = Engine(family: family)
    for form in [Engine.Form.plain, .rightTransposed] {
      let isTransposed = form == .rightTransposed
      var stream = RandomStream(seed: 8, "packed")
      let a = randomFloats(shape.m * shape.k, &stream)
      let b = randomFloats(shape.k * shape.n, &stream)
      let bias = randomFloats(shape.n, &stream)
      let (rows, columns) = isTransposed ? (shape.n, shape.k) : (shape.k, shape.n)
      var panels = [Float](
        repeating: .nan, count: Engine.packedCount(n: shape.n, k: shape.k))
      engine.pack(b, rows: rows, columns: columns, isTransposed: isTransposed, into: &panels)
      var plain = [Float](repeating: .nan, count: shape.m * shape.n)
      var packed = plain
      b.withUnsafeBufferPointer { values in
        panels.withUnsafeBufferPointer { panels in
          let weight = Parameter(
            value: values.baseAddress!, gradient: nil as Gradient?, rows: rows, columns: columns)
          var quick = weight
          quick.panels = Panels(
            plain: isTransposed ? nil : panels.baseAddress,
            transposed: isTransposed ? panels.baseAddress : nil)
          engine.multiply(
            shape.m, a, by: weight, transposed: isTransposed, bias: bias, into: &plain)
          engine.multiply(
            shape.m, a, by: quick, transposed: isTransposed, bias: bias, into: &packed)
        }
      }
      #expect(packed.bitPatterns == plain.bitPatterns, "\(form)")
    }
  }

  @Test(arguments: ProductShape.all, KernelFamily.supported)
  func `of our own is one chain of fused multiply-adds per output, bit for bit`(
    shape: ProductShape, family: KernelFamily
  ) {
    for form in forms {
      for (bias, start) in [(false, false), (true, false), (false, true), (true, true)] {
        let operands = Operands(shape, form, seed: 7)
        let c = operands.product(
          Engine(family: family), shape, form, bias: bias, start: start)
        for i in 0..<shape.m {
          for j in 0..<shape.n {
            var chain: Float = start ? operands.start[i * shape.n + j] : 0
            if bias { chain += operands.bias[j] }
            for p in 0..<shape.k {
              chain.addProduct(operands.left(i, p, form), operands.right(p, j, form))
            }
            guard c[i * shape.n + j].bitPattern == chain.bitPattern else {
              Issue.record("\(form), row \(i), column \(j): \(c[i * shape.n + j]), not \(chain)")
              return
            }
          }
        }
      }
    }
  }

  @Test(arguments: ProductShape.all)
  func `of OpenBLAS agrees with our own to rounding`(shape: ProductShape) {
    for form in forms {
      for (bias, start) in [(false, false), (true, false), (false, true), (true, true)] {
        let operands = Operands(shape, form, seed: 11)
        let ours = operands.product(Engine(), shape, form, bias: bias, start: start)
        let theirs = operands.product(
          Engine(backend: .openblas), shape, form, bias: bias, start: start)
        // Sums of k products of unit normals: rounding grows as k, cancellation is absolute.
        let bound = 1e-6 * (4 + Double(shape.k).squareRoot() * 2)
        #expect(largestError(ours, theirs.map { Double($0) }) < bound, "\(form)")
      }
    }
  }

  @Test(arguments: Backend.allCases)
  func `accumulates in place when it starts from its own output`(backend: Backend) {
    let shape = ProductShape(m: 9, n: 21, k: 5)
    let operands = Operands(shape, .plain, seed: 3)
    let apart = operands.product(Engine(backend: backend), shape, .plain, bias: false, start: true)
    var c = operands.start
    c.withUnsafeMutableBufferPointer {
      let pointer = $0.baseAddress!
      Engine(backend: backend).multiply(
        .plain, m: 9, n: 21, k: 5, operands.a, lda: operands.lda, operands.b, ldb: operands.ldb,
        start: pointer, lds: 21, into: pointer, ldc: 21)
    }
    #expect(c.bitPatterns == apart.bitPatterns)
  }

  @Test func `is computed by OpenBLAS at one thread, and says by which`() {
    #expect(OpenBLAS.configuration.hasPrefix("OpenBLAS"))
    #expect(!OpenBLAS.coreName.isEmpty)
    #expect([.serial, .pthread, .openmp].contains(OpenBLAS.threading))
  }
}
