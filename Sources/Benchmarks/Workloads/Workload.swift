import Determinism
import TensorCore

/// Work that can be done any number of times.
package protocol Workload: AnyObject {
  /// Numbers that a peer doing the same task finds, too.
  var facts: [Double] { get }
  /// Trained numbers; nil where nothing is trained.
  var parameters: Int? { get }
  func step()
}

extension Benchmark {
  /// Operands in place, a few steps done.
  package func workload(engine setting: EngineSetting, threads: Int) -> any Workload {
    let engine = setting.engine
    return switch task {
    case .training(let task): TrainingWorkload(task, engine: engine, threads: threads)
    case .sampling(let task): SamplingWorkload(task, engine: engine, threads: threads)
    case .probe(let task): ProbeWorkload(task, threads: threads)
    }
  }
}
