import Determinism
import Records
import Testing

@testable import Interchange

@Suite struct HostileEventLogTests {
  let folder = Folder()

  private func problem(_ bytes: [UInt8], as name: String, _ tool: String) throws -> String? {
    try DurableFile.write(bytes, to: folder[name])
    return EventLogFixture.problem(folder[name], tool)?
      .replacing(folder.path + "/", with: "")
  }

  // MARK: Every format

  @Test(arguments: EventLogFixture.one.indices, [1, 2, 3])
  func `a flipped byte gives a value or a located error`(_ index: Int, _ seed: UInt64) throws {
    let (tool, fixture, name) = EventLogFixture.one[index]
    let bytes = try EventLogFixture.bytes(fixture)
    var random = RandomStream(seed: seed, "flips/\(fixture)")
    for _ in 0..<60 {
      var damaged = bytes
      // Heads, directories and lengths are at the ends more often than not.
      let range = [bytes.count, min(64, bytes.count), bytes.count][Int(random.next() % 3)]
      let fromEnd = random.next() % 4 == 0
      for _ in 0...Int(random.next() % 3) {
        let place = Int(random.next() % UInt64(range))
        let at = fromEnd ? bytes.count - 1 - place : place
        damaged[at] = UInt8(truncatingIfNeeded: random.next())
      }
      if let problem = try problem(damaged, as: name, tool) {
        #expect(problem.hasPrefix(name), "seed \(seed): \(problem)")
      }
    }
  }

  /// Behind check sums that are right again, where a flip alone never gets.
  @Test(arguments: [1, 2, 3, 4])
  func `flipped bytes of messages give a value or a located error`(_ seed: UInt64) throws {
    var random = RandomStream(seed: seed, "flips/messages")
    func flip(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      guard !bytes.isEmpty, random.next() % 8 == 0 else { return bytes }
      bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      return bytes
    }
    for _ in 0..<20 {
      for (tool, fixture, name) in EventLogFixture.one.prefix(2) {
        var records = EventRecords(try ByteFile(EventLogFixture.path(fixture)))
        var file: [UInt8] = []
        while let (bytes, _) = try records.next() { file += Self.record(flip(bytes)) }
        if let problem = try problem(file, as: name, tool) {
          #expect(problem.hasPrefix("\(name): byte "), "seed \(seed): \(problem)")
        }
      }
      var log = try WandbLog(ByteFile(EventLogFixture.path(EventLogFixture.one[3].fixture)))
      var file = WandbLogWriter()
      while let (bytes, _) = try log.next() { file.add(flip(bytes)) }
      if let problem = try problem(file.bytes, as: "run-x.wandb", "wandb") {
        #expect(problem.hasPrefix("run-x.wandb: "), "seed \(seed): \(problem)")
      }
    }
  }

