import Glibc

/// A file that grows under a temporary name and gets its own when it is whole and durable: write, fsync,
/// rename, fsync of the folder. One that is given up, or whose writing fails, leaves nothing behind.
///
/// After a failed fsync nothing is tried again: the kernel may have dropped the pages.
package final class DurableFileWriter {
  private let temporary: String
  /// What errors name.
  private let path: String
  /// Negative when closed.
  private var descriptor: Int32
  /// What went wrong: such a file can only be given up.
  private var failure: RegistryError?

  /// - Parameters:
  ///   - folder: where the temporary file lies; on the file system of its final place.
  ///   - path: for errors.
  /// - Throws: `RegistryError.storage` or `.notPermitted`, as all of it does.
  package init(in folder: String, for path: String) throws {
    self.path = path
    temporary = DurableFile.temporaryPath(in: folder)
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DurableFile.failure(path, "create the file") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  /// Appends. After an error every further call throws it again.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    precondition(descriptor >= 0, "a file under way")
    if let failure { throw failure }
    guard DurableFile.writeAll(bytes, to: descriptor) else { throw fail("write") }
  }

  /// Makes it durable under a name, in place of what had it.
  package func commit(to path: String, mode: mode_t) throws {
    precondition(descriptor >= 0, "a file under way")
    if let failure { throw failure }
    guard fchmod(descriptor, mode) == 0 else { throw fail("set the file's mode") }
    guard fsync(descriptor) == 0 else { throw fail("make the file durable") }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, rename(temporary, path) == 0 else {
      let error = DurableFile.failure(path, "put the file in its place")
      unlink(temporary)
      throw error
    }
    try DurableFile.synchronize(folder: Path.parent(of: path))
  }

  private func fail(_ operation: String) -> RegistryError {
    let error = DurableFile.failure(path, operation)
    failure = error
    return error
  }
}
