import Probing
import Studies
import Transformers

/// Every fitted direction, as safetensors: `<detector>/<position>/L<k>`, [width].
struct DirectionsArtifact {
  private var tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)] = []

  mutating func append(
    _ directions: [String: Direction], position: ProbePosition, layer: Int
  ) {
    for name in ProbeDetectors.directionNames {
      let values = directions[name]!.vector.map { Float($0) }
      tensors.append(("\(name)/\(position.rawValue)/L\(layer)", [values.count], values[...]))
    }
  }

  var artifact: Artifact {
    Artifact(
      role: .remade, mediaType: "application/x-safetensors", bytes: Safetensors.bytes(of: tensors))
  }
}

extension LogitLens {
  /// The model's own final layer norm and unembedding.
  init(_ model: Model) {
    let (shape, head) = model.tensor("lm_head.weight")!
    self.init(
      gain: model.tensor("transformer.ln_f.weight")!.values.map { Double($0) },
      bias: model.tensor("transformer.ln_f.bias")!.values.map { Double($0) },
      unembedding: (0..<shape[0]).map { row in
        head[row * shape[1]..<(row + 1) * shape[1]].map { Double($0) }
      })
  }
}
