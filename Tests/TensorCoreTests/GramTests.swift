import Determinism
import Testing

@testable import TensorCore

struct `Sums of products in double` {
  /// Every remainder by the tile's 6 rows, widths around 8 and 32.
  @Test(arguments: [(1, 8, 1), (5, 24, 3), (6, 32, 16), (7, 40, 65), (13, 72, 128), (3, 8, 0)])
  func `are one chain each, on every kernel family`(m: Int, n: Int, k: Int) {
    var stream = RandomStream(seed: 5, "gram", UInt64(m * n + k))
    let (lda, ldb, ldc) = (m + 3, n + 8, n + 1)
    let a = (0..<max(k * lda, 1)).map { _ in stream.normal() }
    let b = (0..<max(k * ldb, 1)).map { _ in stream.normal() }
    let start = (0..<m * ldc).map { _ in stream.normal() }
    for sign in [1.0, -1] {
      var expected = start
      for i in 0..<m {
        for j in 0..<n {
          for p in 0..<k {
            expected[i * ldc + j].addProduct(sign * a[p * lda + i], b[p * ldb + j])
          }
        }
      }
      for family in KernelFamily.supported {
        var c = start
        Engine(family: family).addProduct(
          sign: sign, m: m, n: n, k: k, a, lda: lda, b, ldb: ldb, to: &c, ldc: ldc)
        #expect(c.map(\.bitPattern) == expected.map(\.bitPattern), "\(family), sign \(sign)")
      }
    }
  }
}
