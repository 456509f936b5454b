import Determinism

/// A pre-LN GPT decoder (Radford et al. 2019): learned positions, GELU (tanh form) MLP of width 4 d, final
/// layer norm, untied unembedding without bias; biases everywhere else.
package struct Model: Network {
  package static var head: Head { .unembedding }

  package let configuration: ModelConfiguration
  /// All trained numbers, flat; `configuration.tensors` says which lie where.
  package var parameters: [Float] {
    willSet {
      precondition(newValue.count == parameters.count, "a model keeps its number of parameters")
    }
  }

  package init(configuration: ModelConfiguration, parameters: [Float]) {
    precondition(parameters.count == configuration.parameterCount, "parameters of that shape")
    self.configuration = configuration
    self.parameters = parameters
  }

  /// Weights N(0, 0.02²) from the stream `initialise/<tensor name>`; layer norms 1 and 0; biases 0.
  package init(_ configuration: ModelConfiguration, seed: UInt64) {
    self.init(
      configuration: configuration,
      parameters: configuration.tensors.flatMap { $0.initialValues(seed: seed) })
  }
}

extension ModelConfiguration.NamedTensor {
  /// Of a fresh model.
  func initialValues(seed: UInt64) -> [Float] {
    if isMatrix {
      var stream = RandomStream(seed: seed, "initialise/\(name)")
      return (0..<count).map { _ in Float(0.02 * stream.normal()) }
    }
    let isGain = name.contains("ln_") && name.hasSuffix(".weight")
    return Array(repeating: isGain ? 1 : 0, count: count)
  }
}
