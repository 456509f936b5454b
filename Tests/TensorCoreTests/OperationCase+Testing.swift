import Determinism

@testable import TensorCore

extension OperationCase {
  /// Value and gradients by the tape.
  func run(_ engine: Engine, _ values: [[Float]], seed: UInt64) -> PreparedOperation.Outcome {
    PreparedOperation(
      self, engine, inputs: values, upstream: { upstream($0, seed: seed) }
    ).outcome()
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
