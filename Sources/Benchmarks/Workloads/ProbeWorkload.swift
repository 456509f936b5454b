import Determinism
import TensorCore

/// Probes of all layers: a logistic fit has the threads to itself, the rest spread their layers over them.
final class ProbeWorkload: Workload {
  private let pool: WorkerPool
  private let layers: [ProbeLayer]
  private let fit: @Sendable (ProbeLayer) -> Double
  private let isParallelInside: Bool
  /// One number a layer: the objective reached, how far the classes' scores lie apart, the area.
  let facts: [Double]
  var parameters: Int? { nil }

  init(_ task: ProbeTask, threads: Int) {
    pool = WorkerPool(threads: threads)
    isParallelInside = task.kind == .logistic
    let layers = (0..<task.layers).map { ProbeLayer($0, of: task) }
    switch task.kind {
    case .logistic:
      fit = { $0.logistic(threads: threads).offset }
      facts = layers.map { $0.objective(of: $0.logistic(threads: threads)) }
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
    if isParallelInside {
      for layer in layers { _ = fit(layer) }
    } else {
      pool.run(layers.count) { layer, _ in _ = fit(layers[layer]) }
    }
  }
}
