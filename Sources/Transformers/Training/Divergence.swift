/// The first number of a training step that was not finite (NaN or infinite), by the tensor it is in.
package enum Divergence: Hashable, Sendable, CustomStringConvertible {
  /// A trained tensor, before the step: the model came in that way.
  case weights(String)
  /// A place in the residual stream of the forward pass.
  case activations(ActivationSite)
  case logits
  /// Finite logits, but their cross-entropy is not.
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

extension Trainer {
  /// Looks for where a step ceased to be finite, in the order in which it was computed: weights, forward
  /// pass, loss, gradients from the unembedding back. Costs a forward pass; called for a failed step only.
  ///
  /// - Parameter gradient: of the batch, flat as the parameters, which are still those before the step.
  func divergence(
    of batch: TokenBatch, loss: Double, gradient: UnsafePointer<Float>
  ) -> Divergence {
    func first(
      _ tensors: [ModelConfiguration.NamedTensor], in values: UnsafePointer<Float>
    ) -> String? {
      tensors.first { !Self.isFinite(values + $0.offset, $0.count) }?.name
    }
    if let name = first(configuration.tensors, in: parameters.pointer) { return .weights(name) }
    if !loss.isFinite { return forwardDivergence(of: batch) ?? .loss }
    // The order of the tensors is that of the forward pass.
    return first(configuration.tensors.reversed(), in: gradient).map { .gradient($0) }
      ?? .gradientNorm
  }

  private func forwardDivergence(of batch: TokenBatch) -> Divergence? {
    let model = self.model
    var found: Divergence?
    let sequences = batch.sequences.indices.compactMap { index in
      batch.weights[index].lastIndex { $0 != 0 }.flatMap { last in
        last > 0 ? Array(batch.sequences[index][..<last]) : nil
      }
    }
    // One thread and small groups: the first sequence at fault decides, the same one every time.
    InferenceGroups(
      model, engine: engine, threads: 1, size: Self.shardSize, count: sequences.count
    )
    .run(sequences.indices) { range, tape, decoder in
      guard found == nil else { return }
      var packed = PackedSequences()
      for index in range { packed.append(sequences[index], member: index) }
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
