import Glibc

/// The few questions that commands ask of the file system.
enum Files {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The names in a folder, sorted by bytes, without `.` and `..`.
  static func names(in folder: String) throws(Failure) -> [String] {
    guard let stream = opendir(folder) else { throw unreadable(folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Paths of all files below a folder, from there, sorted by bytes.
  static func files(below folder: String) throws(Failure) -> [String] {
    var files: [String] = []
    for name in try names(in: folder) {
      if isFile("\(folder)/\(name)") {
        files.append(name)
      } else {
        files += try self.files(below: "\(folder)/\(name)").map { "\(name)/\($0)" }
      }
    }
    return files
  }

  /// A file, at most `limit` bytes.
  static func bytes(of path: String, limit: Int = .max) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, isFile(path) else { throw unreadable(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 { throw unreadable(path) }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= limit else {
        throw Failure(.couldNotFinish, "\(path): larger than \(limit >> 10) KiB", hint: "split it")
      }
    }
  }

  /// A text file, at most `limit` bytes, valid UTF-8.
  static func text(of path: String, limit: Int) throws(Failure) -> String {
    let bytes = try bytes(of: path, limit: limit)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.couldNotFinish, "\(path): not UTF-8 text", hint: "iconv -t UTF-8")
    }
    return text
  }

  /// Everything on standard input, at most `limit` bytes.
  static func standardInput(limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw unreadable("standard input") }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= limit else {
        throw Failure(
          .couldNotFinish, "standard input: larger than \(limit >> 20) MiB",
          hint: "put long series into files beside the document")
      }
    }
  }

  private static func unreadable(_ path: String) -> Failure {
    Failure(
      .couldNotFinish, "\(path): \(String(cString: strerror(errno)))",
      hint: "check the path and its permissions")
  }
}
