import Glibc

/// A lock of the kernel's on a file: it goes with its owner, however the owner dies, so that nothing is
/// ever guessed from time stamps or process ids.
package final class FileLock: Sendable {
  package enum Kind { case shared, exclusive }

  private let descriptor: Int32
  let path: String

  /// Opens the lock file, and makes it if there is none.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DurableFile.failure(path, "open the lock") }
  }

  /// Opens a lock file, or a folder, that is there; nil when there is none.
  package init?(existing path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw DurableFile.failure(path, "open the lock")
    }
  }

  deinit { close(descriptor) }

  /// - Returns: whether the lock is held; false only when not waiting.
  @discardableResult
  package func lock(_ kind: Kind, waiting: Bool = true) throws -> Bool {
    let operation = (kind == .shared ? LOCK_SH : LOCK_EX) | (waiting ? 0 : LOCK_NB)
    while flock(descriptor, operation) != 0 {
      if errno == EINTR { continue }
      if errno == EWOULDBLOCK { return false }
      throw DurableFile.failure(path, "lock")
    }
    return true
  }

  package func unlock() { flock(descriptor, LOCK_UN) }

  /// Whether the file that is locked is still the one at its path: who removes a lock file does so while
  /// holding it, so a lock got on a removed file counts for nothing.
  package var isCurrent: Bool {
    var mine = stat()
    var there = stat()
    return fstat(descriptor, &mine) == 0 && stat(path, &there) == 0
      && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
  }

  /// Waits for the exclusive lock on a file that its last holder removes.
  static func exclusive(_ path: String) throws -> FileLock {
    while true {
      let lock = try FileLock(path)
      try lock.lock(.exclusive)
      if lock.isCurrent { return lock }
    }
  }

  /// Removes the file while it is held, then lets go.
  func remove() {
    unlink(path)
    unlock()
  }
}
