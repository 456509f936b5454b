import CKernels

/// What a query may look at.
package enum AttentionMask: Sendable {
  /// Each position sees itself and those before it.
  case causal
  /// Itself and some of those before it: by sequence. A score that is not seen is −∞ before the softmax.
  case visible([VisibleKeys])
}

extension Tape {
  /// Attention of each sequence over itself: qkv[rows, 3 d] → [rows, d], where `lengths` cut the rows into
  /// sequences. Query, key and value are column blocks of qkv; heads are column blocks of those.
  package func attention(
    _ qkv: Tensor, lengths: [Int], heads: Int, mask: AttentionMask = .causal
  ) -> Tensor {
    let width = qkv.columns / 3
    precondition(qkv.columns == 3 * width && width.isMultiple(of: heads), "3 × heads × head width")
    precondition(lengths.reduce(0, +) == qkv.rows, "lengths that add up to the rows")
    var visible: [VisibleKeys] = []
    if case .visible(let keys) = mask {
      precondition(keys.map(\.length) == lengths, "visible keys for each position")
      visible = keys
    }
    let headWidth = width / heads
    let y = tensor(qkv.rows, width)
    let longest = lengths.max() ?? 0
    let scratch = arena.floats(dm_attention_scratch(longest, headWidth))
    // Kept for the way back; without one, a single buffer serves every sequence.
    let shared = isRecording ? nil : arena.floats(heads * Self.squareSize(longest))
    var probabilities: [UnsafeMutablePointer<Float>] = []
    var row = 0
    for (sequence, length) in lengths.enumerated() {
      let p = shared ?? arena.floats(heads * Self.squareSize(length))
      if isRecording { probabilities.append(p) }
      engine.kernels.pointee.attention(
        length, heads, headWidth, qkv.data + row * 3 * width,
        visible.isEmpty ? nil : visible[sequence].lanes, y.data + row * width, p, scratch)
      row += length
    }
    // Probabilities that are 0 are all that the way back needs to know of the mask.
    record { [self] in
      guard let dy = y.gradient else { return }
      precondition(qkv.gradient == nil, "attention is the only reader of its qkv")
      let dqkv = arena.floats(qkv.count)
      var row = 0
      for (length, p) in zip(lengths, probabilities) {
        engine.kernels.pointee.attention_backward(
          length, heads, headWidth, qkv.data + row * 3 * width, p, dy + row * width,
          dqkv + row * 3 * width, scratch)
        row += length
      }
      qkv.gradient = dqkv
    }
    return y
  }

  /// Floats of one head's probabilities: n rows, each padded to a multiple of 16.
  private static func squareSize(_ n: Int) -> Int { n * ((n + 15) / 16 * 16) }
}
