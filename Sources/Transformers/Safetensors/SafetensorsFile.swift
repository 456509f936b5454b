import Determinism

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A safetensors file that need not fit into memory: the header is read and checked, numbers are fetched with
/// `pread` when they are wanted. Never mapped: a mapped file that shrinks ends the process.
package struct SafetensorsFile: Sendable {
  /// What is wrong, and where in the file.
  package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    /// As it was named.
    package let file: String
    /// In bytes, where there is one place.
    package let offset: Int?
    package let message: String
    package let hint: String

    init(_ file: String, offset: Int? = nil, _ message: String, hint: String) {
      self.file = file
      self.offset = offset
      self.message = message
      self.hint = hint
    }

    package var description: String {
      "\(file): \(offset.map { "byte \($0): " } ?? "")\(message)"
    }
  }

  /// How errors name it.
  package let name: String
  /// Bytes.
  package let size: Int
  /// In the order of their data.
  package let tensors: [Safetensors.Tensor]
  private let path: String
  private let dataStart: Int
  /// Of the file when it was opened: whoever finds another has another file.
  private let stamp: Stamp

  private struct Stamp: Equatable {
    let device: UInt
    let node: UInt
    let size: Int
    let modified: [Int]
  }

  /// - Parameters:
  ///   - path: a regular file, which is not written to meanwhile.
  ///   - name: how errors name it.
  package init(path: String, name: String) throws(Failure) {
    let descriptor = try Self.opened(path, name)
    defer { close(descriptor) }
    let stamp = try Self.stamp(descriptor, name)
    var start = [UInt8](repeating: 0, count: min(8, stamp.size))
    try Self.fill(&start, from: descriptor, at: 0, name)
    do {
      let length = try Safetensors.headerLength(start, fileSize: stamp.size)
      var header = [UInt8](repeating: 0, count: 8 + length)
      try Self.fill(&header, from: descriptor, at: 0, name)
      tensors = try Safetensors.layout(
        of: header, headerEnd: header.count, fileSize: stamp.size
      ).tensors
      dataStart = header.count
    } catch let error as SafetensorsError {
      throw Failure(
        name, error.description,
        hint: start.starts(with: "version ".utf8)
          ? "this is a pointer of git-lfs: git lfs pull" : "is it a whole safetensors file?")
    } catch {
      throw error as? Failure ?? Failure(name, "\(error)", hint: "is it a safetensors file?")
    }
    self.path = path
    self.name = name
    self.stamp = stamp
    size = stamp.size
  }

  package func tensor(_ name: String) -> Safetensors.Tensor? {
    tensors.first { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// Of all its bytes.
  package func digest() throws(Failure) -> Digest {
    try reading { descriptor throws(Failure) in
      var hasher = Digest.Hasher()
      var buffer = [UInt8](repeating: 0, count: min(4 << 20, max(size, 1)))
      var offset = 0
      while offset < size {
        if buffer.count > size - offset { buffer.removeLast(buffer.count - (size - offset)) }
        try Self.fill(&buffer, from: descriptor, at: offset, name)
        hasher.update(buffer[...])
        offset += buffer.count
      }
      return hasher.finish()
    }
  }

  /// Runs of elements of a tensor of type F32, F16 or BF16 as floats, one run after another: exact, because
  /// each of these is a float.
  ///
  /// - Parameters:
  ///   - runs: in elements from the tensor's first, row-major; each inside the tensor.
  ///   - floats: room for all of them.
  package func read(
    _ runs: [Range<Int>], of tensor: Safetensors.Tensor, into floats: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    let width = tensor.type.size
    precondition([.float32, .float16, .bfloat16].contains(tensor.type), "floats of 32 or 16 bits")
    try reading { descriptor throws(Failure) in
      var scratch: [UInt8] = []
      var target = floats
      for run in runs {
        precondition(
          run.lowerBound >= 0 && run.upperBound <= tensor.range.count / width, "inside the tensor")
        var element = run.lowerBound
        while element < run.upperBound {
          let count = min(1 << 20, run.upperBound - element)
          if scratch.count != count * width {
            scratch = [UInt8](repeating: 0, count: count * width)
          }
          let offset = dataStart + tensor.range.lowerBound + element * width
          try Self.fill(&scratch, from: descriptor, at: offset, name)
          Self.convert(scratch, tensor.type, into: target)
          target += count
          element += count
        }
      }
    }
  }

  /// Opens the file again and makes sure, before and after, that it is still the same.
  private func reading<Result>(
    _ body: (Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let descriptor = try Self.opened(path, name)
    defer { close(descriptor) }
    func check() throws(Failure) {
      guard try Self.stamp(descriptor, name) == stamp else {
        throw Failure(
          name, "changed while it was read", hint: "begin when whoever writes it is done")
      }
    }
    try check()
    let result = try body(descriptor)
    try check()
    return result
  }

  private static func opened(_ path: String, _ name: String) throws(Failure) -> Int32 {
    // A FIFO must not hold us up.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Failure(name, String(cString: strerror(errno)), hint: "check the path")
    }
    return descriptor
  }

  private static func stamp(_ descriptor: Int32, _ name: String) throws(Failure) -> Stamp {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(name, "is not a regular file", hint: "name files, not folders or devices")
    }
    return Stamp(
      device: UInt(status.st_dev), node: UInt(status.st_ino), size: Int(status.st_size),
      modified: [
        status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
        status.st_ctim.tv_nsec,
      ])
  }

  /// Exactly so many bytes, or where the file ended.
  private static func fill(
    _ buffer: inout [UInt8], from descriptor: Int32, at offset: Int, _ name: String
  ) throws(Failure) {
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, $0.count - done, off_t(offset + done))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Failure(
          name, offset: offset + done, String(cString: strerror(errno)), hint: "check the disk")
      }
      guard count > 0 else {
        throw Failure(
          name, offset: offset + done, "the file ends here; it was longer when it was opened",
          hint: "begin when whoever writes it is done")
      }
      done += count
    }
  }

  private static func convert(
    _ bytes: [UInt8], _ type: Safetensors.ElementType, into floats: UnsafeMutablePointer<Float>
  ) {
    bytes.withUnsafeBytes { raw in
      switch type {
      case .float32:
        for index in 0..<raw.count / 4 {
          let bits = raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          floats[index] = Float(bitPattern: UInt32(littleEndian: bits))
        }
      default:
        let isHalf = type == .float16
        for index in 0..<raw.count / 2 {
          let bits = UInt16(
            littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
          floats[index] =
            isHalf ? Self.float(half: bits) : Float(bitPattern: UInt32(bits) << 16)
        }
      }
    }
  }

  /// The float of a binary16 pattern, NaN payloads and all.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let rest = UInt32(bits & 0x7FFF) << 13
    switch bits & 0x7C00 {
    case 0x7C00: return Float(bitPattern: sign | rest | 0x7F80_0000)
    // A subnormal is a whole number of 2⁻²⁴.
    case 0:
      return Float(sign: sign == 0 ? .plus : .minus, exponent: 0, significand: 1)
        * Float(bits & 0x03FF) * 0x1p-24
    default: return Float(bitPattern: sign | (rest + UInt32(112) << 23))
    }
  }
}
