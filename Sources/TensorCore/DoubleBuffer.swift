#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A fixed number of doubles, aligned to 64 bytes; they begin as 0.
package final class DoubleBuffer: @unchecked Sendable {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Double>

  package init(count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 8, alignment: 64)
    pointer = raw.bindMemory(to: Double.self, capacity: max(count, 1))
    clear()
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  package func clear() { memset(pointer, 0, count * 8) }
}
