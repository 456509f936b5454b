import Determinism

/// A pre-LN GPT decoder (Radford et al. 2019): learned positions, GELU (tanh form) MLP of width 4 d, final
/// layer norm, untied unembedding without bias; biases everywhere else.
package struct Model: Equatable, Sendable {
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
    var parameters = [Float](repeating: 0, count: configuration.parameterCount)
    for tensor in configuration.tensors {
      if tensor.shape.count == 2 {
        var stream = RandomStream(seed: seed, "initialise/\(tensor.name)")
        for index in tensor.range { parameters[index] = Float(0.02 * stream.normal()) }
      } else if tensor.name.contains("ln_"), tensor.name.hasSuffix(".weight") {
        for index in tensor.range { parameters[index] = 1 }
      }
    }
    self.init(configuration: configuration, parameters: parameters)
  }

  /// A copy of one tensor's floats, row-major; nil for an unknown name.
  package func tensor(_ name: String) -> (shape: [Int], values: [Float])? {
    guard let tensor = configuration.tensors.first(where: { $0.name == name }) else { return nil }
    return (tensor.shape, Array(parameters[tensor.range]))
  }

  /// SHA-256 over the bit patterns of all parameters, little-endian.
  package var digest: Digest { Digest(ofPatterns: parameters) }
}
