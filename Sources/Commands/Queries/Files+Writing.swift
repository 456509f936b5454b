import Glibc

extension Files {
  /// One that is there already is fine.
  static func makeFolder(_ path: String) throws(Failure) {
    guard mkdir(path, 0o755) != 0, errno != EEXIST else { return }
    throw unwritable(path)
  }

  static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { throw unwritable(path) }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  /// Calls the body with a new folder that is gone afterwards.
  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    var template = Array("\(parent.isEmpty ? "/tmp" : parent)/dormouse.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw unwritable(parent) }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { remove(folder) }
    return try body(folder)
  }

  /// A file, or a folder with everything in it; links are removed, not followed.
  private static func remove(_ path: String) {
    guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
    for name in (try? names(in: path)) ?? [] { remove("\(path)/\(name)") }
    rmdir(path)
  }

  private static func unwritable(_ path: String) -> Failure {
    Failure(
      .couldNotFinish, "\(path): \(String(cString: strerror(errno)))",
      hint: "is there room, and may you write there?")
  }
}
