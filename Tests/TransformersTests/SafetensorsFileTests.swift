import Determinism
import Glibc
import Testing

@testable import Transformers

struct SafetensorsFileTests {
  /// A file with these bytes, gone afterwards.
  private func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws
    -> Result
  {
    var template = Array("/tmp/dormouse-safetensors.XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    return try body(path)
  }

  private func file(_ tensors: [(name: String, type: String, shape: [Int], bytes: [UInt8])])
    -> [UInt8]
  {
    var header = JSON.Object()
    var data: [UInt8] = []
    for tensor in tensors {
      header[tensor.name] = [
        "dtype": JSON(tensor.type), "shape": .array(tensor.shape.map { JSON($0) }),
        "data_offsets": [JSON(data.count), JSON(data.count + tensor.bytes.count)],
      ]
      data += tensor.bytes
    }
    let text = JSON.object(header).canonicalBytes
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text + data
  }

  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch let failure as SafetensorsFile.Failure {
      return "\(failure) | \(failure.hint)"
    } catch { return "\(error)" }
  }

  @Test func `every pattern of 16 bits is the float that it stands for`() throws {
    let patterns = (0...UInt16.max).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let bytes = file([
      ("half", "F16", [65536], patterns), ("brain", "BF16", [256, 256], patterns),
    ])
    try withFile(bytes) { path in
      let file = try SafetensorsFile(path: path, name: "f")
      let digest = try file.digest()
      #expect(file.size == bytes.count && digest == Digest(of: bytes))
      for name in ["half", "brain"] {
        var floats = [Float](repeating: 0, count: 65536)
        try file.read([0..<1000, 1000..<65536], of: file.tensor(name)!, into: &floats)
        for bits in 0...UInt16.max {
          let found = floats[Int(bits)]
          let expected =
            name == "half"
            ? Float(Float16(bitPattern: bits)) : Float(bitPattern: UInt32(bits) << 16)
          // A signalling NaN may come out quiet from the processor's own conversion.
          #expect(
            found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN),
            "\(name) \(bits): \(found), \(expected)")
        }
      }
    }
  }

  @Test func `runs of floats come in the order in which they are asked for`() throws {
    let values = (0..<12).map { Float($0) }
    let bytes = Safetensors.bytes(of: [("x", [4, 3], values[...])])
    try withFile(bytes) { path in
      let file = try SafetensorsFile(path: path, name: "f")
      var floats = [Float](repeating: -1, count: 6)
      try file.read([9..<12, 0..<3], of: file.tensors[0], into: &floats)
      #expect(floats == [9, 10, 11, 0, 1, 2])
    }
  }

  @Test func `a file that shrinks, grows or is replaced is an error with its place`() throws {
    let bytes = Safetensors.bytes(
      of: [("x", [1000], Array(repeating: Float(1), count: 1000)[...])])
    try withFile(bytes) { path in
      let file = try SafetensorsFile(path: path, name: "acts.safetensors")
      var floats = [Float](repeating: 0, count: 1000)
      truncate(path, 200)
      #expect(
        failure { try file.read([0..<1000], of: file.tensors[0], into: &floats) }
          .hasPrefix("acts.safetensors: changed while it was read"))
      #expect(failure { _ = try file.digest() }.contains("changed"))
      #expect(
        failure { _ = try SafetensorsFile(path: path, name: "f") }.contains("bytes of data"))
    }
  }

  @Test(
    arguments: [
      ([], "the file ends after 0 bytes"), ([1, 2, 3], "the file ends after 3 bytes"),
      (Array(repeating: 0xFF, count: 8), "a header of 18446744073709551615 bytes"),
      ([100, 0, 0, 0, 0, 0, 0, 0, 0x7B], "the file ends after 9 bytes"),
      (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "git lfs pull"),
      ([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D, 1], "byte 10: bytes that belong to no tensor"),
    ] as [([UInt8], String)])
  func `what is no safetensors file is refused`(bytes: [UInt8], message: String) throws {
    try withFile(bytes) { path in
      let found = failure { _ = try SafetensorsFile(path: path, name: "f") }
      #expect(found.contains(message), "\(found)")
    }
  }

  @Test func `folders, devices and pipes are no files`() throws {
    for path in ["/", "/dev/zero", "/dev/full"] {
      #expect(
        failure { _ = try SafetensorsFile(path: path, name: "f") }.contains("not a regular file"))
    }
    #expect(failure { _ = try SafetensorsFile(path: "/none", name: "f") }.contains("No such file"))
    let pipe = "/tmp/dormouse-pipe-\(getpid())"
    mkfifo(pipe, 0o600)
    defer { unlink(pipe) }
    #expect(failure { _ = try SafetensorsFile(path: pipe, name: "f") }.contains("not a regular"))
  }
}
