import Glibc

/// How this process gets its memory from the system.
enum Allocator {
  /// Bytes from which an array is a mapping of its own, which goes back to the system with the array.
  private static let ownMapping: CInt = 256 << 10
  // As <malloc.h> has them: the toolchain's map of glibc leaves that header out.
  private static let (trimThreshold, mmapThreshold): (CInt, CInt) = (-1, -3)

  /// Sizes the heap by what is alive, not by what has been: glibc would raise its threshold with each large
  /// array that is freed, and then keep holes of up to 32 MiB, as many as threads happen to leave. What a
  /// plan takes (`PlanMemory`) can be bounded only without that.
  static func configure() {
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
    _ = mallopt(mmapThreshold, ownMapping)
    _ = mallopt(trimThreshold, ownMapping)
  }
}
