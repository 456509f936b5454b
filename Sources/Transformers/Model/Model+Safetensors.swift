import Determinism

extension Model {
  private static let headsKey = "dormouse.heads"

  /// A safetensors file of all weights, under the names and layouts of Hugging Face's GPT-2.
  ///
  /// - Parameter metadata: further texts; keys `format` and those with `dormouse.` are the writer's own.
  package func safetensors(metadata: [String: String] = [:]) -> [UInt8] {
    precondition(
      metadata.keys.allSatisfy { $0 != "format" && !$0.hasPrefix("dormouse.") }, "a reserved key")
    let own = ["format": "pt", Self.headsKey: "\(configuration.heads)"]
    return Safetensors.bytes(
      of: Self.named(parameters, configuration),
      metadata: metadata.merging(own) { $1 }.sorted { $0.key < $1.key })
  }

  /// Reads such a file. The sizes follow from the shapes; the number of heads is in the metadata.
  package init(safetensors bytes: [UInt8]) throws(SafetensorsError) {
    let file = try Safetensors(parsing: bytes)
    let configuration = try Self.configuration(of: file)
    let known = Set(configuration.tensors.map(\.name))
    for tensor in file.tensors where !known.contains(tensor.name) {
      throw .unexpectedTensor(tensor.name)
    }
    self.init(
      configuration: configuration,
      parameters: try Self.parameters(of: file, prefix: "", configuration))
  }

  static func named(
    _ floats: [Float], _ configuration: ModelConfiguration, prefix: String = ""
  ) -> [(name: String, shape: [Int], values: ArraySlice<Float>)] {
    configuration.tensors.map { (prefix + $0.name, $0.shape, floats[$0.range]) }
  }

  static func parameters(
    of file: Safetensors, prefix: String, _ configuration: ModelConfiguration
  ) throws(SafetensorsError) -> [Float] {
    var floats: [Float] = []
    for tensor in configuration.tensors {
      floats.append(contentsOf: try file.floats(prefix + tensor.name, shape: tensor.shape))
    }
    return floats
  }

  /// The configuration that a file's shapes and metadata amount to.
  static func configuration(of file: Safetensors) throws(SafetensorsError) -> ModelConfiguration {
    func table(_ name: String) throws(SafetensorsError) -> (rows: Int, columns: Int) {
      guard let tensor = file.tensor(name) else { throw .missingTensor(name) }
      guard tensor.shape.count == 2, tensor.shape[0] > 0, tensor.shape[1] > 0 else {
        throw .wrongShape(tensor: name, expected: [1, 1], found: tensor.shape)
      }
      return (tensor.shape[0], tensor.shape[1])
    }
    let tokens = try table("transformer.wte.weight")
    let positions = try table("transformer.wpe.weight")
    guard let text = file.metadata(headsKey) else { throw .missingMetadata(headsKey) }
    guard let heads = Int(text), heads > 0, tokens.columns.isMultiple(of: heads) else {
      throw .invalidMetadata(key: headsKey, value: text)
    }
    var layers = 0
    while file.tensor("transformer.h.\(layers).ln_1.weight") != nil { layers += 1 }
    return ModelConfiguration(
      vocabulary: tokens.rows, context: positions.rows, dModel: tokens.columns, layers: layers,
      heads: heads)
  }
}
