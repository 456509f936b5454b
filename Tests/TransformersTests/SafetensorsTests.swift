import Determinism
import Testing

@testable import Transformers

struct `A safetensors file` {
  /// A file out of a header's text and some data.
  static func file(_ header: String, data: Int = 0, headerLength: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    let length = headerLength ?? UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + text
      + [UInt8](repeating: 0xAB, count: data)
  }

  @Test func `keeps every bit of a model`() throws {
    var model = Fixture.model()
    let patterns: [UInt32] = [0x7FC0_0001, 0xFF80_0000, 0x8000_0000, 0x0000_0001, 0x7F80_0000]
    for (index, pattern) in patterns.enumerated() {
      model.parameters[index] = Float(bitPattern: pattern)
    }
    let bytes = model.safetensors(metadata: ["note": "a \"quoted\" text\u{0301}"])
    let again = try Model(safetensors: bytes)
    #expect(again.configuration == model.configuration)
    #expect(again.parameters.bitPatterns == model.parameters.bitPatterns)
    let file = try Safetensors(parsing: bytes)
    #expect(file.metadata("note") == "a \"quoted\" text\u{0301}")
    #expect(file.metadata("format") == "pt")
    #expect(file.metadata("absent") == nil)
    #expect((8 + Int(bytes[0]) + Int(bytes[1]) << 8).isMultiple(of: 8))
    let written = again.safetensors(metadata: ["note": "a \"quoted\" text\u{0301}"])
    #expect(Digest(of: written) == Digest(of: bytes))
  }

  @Test func `is accepted when it is odd but right`() throws {
    let none = try Safetensors(parsing: Self.file("{}"))
    #expect(none.tensors.isEmpty && none.metadata.isEmpty)
    let header = """
      {"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]},\
      "empty":{"dtype":"I64","shape":[3,0,5],"data_offsets":[4,4]},
      \t"b" : {"data_offsets":[4,9],"shape":[5],"dtype":"BOOL"},\
      "__metadata__":{"a":"1","\\u00e9":"\\ud83d\\ude00"}}  \("   ")
      """
    let file = try Safetensors(parsing: Self.file(header, data: 9))
    #expect(file.tensors.map(\.name) == ["scalar", "empty", "b"])
    #expect(file.tensor("scalar")!.shape == [] && file.tensor("empty")!.range == 4..<4)
    #expect(file.bytes(of: file.tensor("b")!).count == 5)
    #expect(file.metadata("é") == "😀")
  }

