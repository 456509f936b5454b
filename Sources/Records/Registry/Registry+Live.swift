import Determinism
import Glibc

/// The lines of a live run until it is recorded: `live/<run id>.jsonl`, appended to by the one process that
/// holds its lock. Whoever dies leaves what was written; whoever continues begins after it.
package final class LiveSpool {
  /// What is on file. Half a line at the end, cut off by a kill, is gone.
  package let earlier: SpoolFile
  private let path: String
  private let lock: FileLock
  private let descriptor: Int32
  /// Bytes written.
  private var size: Int
  /// Of these, bytes that the disk was asked to begin with.
  private var begun: Int
  private static let stretch = 2 << 20

  fileprivate init(run: Digest, path: String, lock: FileLock) throws {
    self.path = path
    self.lock = lock
    let isNew = Path.kind(of: path) == .missing
    earlier = try SpoolFile(run: run, path: path, isFollowed: true)
    size = earlier.size
    begun = size
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DurableFile.failure(path, "open the live run") }
    if let found = Path.size(of: path), found > size, ftruncate(descriptor, size) != 0 {
      throw DurableFile.failure(path, "cut off half a line")
    }
    if isNew { try DurableFile.synchronize(folder: Path.parent(of: path)) }
  }

  deinit {
    close(descriptor)
    lock.unlock()
  }

  /// Appends whole lines. They outlive this process from now on, and the machine once they are
  /// synchronised; the disk begins with them before that.
  package func append(_ lines: UnsafeRawBufferPointer) throws {
    guard DurableFile.writeAll(lines, to: descriptor) else {
      throw DurableFile.failure(path, "write the live run")
    }
    size += lines.count
    // "Not needed any more" makes the kernel begin to write what is not written yet, without waiting.
    guard size - begun >= Self.stretch else { return }
    _ = posix_fadvise(descriptor, off_t(begun), off_t(size - begun), POSIX_FADV_DONTNEED)
    begun = size
  }

  /// Makes what was appended durable.
  package func synchronize() throws {
    guard fdatasync(descriptor) == 0 else {
      throw DurableFile.failure(path, "make the live run durable")
    }
  }

  /// When the run is recorded.
  package func remove() throws {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw DurableFile.failure(path, "remove the live run, which is recorded")
    }
    try DurableFile.synchronize(folder: Path.parent(of: path))
    lock.remove()
  }
}

/// The spool of a live run, as it is read.
package struct SpoolFile: Sendable {
  package let run: Digest
  /// Whether some process follows the run.
  package let isFollowed: Bool
  /// Bytes of its whole lines.
  package let size: Int
  /// When it was last written to: seconds since 1970.
  package let written: Int
  let path: String

  /// - Throws: `RegistryError` where there is something that cannot be read; of nothing, no bytes.
  init(run: Digest, path: String, isFollowed: Bool) throws {
    self.run = run
    self.path = path
    self.isFollowed = isFollowed
    (size, written) =
      try Self.reading(path) { descriptor, status in
        (
          try Self.wholeLines(Int(status.st_size), descriptor, path), Int(status.st_mtim.tv_sec)
        )
      } ?? (0, 0)
  }

  /// Its whole lines in pieces, which end where they end.
  package func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try Self.reading(path) { descriptor, _ in
      try withUnsafeTemporaryAllocation(byteCount: Self.piece, alignment: 16) { buffer in
        var done = 0
        while done < size {
          let count = pread(
            descriptor, buffer.baseAddress, min(Self.piece, size - done), off_t(done))
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { throw DurableFile.failure(path, "read the live run") }
          try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
          done += count
        }
      }
    }
  }

  private static let piece = 1 << 18

  /// - Returns: nil when there is no such file.
  @discardableResult
  private static func reading<Result>(
    _ path: String, _ body: (Int32, stat) throws -> Result
  ) throws -> Result? {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      if errno == ELOOP {
        throw RegistryError.damaged(path: path, what: "a symbolic link, which is not followed")
      }
      throw DurableFile.failure(path, "open the live run")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw RegistryError.damaged(path: path, what: "not a regular file")
    }
    return try body(descriptor, status)
  }

  /// Bytes up to the last newline.
  private static func wholeLines(_ size: Int, _ descriptor: Int32, _ path: String) throws -> Int {
    try withUnsafeTemporaryAllocation(byteCount: piece, alignment: 16) { buffer in
      var end = size
      while end > 0 {
        let start = max(0, end - piece)
        let count = pread(descriptor, buffer.baseAddress, end - start, off_t(start))
        if count < 0, errno == EINTR { continue }
        guard count == end - start else { throw DurableFile.failure(path, "read the live run") }
        if let last = buffer[..<count].lastIndex(of: 0x0A) { return start + last + 1 }
        end = start
      }
      return 0
    }
  }
}

extension Registry {
  /// Takes the spool of a live run; the kernel gives it back when its owner dies.
  ///
  /// - Throws: `RegistryError.followed` while another process has it.
  package func spool(for run: Digest) throws -> LiveSpool {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    try DurableFile.makeFolder("\(path)/live")
    // Somebody who only asks whether it is taken holds the lock for a moment.
    for _ in 0..<40 {
      let lock = try FileLock(liveLock(run))
      if try lock.lock(.exclusive, waiting: false), lock.isCurrent {
        return try LiveSpool(run: run, path: "\(path)/live/\(run.hex).jsonl", lock: lock)
      }
      usleep(5000)
    }
    throw RegistryError.followed(run: run)
  }

  /// Where points of live runs are put aside; nil where nothing may be written.
  package var scratch: String? { access == .readOnly ? nil : "\(path)/live" }

  /// The spool of every live run that is not recorded yet, by run id.
  package func spools() throws -> [SpoolFile] {
    try Path.names(in: "\(path)/live").compactMap { name in
      let stem = String(decoding: Array(name.utf8.prefix(64)), as: UTF8.self)
      guard let run = Digest(hex: stem), name.utf8.elementsEqual("\(stem).jsonl".utf8) else {
        return nil
      }
      return try SpoolFile(
        run: run, path: "\(path)/live/\(name)", isFollowed: try isFollowed(run))
    }
  }

  private func isFollowed(_ run: Digest) throws -> Bool {
    guard let lock = try FileLock(existing: liveLock(run)) else { return false }
    guard try lock.lock(.exclusive, waiting: false) else { return true }
    lock.unlock()
    return false
  }

  private func liveLock(_ run: Digest) -> String { "\(path)/locks/\(run.hex).live" }
}
