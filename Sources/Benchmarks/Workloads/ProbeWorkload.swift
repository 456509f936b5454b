import Determinism
import TensorCore

/// Probes of all layers, one task a layer, spread over the threads.
final class ProbeWorkload: Workload {
  private let pool: WorkerPool
  private let layers: [ProbeLayer]
  private let fit: @Sendable (ProbeLayer) -> Double
  /// One number a layer: the objective reached, how far the classes' scores lie apart, the area.
  let facts: [Double]
  var parameters: Int? { nil }

  init(_ task: ProbeTask, threads: Int) {
    pool = WorkerPool(threads: threads)
    let layers = (0..<task.layers).map { ProbeLayer($0, of: task) }
    switch task.kind {
    case .logistic:
      fit = { $0.logistic().offset }
      facts = layers.map { $0.objective(of: $0.logistic()) }
    case .meanDifference:
      fit = { $0.meanDifference().positive[0] }
      facts = layers.map { layer in
        let scores = layer.meanDifference()
        return scores.positive.reduce(0, +) / Double(scores.positive.count)
          - scores.negative.reduce(0, +) / Double(scores.negative.count)
      }
    case .roc:
      fit = { $0.area() }
      facts = layers.map { $0.area() }
    }
    self.layers = layers
  }

  func step() {
    pool.run(layers.count) { layer, _ in _ = fit(layers[layer]) }
  }
}
