import Determinism
import Testing

@testable import TensorCore

/// One definition of an operation that yields its tests: value against the naive reference, gradient
/// against finite differences of the reference, equal bits on every instruction set.
struct OperationCase: Sendable, CustomTestStringConvertible {
  enum Input: Sendable {
    case tensor(Int, Int)
    case parameter(Int, Int)

    var count: Int {
      switch self {
      case .tensor(let rows, let columns), .parameter(let rows, let columns): rows * columns
      }
    }
  }

  let name: String
  let inputs: [Input]
  let reference: @Sendable ([[Double]]) -> [Double]
  let operation: @Sendable (Tape, [Tensor], [Parameter]) -> Tensor
  var testDescription: String { name }

  struct Outcome: Equatable {
    let value: [Float]
    /// By input.
    let gradients: [[Float]]
  }

  func randomInputs(seed: UInt64) -> [[Float]] {
    inputs.enumerated().map { index, input in
      var stream = RandomStream(seed: seed, "input", UInt64(index))
      return randomFloats(input.count, &stream)
    }
  }

  /// The upstream gradient: the loss is Σ upstream · value.
  func upstream(_ count: Int, seed: UInt64) -> [Float] {
    var stream = RandomStream(seed: seed, "upstream")
    return randomFloats(count, &stream)
  }

  func run(_ engine: Engine, _ values: [[Float]], seed: UInt64) -> Outcome {
    let tape = Tape(engine: engine, arena: Arena(chunkSize: 1 << 12), isRecording: true)
    var tensors: [Tensor] = []
    var parameters: [Parameter] = []
    var buffers: [FloatBuffer] = []
    for (input, floats) in zip(inputs, values) {
      switch input {
      case .tensor(let rows, let columns):
        let tensor = tape.tensor(rows, columns)
        tensor.data.update(from: floats, count: floats.count)
        tensors.append(tensor)
      case .parameter(let rows, let columns):
        let value = FloatBuffer(count: floats.count)
        value.array = floats
        let gradient = FloatBuffer(count: floats.count)
        buffers += [value, gradient]
        parameters.append(
          Parameter(
            value: value.pointer, gradient: gradient.pointer, rows: rows, columns: columns))
      }
    }
    let y = operation(tape, tensors, parameters)
    let value = Array(UnsafeBufferPointer(start: y.data, count: y.count))
    y.gradient = tape.arena.floats(y.count)
    y.gradient!.update(from: upstream(y.count, seed: seed), count: y.count)
    tape.backward()
    var tensorsLeft = tensors[...]
    var parametersLeft = parameters[...]
    let gradients = inputs.map { input -> [Float] in
      switch input {
      case .tensor:
        let tensor = tensorsLeft.removeFirst()
        return Array(UnsafeBufferPointer(start: tensor.gradient!, count: tensor.count))
      case .parameter:
        let parameter = parametersLeft.removeFirst()
        return Array(
          UnsafeBufferPointer(start: parameter.gradient!.settled(), count: parameter.count))
      }
    }
    return withExtendedLifetime(buffers) { Outcome(value: value, gradients: gradients) }
  }

  /// d(Σ upstream · reference)/d(input[index][at]) by a central difference.
  func slope(_ values: [[Double]], _ upstream: [Float], input: Int, at: Int) -> Double {
    func loss(_ step: Double) -> Double {
      var moved = values
      moved[input][at] += step
      return zip(upstream, reference(moved)).reduce(0) { $0 + Double($1.0) * $1.1 }
    }
    return (loss(1e-5) - loss(-1e-5)) / 2e-5
  }
}
