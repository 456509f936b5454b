import Glibc

/// A file of another tool, read by position: of one that shrinks while it is read, no more is asked for.
final class ByteFile {
  let path: String
  /// Bytes, when it was opened.
  let size: Int
  private let descriptor: Int32
  private var window: [UInt8] = []
  private var windowStart = 0

  private static let windowSize = 1 << 20

  /// - Throws: `ForeignProblem` for what cannot be read or is no regular file.
  init(_ path: String) throws(ForeignProblem) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ForeignProblem(path, "cannot be read: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ForeignProblem(path, "is not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  func problem(_ offset: Int, _ message: String, hint: String? = nil) -> ForeignProblem {
    ForeignProblem(path, at: .byte(offset), message, hint: hint)
  }

  /// Bytes of the file; the caller has compared with `size`.
  func read(at offset: Int, count: Int) throws(ForeignProblem) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
      throw problem(offset, "\(count) bytes are not there: the file has \(size)")
    }
    if offset >= windowStart, offset - windowStart + count <= window.count {
      let start = offset - windowStart
      return Array(window[start..<start + count])
    }
    if count > Self.windowSize / 2 { return try fill(offset, count) }
    window = try fill(offset, min(Self.windowSize, size - offset))
    windowStart = offset
    return Array(window[..<count])
  }

  private func fill(_ offset: Int, _ count: Int) throws(ForeignProblem) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, offset + filled)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard failure == 0 else {
      throw problem(offset, "cannot be read: \(String(cString: strerror(failure)))")
    }
    guard bytes.count == count else {
      throw problem(
        offset + bytes.count, "the file became shorter while it was read",
        hint: "import it when its writer is done")
    }
    return bytes
  }
}

/// Numbers in bytes, least significant first.
extension ArraySlice<UInt8> {
  func littleEndian<Integer: FixedWidthInteger>(at offset: Int, as _: Integer.Type) -> Integer {
    var value: Integer = 0
    for index in (0..<Integer.bitWidth / 8).reversed() {
      value = value << 8 | Integer(truncatingIfNeeded: self[startIndex + offset + index])
    }
    return value
  }
}
extension [UInt8] {
  func littleEndian<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer {
    self[...].littleEndian(at: offset, as: type)
  }
}
