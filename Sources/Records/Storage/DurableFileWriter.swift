import Determinism
import Glibc

/// A file that gets its name when it is whole and durable: write, fsync, link, fsync of the folder. One that is
/// given up, whose writing fails or whose writer dies leaves nothing behind.
///
/// Until then it has no name at all where the file system can do that, else a temporary one, which outlives a
/// kill. After a failed fsync nothing is tried again: the kernel may have dropped the pages.
package final class DurableFileWriter {
  /// The name that it has meanwhile, if it has one.
  private let temporary: String?
  /// What errors name.
  private let path: String
  /// Negative when closed.
  private var descriptor: Int32
  /// What went wrong: such a file can only be given up.
  private var failure: RegistryError?

  /// - Parameters:
  ///   - folder: where the file is written; on the file system of its final place.
  ///   - path: for errors.
  /// - Throws: `RegistryError.storage` or `.notPermitted`, as all of it does.
  package init(in folder: String, for path: String) throws {
    self.path = path
    if let nameless = Self.nameless(in: folder) {
      temporary = nil
      descriptor = nameless
      return
    }
    let name = DurableFile.temporaryPath(in: folder)
    temporary = name
    descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DurableFile.failure(path, "create the file") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if let temporary { unlink(temporary) }
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
    guard temporary.map({ rename($0, path) == 0 }) ?? link(to: path) else {
      throw fail("put the file in its place")
    }
    close(descriptor)
    descriptor = -1
    try DurableFile.synchronize(folder: Path.parent(of: path))
  }

  private func fail(_ operation: String) -> RegistryError {
    let error = DurableFile.failure(path, operation)
    failure = error
    return error
  }
}

// Files without a name: `O_TMPFILE`, which not every file system has.
extension DurableFileWriter {
  /// The C library's macro is not in its Swift module.
  private static let withoutName: Int32 = 0o20_000_000 | O_DIRECTORY

  /// Through its descriptor such a file gets its name.
  private static let descriptors = "/proc/self/fd"
  private static let hasDescriptors = access(descriptors, X_OK) == 0

  private static func nameless(in folder: String) -> Int32? {
    guard hasDescriptors else { return nil }
    let descriptor = open(folder, O_WRONLY | withoutName | O_CLOEXEC, 0o600)
    return descriptor < 0 ? nil : descriptor
  }

  /// Gives it its name; false with `errno` where that fails.
  private func link(to path: String) -> Bool {
    if name(path) { return true }
    guard errno == EEXIST else { return false }
    // A name is replaced by renaming alone. Always from the same one: whoever does it again after a kill leaves none.
    let step =
      "\(Path.parent(of: path))/\(DurableFile.temporaryPrefix)\(Digest(of: Array(path.utf8)).short)"
    while true {
      unlink(step)
      guard name(step) else {
        if errno == EEXIST { continue }
        return false
      }
      if rename(step, path) == 0 { return true }
      // Somebody else replaces it, too, and took our step for one that was left.
      if errno == ENOENT { continue }
      let code = errno
      unlink(step)
      errno = code
      return false
    }
  }

  private func name(_ path: String) -> Bool {
    linkat(AT_FDCWD, "\(Self.descriptors)/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
  }
}
