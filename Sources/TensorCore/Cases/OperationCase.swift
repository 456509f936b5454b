import Determinism

/// What an operation costs at least: its floating-point operations, and the bytes it must touch once.
package struct Work: Equatable, Sendable {
  package var operations: Double
  package var bytes: Double

  package init(operations: Double = 0, floats: Int = 0) {
    self.operations = operations
    bytes = 4 * Double(floats)
  }

  package static func + (left: Work, right: Work) -> Work {
    var sum = left
    sum.operations += right.operations
    sum.bytes += right.bytes
    return sum
  }
}

/// One definition of an operation of the tape. It yields its tests (value against the naive reference,
/// gradient against finite differences of it, equal bits on every instruction set) and its benchmark.
package struct OperationCase: Sendable {
  package enum Input: Sendable {
    case tensor(Int, Int)
    case parameter(Int, Int)

    package var count: Int {
      switch self {
      case .tensor(let rows, let columns), .parameter(let rows, let columns): rows * columns
      }
    }
  }

  package let name: String
  package let inputs: [Input]
  /// The members of `dm_kernels` that carry it, gemm in whatever form.
  package let kernels: [String]
  package let forward: Work
  package let backward: Work
  package let reference: @Sendable ([[Double]]) -> [Double]
  package let operation: @Sendable (Tape, [Tensor], [Parameter]) -> Tensor

  package init(
    name: String, inputs: [Input], kernels: [String] = [], forward: Work = Work(),
    backward: Work = Work(), reference: @escaping @Sendable ([[Double]]) -> [Double],
    operation: @escaping @Sendable (Tape, [Tensor], [Parameter]) -> Tensor
  ) {
    self.name = name
    self.inputs = inputs
    self.kernels = kernels
    self.forward = forward
    self.backward = backward
    self.reference = reference
    self.operation = operation
  }

  package func randomInputs(seed: UInt64) -> [[Float]] {
    inputs.enumerated().map { index, input in
      var stream = RandomStream(seed: seed, "input", UInt64(index))
      return randomFloats(input.count, &stream)
    }
  }

  /// The upstream gradient: the loss is Σ upstream · value.
  package func upstream(_ count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed, "upstream")
    return randomFloats(count, &stream)
  }
}

/// An operation with its operands in place, to be carried out any number of times.
///
/// Operations that reuse their input's memory when recording (GELU) find what the last time left there:
/// the first time has the value, the later ones the speed.
package final class PreparedOperation {
  private let operation: OperationCase
  private let engine: Engine
  private let arena = Arena()
  private let values: [FloatBuffer]
  private let gradients: [FloatBuffer]
  /// By the number of values.
  private let makeUpstream: (Int) -> [Float]
  private var upstream: [Float] = []

  /// - Parameter upstream: as many floats as the result has: the gradient that the way back begins with.
  package init(
    _ operation: OperationCase, _ engine: Engine, inputs: [[Float]],
    upstream: @escaping (Int) -> [Float]
  ) {
    self.operation = operation
    self.engine = engine
    makeUpstream = upstream
    values = inputs.map {
      let buffer = FloatBuffer(count: $0.count)
      buffer.array = $0
      return buffer
    }
    gradients = inputs.map { FloatBuffer(count: $0.count) }
  }

  package struct Outcome: Equatable {
    package let value: [Float]
    /// By input.
    package let gradients: [[Float]]
  }

  /// The value alone, nothing recorded. The memory is good until the next call.
  @discardableResult
  package func forward() -> Tensor { evaluate(isRecording: false).result }

  /// The value and the way back; gradients of parameters accumulate over calls.
  package func forwardAndBackward() { _ = recorded() }

  /// The same, and what came out.
  package func outcome() -> Outcome {
    let (value, tensors) = recorded()
    var left = tensors[...]
    let found = zip(operation.inputs, gradients).map { input, buffer -> [Float] in
      guard case .tensor = input else { return buffer.array }
      let tensor = left.removeFirst()
      return Array(UnsafeBufferPointer(start: tensor.gradient!, count: tensor.count))
    }
    return Outcome(value: value(), gradients: found)
  }

  private func recorded() -> (value: () -> [Float], tensors: [Tensor]) {
    let (tape, result, tensors) = evaluate(isRecording: true)
    if upstream.isEmpty { upstream = makeUpstream(result.count) }
    result.gradient = arena.floats(result.count)
    result.gradient!.update(from: upstream, count: result.count)
    tape.backward()
    return ({ Array(UnsafeBufferPointer(start: result.data, count: result.count)) }, tensors)
  }

  private func evaluate(isRecording: Bool) -> (tape: Tape, result: Tensor, tensors: [Tensor]) {
    arena.reset()
    let tape = Tape(engine: engine, arena: arena, isRecording: isRecording)
    var tensors: [Tensor] = []
    var parameters: [Parameter] = []
    for (index, input) in operation.inputs.enumerated() {
      let value = values[index].pointer
      switch input {
      case .tensor(let rows, let columns):
        tensors.append(Tensor(rows: rows, columns: columns, data: value))
      case .parameter(let rows, let columns):
        parameters.append(
          Parameter(
            value: value, gradient: isRecording ? gradients[index].pointer : nil, rows: rows,
            columns: columns))
      }
    }
    return (tape, operation.operation(tape, tensors, parameters), tensors)
  }
}
