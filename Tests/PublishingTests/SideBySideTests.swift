import Testing

@testable import Publishing

struct SideBySideTests {
  @Test(arguments: [0, 1, 255, 256, 257, 5000], [1, 2, 7])
  func `a sum counts each element once, on any number of threads`(count: Int, threads: Int) {
    let sum = SideBySide.sum(Array(0..<count), threads: threads) { $0 }
    #expect(sum == count * (count - 1) / 2)
  }

  @Test(arguments: [0, 256, 4999], [1, 2, 7])
  func `one without a number leaves no sum`(missing: Int, threads: Int) {
    #expect(
      SideBySide.sum(Array(0..<5000), threads: threads) { $0 == missing ? nil : $0 } == nil)
  }
}
