import Glibc

/// Files that are there, whole, after a power cut, or not there at all.
package enum DurableFile {
  /// Writes through a temporary file in the same folder (`DurableFileWriter`).
  ///
  /// - Throws: `RegistryError.storage` or `.notPermitted`; no file is left behind.
  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
    let writer = try DurableFileWriter(in: Path.parent(of: path), for: path)
    try bytes.withUnsafeBytes(writer.write)
    try writer.commit(to: path, mode: mode)
  }

  /// What temporary files begin with, so that a check can tell them from objects.
  static let temporaryPrefix = ".tmp-"

  static func temporaryPath(in folder: String) -> String {
    "\(folder)/\(temporaryPrefix)\(getpid())-\(UInt64.random(in: .min ... .max))"
  }

  /// The whole of a regular file; links are not followed. nil when there is none.
  /// - Throws: `RegistryError`, also for anything that is no regular file or longer than the limit.
  package static func read(_ path: String, atMost limit: Int = .max) throws -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      if errno == ELOOP {
        throw RegistryError.damaged(path: path, what: "a symbolic link, which is not followed")
      }
      throw failure(path, "open the file")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "examine the file") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RegistryError.damaged(path: path, what: "not a regular file")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw RegistryError.damaged(path: path, what: "\(size) bytes; at most \(limit) are read")
    }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = 0
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failed = true }
        if got <= 0 { break }
        count += got
      }
    }
    if failed { throw failure(path, "read") }
    return bytes
  }

  /// Makes names in a folder durable.
  package static func synchronize(folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(folder, "open the folder") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(folder, "make the folder durable") }
  }

  /// Makes a folder with those above it, durably. No error if it is there; an error if a file is.
  package static func makeFolder(_ path: String) throws {
    if Path.kind(of: path) == .folder { return }
    let parent = Path.parent(of: path)
    if Path.kind(of: parent) == .missing { try makeFolder(parent) }
    if mkdir(path, 0o755) != 0 {
      guard errno == EEXIST else { throw failure(path, "make the folder") }
      guard Path.kind(of: path) == .folder else {
        throw RegistryError.notARegistry(path: path, found: "a file where a folder should be")
      }
    }
    try synchronize(folder: parent)
  }

  /// Writes every byte, however the kernel cuts them up; false with `errno` where it cannot.
  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let written = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return false }
      done += written
    }
    return true
  }

  /// The typed error of the `errno` that a call has just left.
  package static func failure(_ path: String, _ operation: String) -> RegistryError {
    let code = errno
    if code == EACCES || code == EPERM || code == EROFS {
      return .notPermitted(path: path, operation: operation)
    }
    return .storage(path: path, operation: operation, reason: String(cString: strerror(code)))
  }
}

/// Paths as bytes: a slash followed by a combining mark is still a slash.
package enum Path {
  package enum Kind: Equatable { case missing, file, folder, link, other }

  package static func parent(of path: String) -> String {
    let bytes = Array(path.utf8)
    let trimmed = bytes.count - (bytes.reversed().firstIndex { $0 != slash } ?? 0)
    guard let last = bytes[..<trimmed].lastIndex(of: slash) else { return "." }
    return last == 0 ? "/" : String(decoding: bytes[..<last], as: UTF8.self)
  }

  /// What is there: links at the end of the path are followed for folders only.
  package static func kind(of path: String) -> Kind {
    var status = stat()
    guard lstat(path, &status) == 0 else { return .missing }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK:
      var target = stat()
      return stat(path, &target) == 0 && target.st_mode & S_IFMT == S_IFDIR ? .folder : .link
    default: return .other
    }
  }

  /// A folder itself, not a link to one.
  package static func isRealFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Which file a path leads to now: device and inode.
  static func identity(of path: String) -> [UInt64]? {
    var status = stat()
    return lstat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  package static func size(of path: String) -> Int? {
    var status = stat()
    return lstat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Names in a folder, sorted by bytes, without `.` and `..`; empty when it cannot be read.
  package static func names(in folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static let slash = UInt8(ascii: "/")
}
