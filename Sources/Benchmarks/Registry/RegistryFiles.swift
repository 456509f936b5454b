import Determinism
import Glibc

/// The few things that measuring a registry or a site does with files.
enum RegistryFiles {
  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// At most the first 64 KiB.
  static func text(of path: String) -> String {
    guard let file = fopen(path, "re") else { return "" }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }

  /// Puts a file's pages out of memory.
  static func forget(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fdatasync(descriptor)
    _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    close(descriptor)
  }

  /// The id of the run that was acknowledged first: `run 0123456789 · …`.
  static func firstRun(in acknowledged: String) -> String? {
    let words = text(of: acknowledged).utf8.split(separator: UInt8(ascii: " "))
    return words.count > 1 && words[0].elementsEqual("run".utf8) ? String(Substring(words[1])) : nil
  }

  static func copy(_ path: String, to process: MeasuredProcess) -> Bool {
    guard let file = fopen(path, "re") else { return false }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return true }
      guard process.send(count == buffer.count ? buffer : Array(buffer[..<count])) else {
        return false
      }
    }
  }

  /// Bytes of all files of a folder.
  static func weight(of folder: String) -> Int {
    names(in: folder).reduce(0) { total, name in
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { return total }
      return total
        + (status.st_mode & S_IFMT == S_IFDIR ? weight(of: path) : Int(status.st_size))
    }
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// A folder with all that is in it; links are removed, not followed.
  static func remove(_ path: String) {
    guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }
}
