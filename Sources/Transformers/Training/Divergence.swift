/// The first number of a training step that was not finite (NaN or infinite), by the tensor it is in.
package enum Divergence: Hashable, Sendable, CustomStringConvertible {
  /// A trained tensor, before the step: the model came in that way.
  case weights(String)
  /// A place in the residual stream of the forward pass.
  case activations(ActivationSite)
  /// What the head gives: logits, or scores.
  case logits
  /// Finite logits, but their loss is not.
  case loss
  /// The gradient of a trained tensor; the loss is finite.
  case gradient(String)
  /// Finite gradients whose norm is not.
  case gradientNorm

  package var description: String {
    switch self {
    case .weights(let name): "the weights \(name)"
    case .activations(let site): "the activations \(site)"
    case .logits: "the logits"
    case .loss: "the loss"
    case .gradient(let name): "the gradient of \(name)"
    case .gradientNorm: "the norm of the gradient"
    }
  }
}

extension GradientLanes {
  /// Looks for where a step ceased to be finite, in the order in which it was computed: weights, forward
  /// pass, loss, gradients from the head back. Costs a forward pass; called for a failed step only, with
  /// the values still those before the step.
  ///
  /// - Parameter inputs: what was read of the batch, with the number of each sequence in it.
  func divergence(
    loss: Double, inputs: [(member: Int, tokens: ArraySlice<Int32>)], _ segments: Segments?
  ) -> Divergence {
    func first(
      _ tensors: [ModelConfiguration.NamedTensor], in values: UnsafePointer<Float>
    ) -> String? {
      tensors.first { !Self.isFinite(values + $0.offset, $0.count) }?.name
    }
    if let name = first(tensors, in: values.pointer) { return .weights(name) }
    if !loss.isFinite { return forwardDivergence(of: inputs, segments) ?? .loss }
    // The order of the tensors is that of the forward pass.
    return first(tensors.reversed(), in: gradient).map { .gradient($0) } ?? .gradientNorm
  }

  private func forwardDivergence(
    of inputs: [(member: Int, tokens: ArraySlice<Int32>)], _ segments: Segments?
  ) -> Divergence? {
    var found: Divergence?
    // One thread and small groups: the first sequence at fault decides, the same one every time.
    InferenceGroups(
      configuration, head, parameters: values.array, engine: engine, threads: 1,
      size: Self.shardSize, count: inputs.count
    )
    .run(inputs.indices) { range, tape, decoder in
      guard found == nil else { return }
      var packed = PackedSequences()
      for input in inputs[range] {
        packed.append(input.tokens, member: input.member, segments: segments)
      }
      let x = decoder.residualStream(packed, on: tape) { site, x in
        if found == nil, !Self.isFinite(x.data, x.count) { found = .activations(site) }
      }
      guard found == nil else { return }
      let logits = decoder.logits(x, on: tape)
      if !Self.isFinite(logits.data, logits.count) { found = .logits }
    }
    return found
  }

  private static func isFinite(_ values: UnsafePointer<Float>, _ count: Int) -> Bool {
    UnsafeBufferPointer(start: values, count: count).allSatisfy(\.isFinite)
  }
}
