/// A matrix in an arena, and the gradient of the loss by it once a consumer has contributed.
package final class Tensor {
  package let rows: Int
  package let columns: Int
  package let data: UnsafeMutablePointer<Float>
  /// nil means zero.
  package internal(set) var gradient: UnsafeMutablePointer<Float>?

  init(rows: Int, columns: Int, data: UnsafeMutablePointer<Float>) {
    self.rows = rows
    self.columns = columns
    self.data = data
  }

  package var count: Int { rows * columns }
}

/// What was computed, in order, so that it can be gone through backward.
///
/// Operations are coarse (a whole linear layer, all heads of an attention): one closure each. Each is its
/// value and its pullback in one method. A pullback adds to gradients, and may hand its own gradient's
/// memory on: after `backward` only parameters' gradients mean anything.
package final class Tape {
  package let engine: Engine
  package let arena: Arena
  /// Without recording the same operations only compute values.
  package let isRecording: Bool
  private var pullbacks: [() -> Void] = []

  package init(engine: Engine, arena: Arena, isRecording: Bool) {
    self.engine = engine
    self.arena = arena
    self.isRecording = isRecording
  }

  func record(_ pullback: @escaping () -> Void) {
    if isRecording { pullbacks.append(pullback) }
  }

  func tensor(_ rows: Int, _ columns: Int) -> Tensor {
    Tensor(rows: rows, columns: columns, data: arena.floats(rows * columns))
  }

  /// Goes back from the loss; parameters' gradients accumulate.
  package func backward() {
    for pullback in pullbacks.reversed() { pullback() }
    pullbacks = []
  }
}
