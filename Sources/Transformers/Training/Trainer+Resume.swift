import Determinism
import TensorCore

/// A trainer's state as a safetensors file: weights, both moments, step, options.
extension Trainer {
  private static let firstPrefix = "adam.first."
  private static let secondPrefix = "adam.second."

  private static let optionFields:
    [(key: String, path: WritableKeyPath<OptimiserOptions, Double> & Sendable)] = [
      ("dormouse.beta1", \.beta1), ("dormouse.beta2", \.beta2), ("dormouse.epsilon", \.epsilon),
      ("dormouse.weight_decay", \.weightDecay), ("dormouse.clip", \.clip),
    ]

  /// Everything that a later trainer needs to go on with the same bits.
  package func resumeBytes() -> [UInt8] {
    var metadata = [
      (key: "dormouse.heads", value: "\(configuration.heads)"),
      (key: "dormouse.steps", value: "\(stepsTaken)"),
    ]
    for field in Self.optionFields {
      let pattern = optimiser[keyPath: field.path].bitPattern
      metadata.append((field.key, Hexadecimal.text(of: pattern)))
    }
    return Safetensors.bytes(
      of: Model.named(parameters.array, configuration)
        + Model.named(first.array, configuration, prefix: Self.firstPrefix)
        + Model.named(second.array, configuration, prefix: Self.secondPrefix),
      metadata: metadata)
  }

  /// Goes on where `resumeBytes` was taken.
  package convenience init(
    resuming bytes: [UInt8], backend: Backend = .own, threads: Int = 1
  ) throws(SafetensorsError) {
    try self.init(resuming: bytes, engine: Engine(backend: backend), threads: threads)
  }

  package convenience init(
    resuming bytes: [UInt8], engine: Engine, threads: Int
  ) throws(SafetensorsError) {
    let file = try Safetensors(parsing: bytes)
    let configuration = try Model.configuration(of: file)
    var optimiser = OptimiserOptions()
    for field in Self.optionFields {
      let text = try Self.metadata(field.key, of: file)
      guard let pattern = Hexadecimal.pattern(of: text) else {
        throw .invalidMetadata(key: field.key, value: text)
      }
      optimiser[keyPath: field.path] = Double(bitPattern: pattern)
    }
    let text = try Self.metadata("dormouse.steps", of: file)
    guard let steps = Int(text), steps >= 0 else {
      throw .invalidMetadata(key: "dormouse.steps", value: text)
    }
    let weights = try Model.parameters(of: file, prefix: "", configuration)
    let first = try Model.parameters(of: file, prefix: Self.firstPrefix, configuration)
    let second = try Model.parameters(of: file, prefix: Self.secondPrefix, configuration)
    self.init(
      model: Model(configuration: configuration, parameters: weights), optimiser: optimiser,
      engine: engine, threads: threads)
    stepsTaken = steps
    self.first.array = first
    self.second.array = second
  }

  private static func metadata(
    _ key: String, of file: Safetensors
  ) throws(SafetensorsError) -> String {
    guard let text = file.metadata(key) else { throw .missingMetadata(key) }
    return text
  }
}
