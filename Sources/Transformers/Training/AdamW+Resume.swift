import Determinism
import TensorCore

/// What an optimiser needs to go on, in a safetensors file: its values, both moments, steps, options.
extension AdamW {
  private static let firstPrefix = "adam.first."
  private static let secondPrefix = "adam.second."

  private static let optionFields:
    [(key: String, path: WritableKeyPath<OptimiserOptions, Double> & Sendable)] = [
      ("dormouse.beta1", \.beta1), ("dormouse.beta2", \.beta2), ("dormouse.epsilon", \.epsilon),
      ("dormouse.weight_decay", \.weightDecay), ("dormouse.clip", \.clip),
    ]

  /// A file with that, with the number of heads, and with more of the same kind.
  func resumeBytes(
    heads: Int, tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)] = [],
    metadata: [(key: String, value: String)] = []
  ) -> [UInt8] {
    Safetensors.bytes(
      of: tensors + stored,
      metadata: [(Model.headsKey, "\(heads)")] + self.metadata + metadata)
  }

  private var stored: [(name: String, shape: [Int], values: ArraySlice<Float>)] {
    tensors.stored(values.array) + tensors.stored(first.array, prefix: Self.firstPrefix)
      + tensors.stored(second.array, prefix: Self.secondPrefix)
  }

  private var metadata: [(key: String, value: String)] {
    [(key: "dormouse.steps", value: "\(stepsTaken)")]
      + Self.optionFields.map { field in
        (field.key, Hexadecimal.text(of: options[keyPath: field.path].bitPattern))
      }
  }

  static func options(of file: Safetensors) throws(SafetensorsError) -> OptimiserOptions {
    var options = OptimiserOptions()
    for field in optionFields {
      options[keyPath: field.path] = try file.double(field.key)
    }
    return options
  }

  /// Moments and steps as they were stored; the values are the caller's.
  func resume(from file: Safetensors) throws(SafetensorsError) {
    stepsTaken = try file.count("dormouse.steps")
    first.array = try tensors.floats(of: file, prefix: Self.firstPrefix)
    second.array = try tensors.floats(of: file, prefix: Self.secondPrefix)
  }
}

extension Safetensors {
  /// A text of the metadata that must be there.
  private func text(_ key: String) throws(SafetensorsError) -> String {
    guard let text = metadata(key) else { throw .missingMetadata(key) }
    return text
  }

  /// A number whose bit pattern the metadata have.
  func double(_ key: String) throws(SafetensorsError) -> Double {
    let text = try text(key)
    guard let pattern = Hexadecimal.pattern(of: text) else {
      throw .invalidMetadata(key: key, value: text)
    }
    return Double(bitPattern: pattern)
  }

  /// A number from 0 on.
  func count(_ key: String) throws(SafetensorsError) -> Int {
    let text = try text(key)
    guard let count = Int(text), count >= 0 else {
      throw .invalidMetadata(key: key, value: text)
    }
    return count
  }
}
