import Glibc

extension DurableFile {
  private typealias Renameat2 =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32

  /// Exchanges what two names stand for, in one step: at any time each of them is there.
  ///
  /// - Returns: false where the file system cannot, or a name is missing; nothing is changed then.
  /// - Throws: `RegistryError` for any other refusal.
  package static func exchange(_ one: String, _ other: String) throws -> Bool {
    // The C library has it, its Swift module does not.
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    let exchange: UInt32 = 2
    if unsafeBitCast(symbol, to: Renameat2.self)(AT_FDCWD, one, AT_FDCWD, other, exchange) == 0 {
      return true
    }
    if errno == EINVAL || errno == ENOSYS || errno == ENOENT { return false }
    throw failure(other, "put the new one in its place")
  }
}