  static let hostile: [(header: String, data: Int, error: SafetensorsError)] = [
    ("", 0, .malformedHeader(reason: "it does not begin with '{'", offset: 8)),
    (" {}", 0, .malformedHeader(reason: "it does not begin with '{'", offset: 8)),
    ("[]", 0, .malformedHeader(reason: "it does not begin with '{'", offset: 8)),
    ("{", 0, .malformedHeader(reason: "expected a string", offset: 9)),
    ("{}x", 0, .malformedHeader(reason: "text after the object", offset: 10)),
    ("{}\n", 0, .malformedHeader(reason: "text after the object", offset: 10)),
    ("{\"a\"}", 0, .malformedHeader(reason: "expected ':'", offset: 12)),
    ("{\"a", 0, .malformedHeader(reason: "a string without its closing quote", offset: 9)),
    ("{\"a\\", 0, .malformedHeader(reason: "a string without its closing quote", offset: 9)),
    ("{\"a\":1}", 0, .malformedHeader(reason: "expected '{'", offset: 13)),
    (
      "{\"a\":{}}", 0,
      .malformedHeader(
        reason: "a tensor needs dtype, shape and data_offsets", offset: 13)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "0,4"))} {}", 4,
      .malformedHeader(
        reason: "text after the object", offset: 62)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "0,4")),}", 4,
      .malformedHeader(
        reason: "expected a string", offset: 61)
    ),
    (
      "{\"a\":\(entry("U8", "[1]", "0,1")),\"a\":\(entry("U8", "[1]", "1,2"))}", 2,
      .duplicateKey("a", offset: 61)
    ),
    (
      "{\"a\":\(entry("U8", "[1]", "0,1")),\"\\u0061\":\(entry("U8", "[1]", "1,2"))}", 2,
      .duplicateKey("a", offset: 61)
    ),
    ("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, .duplicateKey("k", offset: 33)),
    ("{\"__metadata__\":{\"k\":1}}", 0, .malformedHeader(reason: "expected a string", offset: 29)),
    ("{\"__metadata__\":{},\"__metadata__\":{}}", 0, .duplicateKey("__metadata__", offset: 27)),
    ("{\"a\":\(entry("F4", "[4]", "0,2"))}", 2, .unknownType("F4", tensor: "a", offset: 14)),
    ("{\"a\":\(entry("f32", "[1]", "0,4"))}", 4, .unknownType("f32", tensor: "a", offset: 14)),
    (
      "{\"a\":\(entry("U8", "[-4]", "0,4"))}", 4,
      .malformedHeader(
        reason: "expected a number without sign", offset: 36)
    ),
    (
      "{\"a\":\(entry("U8", "[4.0]", "0,4"))}", 4,
      .malformedHeader(
        reason: "expected ',' or ']'", offset: 37)
    ),
    (
      "{\"a\":\(entry("U8", "[04]", "0,4"))}", 4,
      .malformedHeader(
        reason: "a number does not begin with 0", offset: 36)
    ),
    (
      "{\"a\":\(entry("U8", "[9223372036854775808]", "0,4"))}", 4,
      .malformedHeader(
        reason: "a number beyond 63 bits", offset: 36)
    ),
    (
      "{\"a\":\(entry("U8", "[1,1,1,1,1,1,1,1,1]", "0,1"))}", 1,
      .rankTooHigh(
        tensor: "a", offset: 52)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "0"))}", 4,
      .malformedHeader(
        reason: "data_offsets are two numbers in order", offset: 13)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "4,0"))}", 4,
      .malformedHeader(
        reason: "data_offsets are two numbers in order", offset: 13)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "0,1,4"))}", 4,
      .malformedHeader(
        reason: "data_offsets are two numbers", offset: 59)
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[[4]],\"data_offsets\":[0,4]}}", 4,
      .malformedHeader(
        reason: "expected a number without sign", offset: 36)
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"x\":1}}", 4,
      .malformedHeader(reason: "unknown key 'x' of a tensor", offset: 60)
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4,
      .duplicateKey("dtype", offset: 27)
    ),
    ("{\"a\":\(entry("U64", "[4611686018427387904,2]", "0,4"))}", 4, .sizeOverflow(tensor: "a")),
    (
      "{\"a\":\(entry("F32", "[2]", "0,4"))}", 4,
      .sizeMismatch(
        tensor: "a", shapeBytes: 8, offsetBytes: 4)
    ),
    (
      "{\"a\":\(entry("F32", "[0]", "0,4"))}", 4,
      .sizeMismatch(
        tensor: "a", shapeBytes: 0, offsetBytes: 4)
    ),
    (
      "{\"a\":\(entry("U8", "[9]", "0,9"))}", 8,
      .offsetsOutOfRange(
        tensor: "a", begin: 0, end: 9, dataBytes: 8)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "0,4")),\"b\":\(entry("U8", "[4]", "2,6"))}", 6,
      .overlap(tensor: "b", offset: 115)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "0,4")),\"b\":\(entry("U8", "[4]", "0,4"))}", 4,
      .overlap(tensor: "b", offset: 113)
    ),
    (
      "{\"a\":\(entry("U8", "[4]", "0,4")),\"b\":\(entry("U8", "[1]", "5,6"))}", 6,
      .hole(tensor: "b", offset: 117)
    ),
    ("{\"a\":\(entry("U8", "[1]", "1,2"))}", 2, .hole(tensor: "a", offset: 61)),
    ("{\"a\":\(entry("U8", "[1]", "0,1"))}", 2, .trailingBytes(offset: 62)),
    ("{}", 1, .trailingBytes(offset: 10)),
  ]

  static func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(offsets)]}"
  }

  @Test(arguments: hostile.indices)
  func `is refused when it is hostile, with what and where`(index: Int) {
    let (header, data, error) = Self.hostile[index]
    #expect(throws: error, "\(header)") {
      try Safetensors(parsing: Self.file(header, data: data))
    }
  }

  @Test func `is refused when its length is a lie`() {
    #expect(throws: SafetensorsError.truncated(bytes: 0)) { try Safetensors(parsing: []) }
    #expect(throws: SafetensorsError.truncated(bytes: 7)) {
      try Safetensors(parsing: [UInt8](repeating: 0, count: 7))
    }
    #expect(throws: SafetensorsError.truncated(bytes: 10)) {
      try Safetensors(parsing: Self.file("{}", headerLength: 3))
    }
    #expect(throws: SafetensorsError.headerTooLong(bytes: .max)) {
      try Safetensors(parsing: Self.file("{}", headerLength: .max))
    }
    #expect(throws: SafetensorsError.headerTooLong(bytes: (16 << 20) + 1)) {
      try Safetensors(parsing: Self.file("{}", headerLength: (16 << 20) + 1))
    }
  }

  @Test func `is refused beyond the caps on names and tensors`() {
    let long = String(repeating: "n", count: 1025)
    #expect(throws: SafetensorsError.nameTooLong(offset: 9)) {
      try Safetensors(parsing: Self.file("{\"\(long)\":\(Self.entry("U8", "[0]", "0,0"))}"))
    }
    let entry = Self.entry("U8", "[0]", "0,0")
    let many = (0...100_000).map { "\"\($0)\":\(entry)" }.joined(separator: ",")
    #expect {
      try Safetensors(parsing: Self.file("{\(many)}"))
    } throws: {
      if case .tooManyTensors? = $0 as? SafetensorsError { true } else { false }
    }
  }

  @Test func `never crashes the reader, whatever a byte of it becomes`() throws {
    let bytes = Fixture.model(
      ModelConfiguration(vocabulary: 3, context: 2, dModel: 2, layers: 1, heads: 1)
    ).safetensors()
    let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
    var stream = RandomStream(seed: 12, "mutations")
    var refused = 0
    for _ in 0..<3000 {
      var mutated = bytes
      for _ in 0...stream.below(3) { mutated[stream.below(header)] = UInt8(stream.below(256)) }
      if stream.bool(probability: 0.1) { mutated.removeLast(stream.below(mutated.count)) }
      do { _ = try Model(safetensors: mutated) } catch { refused += 1 }
    }
    #expect(refused > 2000)
  }

  @Test func `that is no model of ours says what is missing`() throws {
    let model = Fixture.model()
    let named = model.tensors.stored(model.parameters)
    let metadata = [(key: "dormouse.heads", value: "4")]
    func error(
      _ tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)],
      _ metadata: [(key: String, value: String)] = metadata
    ) -> SafetensorsError? {
      do {
        _ = try Model(safetensors: Safetensors.bytes(of: tensors, metadata: metadata))
        return nil
      } catch { return error }
    }
    #expect(error(named) == nil)
    #expect(error(named, []) == .missingMetadata("dormouse.heads"))
    for text in ["3", "0", "-4", "x", ""] {
      #expect(
        error(named, [("dormouse.heads", text)])
          == .invalidMetadata(key: "dormouse.heads", value: text))
    }
    #expect(error(Array(named.dropFirst())) == .missingTensor("transformer.wte.weight"))
    #expect(error(Array(named.dropLast())) == .missingTensor("lm_head.weight"))
    #expect(error(named + [("extra", [1], [0])]) == .unexpectedTensor("extra"))
    var reshaped = named
    reshaped[named.count - 1].shape = [20, 41]
    #expect(
      error(reshaped)
        == .wrongShape(tensor: "lm_head.weight", expected: [41, 20], found: [20, 41]))
    #expect(
      "\(SafetensorsError.hole(tensor: "b", offset: 119))"
        == "byte 119: bytes that belong to no tensor, before 'b'")
  }

  /// `transformer.py --check` opens it with the reference implementation; so that this can be done by hand
  /// or by CI, the test leaves the file where `DORMOUSE_FIXTURE` says.
  @Test func `of a trainer can be resumed, and a model's file is no trainer's`() throws {
    let trainer = Trainer(model: Fixture.model())
    _ = Fixture.train(trainer, steps: 0..<2)
    #expect(try Trainer(resuming: trainer.resumeBytes()).model == trainer.model)
    #expect(throws: SafetensorsError.missingMetadata("dormouse.beta1")) {
      try Trainer(resuming: trainer.model.safetensors())
    }
    #expect(throws: SafetensorsError.self) { try Model(safetensors: trainer.resumeBytes()) }
    if let path = environment("DORMOUSE_FIXTURE") {
      GoldenFiles.write(trainer.resumeBytes(), to: path)
    }
  }
}
