import Determinism
import Glibc

/// Which program this is.
enum Version {
  static let text = "0.1.0"

  /// What a freeze writes down: the version and the binary itself.
  static var code: String {
    "dormouse \(text)" + (binaryDigest.map { " (binary \($0.short))" } ?? "")
  }

  /// SHA-256 of the running program: tells a rerun whether the same binary made the record. Nil where
  /// /proc is missing.
  static let binaryDigest: Digest? = {
    let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var hasher = Digest.Hasher()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 { return nil }
      if count == 0 { return hasher.finish() }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }()
}
