#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the gradient of one parameter adds up: zero until something was added, whatever the memory holds.
///
/// The first product of a batch then starts from nothing instead of from zeros that would first have to be
/// written and read. Not for two threads at a time.
package final class Gradient {
  private let pointer: UnsafeMutablePointer<Float>
  private let count: Int
  private var isZero: Bool

  /// - Parameter isZero: whether what the memory holds now is to be forgotten.
  package init(_ pointer: UnsafeMutablePointer<Float>, count: Int, isZero: Bool) {
    self.pointer = pointer
    self.count = count
    self.isZero = isZero
  }

  /// Back to zero.
  package func reset() { isZero = true }

  /// Memory that holds the gradient, for who adds to it or reads it.
  package func settled() -> UnsafeMutablePointer<Float> {
    if isZero { memset(pointer, 0, count * MemoryLayout<Float>.stride) }
    isZero = false
    return pointer
  }

  /// For who writes `start` plus something to every element.
  func accumulation() -> (start: UnsafePointer<Float>?, into: UnsafeMutablePointer<Float>) {
    defer { isZero = false }
    return (isZero ? nil : .init(pointer), pointer)
  }
}
