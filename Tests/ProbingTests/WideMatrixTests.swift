import Determinism
import TensorCore
import Testing

@testable import Probing

struct WideMatrixTests {
  /// Σ x xᵀ of `count` random rows, and the same in the narrow form.
  private func matrices(
    size: Int, count: Int, threads: Int = 1, family: KernelFamily = .best
  ) -> (wide: WideMatrix, narrow: SymmetricMatrix) {
    var stream = RandomStream(seed: 8, "wide", UInt64(size))
    let wide = WideMatrix(size: size)
    var narrow = SymmetricMatrix(size: size)
    let block = DoubleBuffer(count: count * wide.stride)
    for row in 0..<count {
      let values = (0..<size).map { Double(1 + $0 % 3) * stream.normal() }
      for (column, value) in values.enumerated() {
        block.pointer[row * wide.stride + column] = value
      }
      narrow.add(values, weight: 1)
    }
    wide.add(
      rows: block, count: count, engine: Engine(family: family), pool: WorkerPool(threads: threads))
    return (wide, narrow)
  }

  /// Around the vectors of 8 and the blocks of 64.
  @Test(arguments: [1, 2, 7, 8, 9, 63, 64, 65, 130, 200])
  func `factors and solves like the narrow form`(size: Int) throws {
    let (wide, narrow) = matrices(size: size, count: size + 20)
    for row in 0..<size {
      for column in 0..<size {
        #expect(distance([wide[row, column]], [narrow[row, column]]) < 1e-10)
      }
    }
    #expect(distance([wide.trace], [narrow.trace]) < 1e-12)
    let vector = (0..<size).map { Double($0 % 5) - 1.5 }
    let image = (0..<size).map { row in
      (0..<size).reduce(0.0) { $0 + narrow[row, $1] * vector[$1] }
    }
    #expect(distance(wide.product(with: vector), image) < 1e-12)
    let expected = try #require(Cholesky(of: narrow))
    let factor = try #require(
      wide.factorised(engine: Engine(), pool: WorkerPool(threads: 2)))
    #expect(distance(factor.solution(of: image), vector) < 1e-8)
    #expect(distance(factor.whitened(vector), expected.whitened(vector)) < 1e-9)
    // Eight at once.
    let columns = DoubleBuffer(count: size * 8)
    for row in 0..<size {
      for index in 0..<8 { columns.pointer[row * 8 + index] = Double(index + 1) * vector[row] }
    }
    factor.whiten(columns.pointer, stride: 8, engine: Engine())
    for index in 0..<8 {
      let found = (0..<size).map { columns.pointer[$0 * 8 + index] / Double(index + 1) }
      #expect(distance(found, expected.whitened(vector)) < 1e-9, "vector \(index)")
    }
  }

  @Test(arguments: [65, 200])
  func `has equal bits for any threads and on every kernel family`(size: Int) throws {
    func bits(_ threads: Int, _ family: KernelFamily) throws -> [UInt64] {
      let (wide, _) = matrices(size: size, count: size + 5, threads: threads, family: family)
      let factor = try #require(
        wide.factorised(engine: Engine(family: family), pool: WorkerPool(threads: threads)))
      return factor.solution(of: (0..<size).map { Double($0) }).map(\.bitPattern)
    }
    let reference = try bits(1, .best)
    for threads in 2...4 { #expect(try bits(threads, .best) == reference, "\(threads) threads") }
    for family in KernelFamily.supported { #expect(try bits(2, family) == reference, "\(family)") }
  }

  @Test func `refuses what is not positive definite, wherever that shows`() {
    for (size, count) in [(3, 2), (70, 66), (130, 20)] {
      let (wide, _) = matrices(size: size, count: count)
      let pool = WorkerPool(threads: 1)
      #expect(wide.factorised(tolerance: 1e-13, engine: Engine(), pool: pool) == nil, "\(size)")
    }
    let broken = matrices(size: 70, count: 90).wide
    broken[68, 68] = .nan
    #expect(broken.factorised(engine: Engine(), pool: WorkerPool(threads: 1)) == nil)
  }

  @Test(arguments: [1, 2, 9, 40, 130])
  func `the leading eigenvector is that of the whole decomposition`(size: Int) throws {
    let (wide, narrow) = matrices(size: size, count: size + 3)
    let found = try LeadingEigenvector.find(of: wide)
    let all = SymmetricEigen(of: narrow)
    #expect(distance([found.value], [all.values[0]]) < 1e-10)
    #expect(Vector.cosine(found.vector, all.vectors[0]).magnitude > 1 - 1e-10)
    #expect(distance([Vector.norm(found.vector)], [1]) < 1e-14)
  }

  @Test func `a component is the same by both ways, sign and all`() throws {
    var stream = RandomStream(seed: 3, "component")
    func cloud(_ shift: Double) -> Activations {
      Activations(
        width: 30,
        floats: (0..<50).flatMap { _ in
          let common = 2 * stream.normal() + shift
          return (0..<30).map { Float(stream.normal() + common * Double($0 % 4)) }
        })
    }
    let components = PrincipalComponents(positive: cloud(1), negative: cloud(0))
    let whole = try components.fit(count: 1)
    let leading = try components.leading(threads: 2)
    #expect(distance(leading.direction.vector, whole.directions[0].vector) < 1e-9)
    #expect(distance([leading.direction.offset], [whole.directions[0].offset]) < 1e-9)
    #expect(distance([leading.variance], [whole.variances[0]]) < 1e-10)
  }
}
