import TensorCore

/// The forward pass, written once: training, inference and sampling differ in the tape and in `attend`.
struct Decoder {
  struct Block {
    let norm1: (gain: Parameter, shift: Parameter)
    let qkv: (weight: Parameter, bias: Parameter)
    let attentionOut: (weight: Parameter, bias: Parameter)
    let norm2: (gain: Parameter, shift: Parameter)
    let mlpIn: (weight: Parameter, bias: Parameter)
    let mlpOut: (weight: Parameter, bias: Parameter)
  }

  let configuration: ModelConfiguration
  let tokenTable: Parameter
  let positionTable: Parameter
  let blocks: [Block]
  let finalNorm: (gain: Parameter, shift: Parameter)
  let head: Parameter
  let headBias: Parameter?
  private let interventions: [Intervention]
  /// Of every tensor when training, else empty.
  private let gradients: [Gradient]

  /// Views into flat parameters, their panels and, when training, flat gradients of the same layout.
  init(
    _ configuration: ModelConfiguration, _ head: Head, parameters: UnsafePointer<Float>,
    panels: PackedWeights, gradient: UnsafeMutablePointer<Float>? = nil,
    interventions: [Intervention] = []
  ) {
    self.configuration = configuration
    self.interventions = interventions
    var gradients: [Gradient] = []
    var views: ArraySlice<Parameter> = []
    for (index, tensor) in configuration.tensors(head).enumerated() {
      let sum = gradient.map { Gradient($0 + tensor.offset, count: tensor.count, isZero: true) }
      if let sum { gradients.append(sum) }
      views.append(
        Parameter(
          value: parameters + tensor.offset, gradient: sum,
          rows: tensor.isMatrix ? tensor.shape[0] : 1, columns: tensor.shape.last!,
          panels: panels[index]))
    }
    self.gradients = gradients
    func one() -> Parameter { views.removeFirst() }
    func pair() -> (Parameter, Parameter) { (one(), one()) }
    tokenTable = one()
    positionTable = one()
    blocks = (0..<configuration.layers).map { _ in
      Block(
        norm1: pair(), qkv: pair(), attentionOut: pair(), norm2: pair(), mlpIn: pair(),
        mlpOut: pair())
    }
    finalNorm = pair()
    self.head = one()
    headBias = head == .score ? one() : nil
  }

  /// Gradients back to zero, before the first shard of a batch.
  func resetGradients() { for gradient in gradients { gradient.reset() } }

  /// Zeros where no shard left a gradient, after the last one.
  func settleGradients() { for gradient in gradients { _ = gradient.settled() } }

  /// The residual stream [rows, d] after the first `depth` blocks.
  func residualStream(
    _ packed: PackedSequences, on tape: Tape, depth: Int,
    capture: (ActivationSite, Tensor) -> Void = { _, _ in },
    attend: (Int, Tensor) -> Tensor
  ) -> Tensor {
    // A tap on the residual stream: what is changed there is seen by whoever looks and by all that follows.
    func tap(_ site: ActivationSite, _ x: Tensor) {
      for change in interventions where change.site == site {
        change.apply(to: x, packed, on: tape)
      }
      capture(site, x)
    }
    var x = tape.embed(
      tokens: packed.tokens, positions: packed.positions, tokenTable: tokenTable,
      positionTable: positionTable)
    for (layer, block) in blocks.prefix(depth).enumerated() {
      tap(.residualPre(layer), x)
      let normal1 = tape.layerNorm(x, gain: block.norm1.gain, shift: block.norm1.shift)
      let qkv = tape.linear(normal1, block.qkv.weight, bias: block.qkv.bias)
      let mid = tape.linear(
        attend(layer, qkv), block.attentionOut.weight, bias: block.attentionOut.bias, residual: x)
      tap(.residualMid(layer), mid)
      let normal2 = tape.layerNorm(mid, gain: block.norm2.gain, shift: block.norm2.shift)
      let hidden = tape.gelu(tape.linear(normal2, block.mlpIn.weight, bias: block.mlpIn.bias))
      x = tape.linear(hidden, block.mlpOut.weight, bias: block.mlpOut.bias, residual: mid)
      tap(.residualPost(layer), x)
    }
    return x
  }

  /// The same with attention of each sequence over itself, as far as its segments let it see.
  func residualStream(
    _ packed: PackedSequences, on tape: Tape, depth: Int? = nil,
    capture: (ActivationSite, Tensor) -> Void = { _, _ in }
  ) -> Tensor {
    residualStream(packed, on: tape, depth: depth ?? configuration.layers, capture: capture) {
      tape.attention(
        $1, lengths: packed.lengths, heads: configuration.heads, mask: packed.mask)
    }
  }

  /// What the head reads in rows of the residual stream: logits [rows, vocabulary], or scores [rows, 1].
  func logits(_ x: Tensor, on tape: Tape) -> Tensor {
    let normal = tape.layerNorm(x, gain: finalNorm.gain, shift: finalNorm.shift)
    return tape.linear(normal, head, bias: headBias, layout: .outputsByInputs)
  }
}

/// Sequences of any lengths, one after another without padding.
struct PackedSequences {
  private(set) var tokens: [Int32] = []
  private(set) var positions: [Int32] = []
  private(set) var lengths: [Int] = []
  /// The row at which each sequence begins.
  private(set) var starts: [Int] = []
  /// Which of the caller's sequences each one is.
  private(set) var members: [Int] = []
  private var visible: [VisibleKeys] = []

  init() {}

  var mask: AttentionMask { visible.isEmpty ? .causal : .visible(visible) }

  /// - Parameters:
  ///   - sequence: the caller's sequence of that number, or the beginning of it.
  ///   - segments: of all of the caller's sequences, or of none.
  mutating func append(
    _ sequence: some Collection<Int32>, member: Int, segments: Segments? = nil
  ) {
    if let segments {
      visible.append(
        VisibleKeys(segments.classes[member].prefix(sequence.count), segments.visibility))
    }
    members.append(member)
    starts.append(tokens.count)
    lengths.append(sequence.count)
    tokens.append(contentsOf: sequence)
    positions.append(contentsOf: (0..<sequence.count).map { Int32($0) })
  }

  /// One row each: tokens at given positions of different sequences, for cached attention.
  init(tokens: [Int32], positions: [Int], members: [Int]) {
    self.tokens = tokens
    self.members = members
    self.positions = positions.map { Int32($0) }
    lengths = tokens.map { _ in 1 }
    starts = Array(tokens.indices)
  }
}
