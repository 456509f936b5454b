import Glibc

/// Bytes that are put aside for a while: in a file that has no name any more and goes with its process.
package final class ScratchFile {
  private let descriptor: Int32
  /// What errors name.
  private let folder: String
  /// Bytes written.
  private var size = 0

  /// - Parameter folder: on the file system that has room for it; made if it is missing.
  /// - Throws: `RegistryError`, as all of it does.
  package init(in folder: String) throws {
    self.folder = folder
    try DurableFile.makeFolder(folder)
    let path = DurableFile.temporaryPath(in: folder)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DurableFile.failure(folder, "create a temporary file") }
    unlink(path)
  }

  deinit { close(descriptor) }

  /// - Returns: where they begin.
  package func append(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    guard DurableFile.writeAll(bytes, to: descriptor) else {
      throw DurableFile.failure(folder, "write a temporary file")
    }
    defer { size += bytes.count }
    return size
  }

  /// Fills the buffer with what was written from a place on.
  package func read(from place: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(place + buffer.count <= size, "bytes that were written")
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(place + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw DurableFile.failure(folder, "read a temporary file") }
      done += count
    }
  }
}
