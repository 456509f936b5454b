import Determinism

extension Network {
  static var headsKey: String { "dormouse.heads" }

  /// A safetensors file of all weights, under the names and layouts of Hugging Face's GPT-2.
  ///
  /// - Parameter metadata: further texts; keys `format` and those with `dormouse.` are the writer's own.
  package func safetensors(metadata: [String: String] = [:]) -> [UInt8] {
    precondition(
      metadata.keys.allSatisfy { $0 != "format" && !$0.hasPrefix("dormouse.") }, "a reserved key")
    let own = ["format": "pt", Self.headsKey: "\(configuration.heads)"]
    return Safetensors.bytes(
      of: tensors.stored(parameters),
      metadata: metadata.merging(own) { $1 }.sorted { $0.key < $1.key })
  }

  /// Reads such a file. The sizes follow from the shapes; the number of heads is in the metadata.
  package init(safetensors bytes: [UInt8]) throws(SafetensorsError) {
    let file = try Safetensors(parsing: bytes)
    let known = Set(try Self.configuration(of: file).tensors(Self.head).map(\.name))
    for tensor in file.tensors where !known.contains(tensor.name) {
      throw .unexpectedTensor(tensor.name)
    }
    try self.init(reading: file)
  }

  /// The network in a file, which may have further tensors.
  init(reading file: Safetensors) throws(SafetensorsError) {
    let configuration = try Self.configuration(of: file)
    self.init(
      configuration: configuration,
      parameters: try configuration.tensors(Self.head).floats(of: file))
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

extension [ModelConfiguration.NamedTensor] {
  /// Flat floats as the tensors of a file.
  func stored(
    _ floats: [Float], prefix: String = ""
  ) -> [(name: String, shape: [Int], values: ArraySlice<Float>)] {
    map { (prefix + $0.name, $0.shape, floats[$0.range]) }
  }

  /// What `stored` wrote, flat again.
  func floats(of file: Safetensors, prefix: String = "") throws(SafetensorsError) -> [Float] {
    var floats: [Float] = []
    for tensor in self {
      floats.append(contentsOf: try file.floats(prefix + tensor.name, shape: tensor.shape))
    }
    return floats
  }
}
