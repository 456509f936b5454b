import Determinism
import Testing

@testable import TensorCore

struct `An operation of the tape` {
  /// Float32 against Double: unit normals through at most 137 products leave about 1e-6 per unit.
  static let tolerance = 2e-5

  @Test(arguments: OperationCase.all, [UInt64(1), 2])
  func `has the value of its naive reference`(operation: OperationCase, seed: UInt64) {
    let inputs = operation.randomInputs(seed: seed)
    let expected = operation.reference(inputs.map { $0.map { Double($0) } })
    for backend in Backend.allCases {
      let outcome = operation.run(Engine(backend: backend), inputs, seed: seed)
      #expect(largestError(outcome.value, expected) < Self.tolerance, "\(backend), seed \(seed)")
    }
  }

  @Test(arguments: OperationCase.all, [UInt64(1)])
  func `has the gradient that finite differences of the reference give`(
    operation: OperationCase, seed: UInt64
  ) {
    let inputs = operation.randomInputs(seed: seed)
    let doubles = inputs.map { $0.map { Double($0) } }
    let upstream = operation.upstream(operation.reference(doubles).count, seed: seed)
    var stream = RandomStream(seed: seed, "coordinates")
    for backend in Backend.allCases {
      let outcome = operation.run(Engine(backend: backend), inputs, seed: seed)
      for input in inputs.indices {
        for _ in 0..<12 {
          let at = stream.below(inputs[input].count)
          let slope = operation.slope(doubles, upstream, input: input, at: at)
          let found = Double(outcome.gradients[input][at])
          #expect(
            abs(found - slope) < 5 * Self.tolerance * (1 + abs(slope)),
            "\(backend), input \(input), element \(at), seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: OperationCase.all)
  func `gives equal bits on every instruction set`(operation: OperationCase) {
    let inputs = operation.randomInputs(seed: 5)
    let reference = operation.run(Engine(family: .baseline), inputs, seed: 5)
    for family in KernelFamily.supported {
      let outcome = operation.run(Engine(family: family), inputs, seed: 5)
      #expect(
        outcome.value.bitPatterns == reference.value.bitPatterns, "\(family)")
      for (ours, theirs) in zip(outcome.gradients, reference.gradients) {
        #expect(ours.bitPatterns == theirs.bitPatterns, "\(family)")
      }
    }
  }

  @Test(arguments: OperationCase.all)
  func `computes the same value without recording`(operation: OperationCase) {
    let inputs = operation.randomInputs(seed: 6)
    let recorded = operation.run(Engine(), inputs, seed: 6).value
    let prepared = PreparedOperation(
      operation, Engine(), inputs: inputs, upstream: { operation.upstream($0, seed: 6) })
    let y = prepared.forward()
    let values = Array(UnsafeBufferPointer(start: y.data, count: y.count))
    #expect(values.bitPatterns == recorded.bitPatterns)
    withExtendedLifetime(prepared) {}
  }
}
