import CKernels

/// Keys and values of positions already seen, for sampling one position at a time.
///
/// Keys lie in blocks of sixteen positions, [sequence][head][block][head width][16], so that a query meets
/// sixteen of them at once; values [sequence][capacity][d]. Not for two threads at a time.
package final class KeyValueCache {
  package let sequences: Int
  package let layers: Int
  package let heads: Int
  package let headWidth: Int
  /// Positions, rounded up to a multiple of 16.
  package let capacity: Int
  private let keys: [FloatBuffer]
  private let values: [FloatBuffer]

  package init(sequences: Int, layers: Int, heads: Int, headWidth: Int, capacity: Int) {
    self.sequences = sequences
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
    self.capacity = (capacity + 15) / 16 * 16
    let size = sequences * heads * headWidth * self.capacity
    // Scores against keys not stored yet are computed with the rest of a vector and thrown away.
    keys = (0..<layers).map { _ in FloatBuffer(count: size, cleared: false) }
    values = (0..<layers).map { _ in FloatBuffer(count: size, cleared: false) }
  }

  private var width: Int { heads * headWidth }

  /// Remembers the key and value of one position out of a row of qkv[3 d].
  package func store(
    _ qkv: UnsafePointer<Float>, layer: Int, sequence: Int, position: Int
  ) {
    precondition(position < capacity && sequence < sequences, "the cache is smaller than that")
    let base = sequence * width * capacity
    for head in 0..<heads {
      let block = (head * capacity + position / 16 * 16) * headWidth + position % 16
      let key = qkv + width + head * headWidth
      let slots = keys[layer].pointer + base + block
      for column in 0..<headWidth { slots[column * 16] = key[column] }
    }
    (values[layer].pointer + base + position * width).update(from: qkv + 2 * width, count: width)
  }

  func keys(layer: Int, sequence: Int) -> UnsafePointer<Float> {
    .init(keys[layer].pointer + sequence * width * capacity)
  }

  func values(layer: Int, sequence: Int) -> UnsafePointer<Float> {
    .init(values[layer].pointer + sequence * width * capacity)
  }
}

extension Tape {
  /// One new position per row: row r of qkv[rows, 3 d] is position `positions[r]` of cached sequence
  /// `sequences[r]`. Stores its key and value, then attends over everything so far: [rows, d].
  ///
  /// - Parameter visible: for each row what it sees of its sequence; empty = everything.
  package func attention(
    _ qkv: Tensor, cache: KeyValueCache, layer: Int, sequences: [Int], positions: [Int],
    visible: [VisibleKeys] = []
  ) -> Tensor {
    precondition(!isRecording, "a cache is for sampling: there is no way back through it")
    let width = cache.heads * cache.headWidth
    precondition(qkv.columns == 3 * width && sequences.count == qkv.rows)
    precondition(visible.isEmpty || visible.count == qkv.rows, "visible keys for each row")
    let y = tensor(qkv.rows, width)
    let scratch = arena.floats(cache.heads * cache.capacity)
    for row in 0..<qkv.rows {
      let source = qkv.data + row * 3 * width
      cache.store(source, layer: layer, sequence: sequences[row], position: positions[row])
      engine.kernels.pointee.attention_cached(
        positions[row] + 1, cache.capacity, cache.heads, cache.headWidth, source,
        cache.keys(layer: layer, sequence: sequences[row]),
        cache.values(layer: layer, sequence: sequences[row]),
        visible.isEmpty ? nil : lanes(of: visible[row], covering: positions[row] + 1),
        y.data + row * width, scratch)
    }
    return y
  }

  private func lanes(of keys: VisibleKeys, covering positions: Int) -> [Int32] {
    precondition(keys.lanes.count == (positions + 15) / 16 * 16, "a row for that position")
    return keys.lanes
  }
}
