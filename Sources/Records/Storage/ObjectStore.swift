import Determinism
import Glibc

/// Artifacts as files named by their SHA-256: `objects/ab/cdef…`, read-only, written once.
struct ObjectStore: Sendable {
  let folder: String

  func path(of digest: Digest) -> String {
    let hex = digest.hex
    return "\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2))"
  }

  /// Whether a file of that name is there; says nothing about its bytes.
  func holds(_ digest: Digest) -> Bool { Path.kind(of: path(of: digest)) == .file }

  /// The bytes, which are those the name promises.
  func read(_ digest: Digest) throws -> [UInt8] {
    guard let bytes = try DurableFile.read(path(of: digest)) else {
      throw RegistryError.notHeld(digest)
    }
    let found = Digest(of: bytes)
    guard found == digest else {
      throw RegistryError.damagedObject(
        digest, reason: "its \(bytes.count) bytes have SHA-256 \(found.hex)")
    }
    return bytes
  }

  /// Durable when it returns. Bytes that are there already are verified; damaged ones are replaced.
  func write(_ bytes: [UInt8], digest: Digest) throws {
    let target = path(of: digest)
    if holds(digest), (try? read(digest)) != nil {
      // As young as a new one: whoever collects garbage leaves it to us.
      _ = utimensat(AT_FDCWD, target, nil, AT_SYMLINK_NOFOLLOW)
      // Another process may have renamed it a moment ago and not yet have synced the name.
      return try DurableFile.synchronize(folder: Path.parent(of: target))
    }
    try DurableFile.makeFolder(Path.parent(of: target))
    try DurableFile.write(bytes, to: target, mode: 0o444)
  }

  /// Everything in the store's folders: objects by digest, and names that are no object's.
  func contents() -> (objects: [Digest], strangers: [String]) {
    var objects: [Digest] = []
    var strangers: [String] = []
    for first in Path.names(in: folder) {
      for rest in Path.names(in: "\(folder)/\(first)") {
        if first.utf8.count == 2, let digest = Digest(hex: first + rest) {
          objects.append(digest)
        } else {
          strangers.append("\(first)/\(rest)")
        }
      }
      if Path.kind(of: "\(folder)/\(first)") != .folder { strangers.append(first) }
    }
    return (objects, strangers)
  }
}
