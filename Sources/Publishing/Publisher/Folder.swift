#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The few file operations that publishing needs; none follows a symbolic link in the last component.
enum Folder {
  enum Kind: Equatable { case absent, file, folder, other }

  static func kind(_ path: String) -> Kind {
    var status = stat()
    guard lstat(path, &status) == 0 else { return .absent }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// How a plain file was left.
  struct Stamp: Equatable {
    let size: Int
    let written: timespec
    /// Which file it is; another may have taken its name.
    let number: UInt

    static func == (one: Stamp, other: Stamp) -> Bool {
      one.size == other.size && one.number == other.number
        && one.written.tv_sec == other.written.tv_sec
        && one.written.tv_nsec == other.written.tv_nsec
    }

    /// Strictly: clocks of file systems tick slowly.
    func isBefore(_ other: Stamp) -> Bool {
      (written.tv_sec, written.tv_nsec) < (other.written.tv_sec, other.written.tv_nsec)
    }
  }

  /// Of a plain file; nil for anything else.
  static func stamp(_ path: String) -> Stamp? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Stamp(
      size: Int(status.st_size), written: status.st_mtim, number: UInt(status.st_ino))
  }

  static func failure(_ operation: String, _ path: String) -> PublishingError {
    .system(operation: operation, path: path, problem: String(cString: strerror(errno)))
  }

  static func read(_ path: String) throws(PublishingError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("read", path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = systemRead(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer.prefix(count))
    }
  }

  /// Makes a new file; an existing one is an error.
  static func write(_ bytes: [UInt8], to path: String) throws(PublishingError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("create", path) }
    defer { close(descriptor) }
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes {
        systemWrite(descriptor, $0.baseAddress! + start, $0.count - start)
      }
      guard count > 0 else { throw failure("write", path) }
      start += count
    }
  }

  static func makeFolder(_ path: String) throws(PublishingError) {
    if mkdir(path, 0o755) == 0 { return }
    guard errno == EEXIST else { throw failure("make the folder", path) }
    guard kind(path) == .folder else { throw .foreign(path: path) }
  }

  static func sync(folder path: String) throws(PublishingError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("flush", path) }
  }

  /// Names in a folder, sorted by bytes.
  static func names(_ path: String) throws(PublishingError) -> [String] {
    guard let stream = opendir(path) else { throw failure("list", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Every file below a folder by its path from there, and every folder, deepest last.
  static func tree(_ root: String) throws(PublishingError) -> (files: [String], folders: [String]) {
    var files: [String] = []
    var folders: [String] = []
    var waiting = [""]
    while let folder = waiting.popLast() {
      let full = folder.isEmpty ? root : root + "/" + folder
      for name in try names(full) {
        let path = folder.isEmpty ? name : folder + "/" + name
        switch kind(root + "/" + path) {
        case .file: files.append(path)
        case .folder:
          folders.append(path)
          waiting.append(path)
        case .absent: break
        case .other: throw .foreign(path: root + "/" + path)
        }
      }
    }
    let byDepth = folders.sorted {
      $0.utf8.count(where: { $0 == 0x2F }) < $1.utf8.count(where: { $0 == 0x2F })
    }
    return (files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, byDepth)
  }

  static func move(_ from: String, _ to: String) throws(PublishingError) {
    guard rename(from, to) == 0 else { throw failure("rename", from) }
  }

  static func removeFile(_ path: String) throws(PublishingError) {
    guard unlink(path) == 0 else { throw failure("remove", path) }
  }

  /// Removes a folder of our own with all that is in it.
  static func clear(_ path: String) throws(PublishingError) {
    guard kind(path) != .absent else { return }
    guard kind(path) == .folder else { throw .foreign(path: path) }
    let (files, folders) = try tree(path)
    for file in files { try removeFile(path + "/" + file) }
    for folder in folders.reversed() { try removeIfEmpty(path + "/" + folder) }
    try removeIfEmpty(path)
  }

  /// Removes a folder if nothing is left in it.
  static func removeIfEmpty(_ path: String) throws(PublishingError) {
    guard rmdir(path) == 0 || [ENOTEMPTY, EEXIST, ENOENT].contains(errno) else {
      throw failure("remove", path)
    }
  }
}

private func systemRead(_ fd: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  var result = read(fd, buffer, count)
  while result < 0, errno == EINTR { result = read(fd, buffer, count) }
  return result
}

private func systemWrite(_ fd: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
  var result = write(fd, buffer, count)
  while result < 0, errno == EINTR { result = write(fd, buffer, count) }
  return result
}
