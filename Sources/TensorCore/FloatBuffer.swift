#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A fixed number of floats, aligned to 64 bytes.
package final class FloatBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  /// - Parameter cleared: whether they begin as 0, or as whatever the memory held.
  package init(count: Int, cleared: Bool = true) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    if cleared { clear() }
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  package func clear() { memset(pointer, 0, count * 4) }

  /// Copies of the floats, out and in.
  package var array: [Float] {
    get { Array(UnsafeBufferPointer(start: pointer, count: count)) }
    set {
      precondition(newValue.count == count, "a buffer of \(count) floats, not \(newValue.count)")
      newValue.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress!, count: count) }
    }
  }
}
