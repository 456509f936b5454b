/// The shape of a decoder-only transformer.
package struct ModelConfiguration: Hashable, Sendable {
  /// Number of token ids.
  package var vocabulary: Int
  /// Longest sequence, in tokens: learned positions.
  package var context: Int
  /// Width of the residual stream.
  package var dModel: Int
  package var layers: Int
  package var heads: Int

  package init(vocabulary: Int, context: Int, dModel: Int, layers: Int, heads: Int) {
    precondition(
      vocabulary > 0 && context > 0 && dModel > 0 && layers >= 0 && heads > 0,
      "a model's sizes are positive")
    precondition(dModel.isMultiple(of: heads), "\(heads) heads do not divide a width of \(dModel)")
    self.vocabulary = vocabulary
    self.context = context
    self.dModel = dModel
    self.layers = layers
    self.heads = heads
  }

  /// One trained tensor: its name and layout are those of Hugging Face's GPT-2 (`Conv1D` weights are
  /// [inputs, outputs], `lm_head` and embeddings [outputs, width]).
  package struct NamedTensor: Hashable, Sendable {
    package let name: String
    package let shape: [Int]
    /// Floats before it in `Model.parameters`.
    package let offset: Int
    package var count: Int { shape.reduce(1, *) }
    package var range: Range<Int> { offset..<offset + count }
    package var isMatrix: Bool { shape.count == 2 }
    /// Whether it is the weight of a linear layer, as opposed to a table or a row.
    package var isLinear: Bool { isMatrix && !name.hasPrefix("transformer.w") }
    /// Linear weights are stored [inputs, outputs] but for a head's.
    var isHead: Bool { name == "lm_head.weight" || name == "score.weight" }
  }

  /// Every trained tensor, in the order of `Model.parameters`.
  package var tensors: [NamedTensor] { tensors(.unembedding) }

  /// The same with another head; those of the trunk come first and are the same for every head.
  package func tensors(_ head: Head) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    var offset = 0
    func add(_ name: String, _ shape: Int...) {
      tensors.append(NamedTensor(name: name, shape: shape, offset: offset))
      offset += shape.reduce(1, *)
    }
    add("transformer.wte.weight", vocabulary, dModel)
    add("transformer.wpe.weight", context, dModel)
    for layer in 0..<layers {
      let block = "transformer.h.\(layer)"
      add("\(block).ln_1.weight", dModel)
      add("\(block).ln_1.bias", dModel)
      add("\(block).attn.c_attn.weight", dModel, 3 * dModel)
      add("\(block).attn.c_attn.bias", 3 * dModel)
      add("\(block).attn.c_proj.weight", dModel, dModel)
      add("\(block).attn.c_proj.bias", dModel)
      add("\(block).ln_2.weight", dModel)
      add("\(block).ln_2.bias", dModel)
      add("\(block).mlp.c_fc.weight", dModel, 4 * dModel)
      add("\(block).mlp.c_fc.bias", 4 * dModel)
      add("\(block).mlp.c_proj.weight", 4 * dModel, dModel)
      add("\(block).mlp.c_proj.bias", dModel)
    }
    add("transformer.ln_f.weight", dModel)
    add("transformer.ln_f.bias", dModel)
    switch head {
    case .unembedding: add("lm_head.weight", vocabulary, dModel)
    case .score:
      add("score.weight", 1, dModel)
      add("score.bias", 1)
    }
    return tensors
  }

  /// Trained numbers in all.
  package var parameterCount: Int { tensors.last!.range.upperBound }
}
