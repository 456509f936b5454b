import Determinism

/// What reads the residual stream after the final norm.
package enum Head: Sendable {
  /// The next token's logits; no bias.
  case unembedding
  /// One number, with a bias.
  case score
}

/// A decoder's trunk and a head, all trained numbers in one array: what running, training and storing one
/// need to know of it.
package protocol Network: Equatable, Sendable {
  static var head: Head { get }
  var configuration: ModelConfiguration { get }
  /// Flat; `tensors` says which lie where.
  var parameters: [Float] { get set }

  init(configuration: ModelConfiguration, parameters: [Float])
}

extension Network {
  package var tensors: [ModelConfiguration.NamedTensor] { configuration.tensors(Self.head) }

  /// A copy of one tensor's floats, row-major; nil for an unknown name.
  package func tensor(_ name: String) -> (shape: [Int], values: [Float])? {
    guard let tensor = tensors.first(where: { $0.name == name }) else { return nil }
    return (tensor.shape, Array(parameters[tensor.range]))
  }

  /// SHA-256 over the bit patterns of all parameters, little-endian.
  package var digest: Digest { Digest(ofPatterns: parameters) }
}
