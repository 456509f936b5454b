import CKernels
import Testing

@testable import TensorCore

struct `A kernel case` {
  @Test func `exists for every kernel`() {
    let table = Mirror(reflecting: Engine().kernels.pointee).children.compactMap(\.label)
    #expect(table.count > 10)
    let covered = Set(KernelCase.all.flatMap(\.kernels))
    // What measures the machine is no kernel.
    #expect(covered == Set(table).subtracting(["fma_peak"]))
  }

  @Test(arguments: KernelCase.all)
  func `can be called again and again, and costs something`(kernel: KernelCase) {
    #expect(kernel.work.bytes > 0)
    let call = kernel.prepare(Engine())
    for _ in 0..<3 { call() }
  }

  @Test(arguments: KernelFamily.supported)
  func `the peak's loop does the operations that it says`(family: KernelFamily) {
    let engine = Engine(family: family)
    let one = engine.multiplyAddInRegisters(steps: 1)
    #expect(one >= 2 * 16 * 6)
    #expect(engine.multiplyAddInRegisters(steps: 1000) == 1000 * one)
    // Each chain ends at the fixed point of x/2 + 1/4 after enough steps, which is 1/2.
    var values = [Float](repeating: 0.5, count: 16) + [Float](repeating: 0.25, count: 16)
    _ = engine.kernels.pointee.fma_peak(100, &values)
    let chains = Float(one / 32)
    #expect(values[..<16].allSatisfy { $0 == chains / 2 })
    // One step of the chains 0, 1, 2, …: Σ (c/2 + 1/4).
    values = [Float](repeating: 0.5, count: 16) + [Float](repeating: 0.25, count: 16)
    _ = engine.kernels.pointee.fma_peak(1, &values)
    #expect(values[0] == chains * (chains - 1) / 4 + chains / 4)
  }
}

extension KernelCase: CustomTestStringConvertible {
  public var testDescription: String { name }
}