  @Test(arguments: EventLogFixture.one.indices)
  func `a file cut off anywhere gives a value or a located error`(_ index: Int) throws {
    let (tool, fixture, name) = EventLogFixture.one[index]
    let bytes = try EventLogFixture.bytes(fixture)
    for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
      if let problem = try problem(Array(bytes[..<count]), as: name, tool) {
        #expect(problem.hasPrefix(name), "\(count) bytes: \(problem)")
      }
    }
  }

  @Test(arguments: ["tensorboard", "wandb", "inspect"])
  func `what is no file of the tool is refused`(_ tool: String) throws {
    // An event file that has just been made is empty.
    #expect(try (problem([], as: "empty", tool) == nil) == (tool == "tensorboard"))
    #expect(try problem([UInt8](repeating: 0, count: 5000), as: "zeros", tool) != nil)
    #expect(try problem(Array("hello\n".utf8), as: "text", tool) != nil)
    #expect(EventLogFixture.problem(folder["absent"], tool)?.contains("no such file") == true)
    #expect(EventLogFixture.problem(folder.path, tool)?.contains("hint: ") == true)
    #expect(EventLogFixture.problem("/dev/null", tool)?.contains("not a regular file") == true)
  }

  // MARK: Protobuf

  @Test(arguments: [
    ([0x08] + [UInt8](repeating: 0xFF, count: 10) + [0x01], "a number of more than 64 bits"),
    ([0x08] + [UInt8](repeating: 0x80, count: 9) + [0x02], "a number of more than 64 bits"),
    ([0x08, 0xFF], "a number is cut off"),
    ([0x0A, 0x05, 0x01], "a field of 5 bytes where 1 are left"),
    (
      [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      "a field of 18446744073709551615 bytes where 0 are left"
    ),
    ([0x0B], "protobuf has no wire type 3 here"),
    ([0x00, 0x00], "0 is no number of a protobuf field"),
    ([0x09, 0x01], "a number is cut off"),
  ])
  func `bytes that are no message are refused where they are wrong`(
    _ bytes: [UInt8], _ message: String
  ) {
    let problem = #expect(throws: ProtobufReader.Problem.self) {
      try ProtobufReader.each(of: bytes[...]) { _, _ in }
    }
    #expect(problem?.message == message)
  }

  @Test func `messages a thousand deep are read without depth`() throws {
    var message: [UInt8] = []
    for _ in 0..<1000 {
      var length = message.count
      var head: [UInt8] = [0x2A]
      repeat {
        head.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
        length >>= 7
      } while length > 0
      message = head + message
    }
    #expect(try TensorBoardEvent(message).values.isEmpty)
  }

  // MARK: Event files

  static func record(_ bytes: [UInt8]) -> [UInt8] {
    func little(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    let head = little(UInt64(bytes.count), 8)
    return head + little(UInt64(Checksum.maskedCRC32C(head[...])), 4) + bytes
      + little(UInt64(Checksum.maskedCRC32C(bytes[...])), 4)
  }

  @Test func `the check sum is CRC-32C, masked`() {
    // Of "123456789" it is e3069283 (RFC 3720).
    let sum: UInt32 = 0xE306_9283
    #expect(
      Checksum.maskedCRC32C(Array("123456789".utf8)[...]) == (sum >> 15 | sum << 17) &+ 0xA282_EAD8)
    #expect(Checksum.crc32([Array("12345".utf8)[...], Array("6789".utf8)[...]]) == 0xCBF4_3926)
  }

  @Test func `damage in an event file is located, and told how to save the rest`() throws {
    let good = Self.record([0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    var badLength = good
    badLength[0] ^= 1
    var badBytes = good
    badBytes[14] ^= 1
    let name = "a.tfevents.1"
    #expect(
      try problem(good + badLength, as: name, "tensorboard")
        == """
        \(name): byte 25: the check sum of a record's length is not that of its bytes
        hint: what stands before it can be saved: head -c 25 FILE > COPY
        """)
    #expect(
      try problem(good + badBytes, as: name, "tensorboard")?.hasPrefix(
        "\(name): byte 37: the check sum of a record is not that of its 9 bytes") == true)
    #expect(
      try problem(good + Self.record([0x0A, 0x09]), as: name, "tensorboard")?.hasPrefix(
        "\(name): byte 37: a field of 9 bytes where 0 are left") == true)
  }

  @Test func `a tensor that claims more than it has is left out`() throws {
    // Shape [6, 2⁴⁰] with one number.
    let tensor: [UInt8] = [
      0x08, 0x01, 0x12, 0x0E, 0x12, 0x02, 0x08, 0x06, 0x12, 0x08, 0x08, 0x80, 0x80, 0x80, 0x80,
      0x80,
      0x80, 0x01, 0x2A, 0x04, 0, 0, 0x80, 0x3F,
    ]
    let read = try #require(try TensorBoardTensor(tensor[...]))
    #expect(read.numbers == [1])
  }

  // MARK: .wandb

  @Test(arguments: [[], [0x0A, 0x00], [0x0A, 0x03, 0x61, 0x0A, 0x62]] as [[UInt8]])
  func `a run without an id that can be one is refused`(_ run: [UInt8]) throws {
    var log = WandbLogWriter()
    log.add([0x8A, 0x01, UInt8(run.count)] + run)
    #expect(
      try problem(log.bytes, as: "run.wandb", "wandb")?.hasPrefix("run.wandb: the id of its run, '")
        == true)
  }

  @Test(arguments: [
    (
      [UInt8](repeating: 0xFF, count: 7),
      "run.wandb: byte 7: a part of 65535 bytes leads out of its block"
    ),
    (
      [1, 2, 3, 4, 0, 0, 1], "run.wandb: byte 7: the check sum of a part is not that of its 0 bytes"
    ),
  ])
  func `damage in a .wandb file is located`(_ tail: [UInt8], _ message: String) throws {
    #expect(
      try problem(WandbLogWriter().bytes + tail, as: "run.wandb", "wandb")?.hasPrefix(message)
        == true)
  }

  @Test func `parts in the wrong order are told`() throws {
    var log = WandbLogWriter()
    log.add([1, 2, 3], type: 3)
    #expect(
      try problem(log.bytes, as: "run.wandb", "wandb")?.hasPrefix(
        "run.wandb: byte 7: a part of type 3 where another was due") == true)
    var other = WandbLogWriter()
    other.add([1], type: 9)
    #expect(
      try problem(other.bytes, as: "run.wandb", "wandb")?.hasPrefix(
        "run.wandb: byte 7: a part of unknown type 9") == true)
  }

  @Test func `a future version is told as such`() throws {
    var bytes = WandbLogWriter().bytes
    bytes[6] = 1
    #expect(
      try problem(bytes, as: "run.wandb", "wandb")?.hasPrefix(
        "run.wandb: byte 6: is a .wandb file of version 1; only 0 is known") == true)
  }
}
