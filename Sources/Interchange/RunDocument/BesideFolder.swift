import Determinism
import Glibc

/// The folder of a document, and the files in it that the document names. Whoever wrote the document may
/// name nothing outside: no absolute path, no `..`, no symbolic link on the way.
struct BesideFolder: Sendable {
  struct Refusal: Error, Equatable {
    let message: String
    let hint: String?
    init(_ message: String, hint: String? = nil) {
      self.message = message
      self.hint = hint
    }
  }

  let path: String

  /// The whole of a file, as it was at one moment.
  func read(_ name: String, atMost limit: Int) throws(Refusal) -> [UInt8] {
    var bytes: [UInt8] = []
    _ = try scan(name, atMost: limit) { bytes += $0 }
    return bytes
  }

  /// Digest and size of a file of any size, without holding it.
  func digest(_ name: String) throws(Refusal) -> (digest: Digest, size: Int) {
    var hasher = Digest.Hasher()
    let size = try scan(name, atMost: .max) { hasher.update($0) }
    return (hasher.finish(), size)
  }

  /// Every piece of a file in turn, and its size.
  func scan(_ name: String, atMost limit: Int, _ take: (ArraySlice<UInt8>) -> Void)
    throws(Refusal) -> Int
  {
    let descriptor = try open(name)
    defer { close(descriptor) }
    let before = try Self.status(descriptor)
    guard before.st_mode & S_IFMT == S_IFREG else { throw Refusal("is not a regular file") }
    guard Int(before.st_size) <= limit else {
      throw Refusal(
        "has \(before.st_size) bytes; at most \(limit) are read",
        hint: "an artifact of any size can be recorded by its digest: {path: …, keep: false}")
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var done = 0
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Refusal(Self.reason()) }
      if count == 0 { break }
      done += count
      // It may be growing while it is read.
      guard done <= limit, done <= Int(before.st_size) else { break }
      take(buffer[..<count])
    }
    let after = try Self.status(descriptor)
    guard done == Int(before.st_size), Self.stamp(before) == Self.stamp(after) else {
      throw Refusal("changed while it was read", hint: "register it when its writer is done")
    }
    return done
  }

  private func open(_ name: String) throws(Refusal) -> Int32 {
    let steps = try Self.steps(of: name)
    var folder = Glibc.open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw Refusal(Self.reason()) }
    for (index, step) in steps.enumerated() {
      let isLast = index == steps.count - 1
      let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (isLast ? 0 : O_DIRECTORY)
      let next = openat(folder, step, flags)
      let code = errno
      close(folder)
      guard next >= 0 else {
        errno = code
        // A link where a folder should be is reported as no folder.
        if code == ELOOP || (code == ENOTDIR && !isLast) {
          throw Refusal("a symbolic link on the way is not followed", hint: "copy the file")
        }
        throw Refusal(Self.reason(), hint: "paths are relative to the document's folder")
      }
      folder = next
    }
    return folder
  }

  /// The names on the way, or why there is none.
  static func steps(of name: String) throws(Refusal) -> [String] {
    let bytes = Array(name.utf8)
    guard !bytes.isEmpty, bytes.count <= 4096, !bytes.contains(0) else {
      throw Refusal("is not a path")
    }
    let inside = "paths are relative to the document's folder and stay in it"
    guard bytes[0] != UInt8(ascii: "/") else {
      throw Refusal("an absolute path is not read", hint: inside)
    }
    var steps: [String] = []
    for step in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true) {
      if step.elementsEqual(".".utf8) { continue }
      guard !step.elementsEqual("..".utf8) else {
        throw Refusal("leads out of the document's folder", hint: inside)
      }
      steps.append(String(decoding: step, as: UTF8.self))
    }
    guard !steps.isEmpty else { throw Refusal("is a folder, not a file") }
    return steps
  }

  private static func status(_ descriptor: Int32) throws(Refusal) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Refusal(reason()) }
    return status
  }

  private static func stamp(_ status: stat) -> [Int] {
    [
      Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
      status.st_ctim.tv_nsec,
    ]
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
