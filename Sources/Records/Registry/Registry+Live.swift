import Determinism
import Glibc

/// The lines of a live run until it is recorded: `live/<run id>.jsonl`, appended to by the one process that
/// holds its lock. Whoever dies leaves what was synchronised; whoever continues begins after it.
package final class LiveSpool {
  /// The whole lines that were there. Half a line at the end, cut off by a kill, is gone.
  package let earlier: [UInt8]
  private let path: String
  private let lock: FileLock
  private let descriptor: Int32

  fileprivate init(path: String, lock: FileLock) throws {
    self.path = path
    self.lock = lock
    let bytes = try DurableFile.read(path) ?? []
    earlier = Array(Self.wholeLines(bytes))
    let isNew = Path.kind(of: path) == .missing
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DurableFile.failure(path, "open the live run") }
    if earlier.count < bytes.count, ftruncate(descriptor, earlier.count) != 0 {
      throw DurableFile.failure(path, "cut off half a line")
    }
    if isNew { try DurableFile.synchronize(folder: Path.parent(of: path)) }
  }

  deinit {
    close(descriptor)
    lock.unlock()
  }

  /// Appends whole lines and makes them durable.
  package func append(_ lines: [UInt8]) throws {
    guard lines.withUnsafeBytes({ DurableFile.writeAll($0, to: descriptor) }) else {
      throw DurableFile.failure(path, "write the live run")
    }
    guard fdatasync(descriptor) == 0 else {
      throw DurableFile.failure(path, "make the live run durable")
    }
  }

  /// When the run is recorded.
  package func remove() throws {
    unlink(path)
    try DurableFile.synchronize(folder: Path.parent(of: path))
    lock.remove()
  }

  static func wholeLines(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes[..<(bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)]
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
        return try LiveSpool(path: "\(path)/live/\(run.hex).jsonl", lock: lock)
      }
      usleep(5000)
    }
    throw RegistryError.followed(run: run)
  }

  /// The lines of every live run that is not recorded yet, by run id, and whether somebody follows it.
  package func spools() throws -> [(run: Digest, lines: [UInt8], isFollowed: Bool)] {
    try Path.names(in: "\(path)/live").compactMap { name in
      let stem = name.utf8.prefix(64)
      guard let run = Digest(hex: String(decoding: Array(stem), as: UTF8.self)),
        let bytes = try DurableFile.read("\(path)/live/\(name)")
      else { return nil }
      let lines = Array(LiveSpool.wholeLines(bytes))
      return (run: run, lines: lines, isFollowed: try isFollowed(run))
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
