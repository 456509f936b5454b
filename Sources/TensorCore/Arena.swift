/// Memory for one tape: allocation is an addition, release is all at once.
///
/// Contents are not cleared. Not for two threads at a time.
package final class Arena {
  private var chunks: [FloatBuffer] = []
  private var current = 0
  private var used = 0
  private let chunkSize: Int

  /// - Parameter chunkSize: floats per chunk; a larger request gets a chunk of its own.
  package init(chunkSize: Int = 1 << 20) { self.chunkSize = chunkSize }

  /// Held at present.
  package var bytes: Int { chunks.reduce(0) { $0 + 4 * $1.count } }

  /// Uninitialised floats, aligned to 64 bytes, valid until `reset`.
  package func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    let size = (count + 15) / 16 * 16
    while current < chunks.count {
      if used + size <= chunks[current].count {
        defer { used += size }
        return chunks[current].pointer + used
      }
      current += 1
      used = 0
    }
    chunks.append(FloatBuffer(count: max(size, chunkSize), cleared: false))
    used = size
    return chunks[current].pointer
  }

  /// Forgets every allocation; the memory is kept for the next tape.
  package func reset() {
    current = 0
    used = 0
  }
}
