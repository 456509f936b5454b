/// The records of a `.wandb` file: LevelDB's log format in blocks of 32 KiB behind a head of 7 bytes, with
/// zlib's CRC-32 unmasked.
struct WandbLog {
  /// Bytes of the longest record that is held.
  static let longest = 64 << 20

  private static let headSize = 7
  private static let blockSize = 32_768
  private static let ident = Array(":W&B".utf8)
  private static let magic: UInt16 = 0xBEE1
  private static let version: UInt8 = 0

  let file: ByteFile
  private var offset = Self.headSize
  /// Whether the file ends within a record: its writer was killed, or is still at it.
  private(set) var isCutOff = false

  static func recognises(_ head: [UInt8]) -> Bool { head.starts(with: ident) }

  init(_ file: ByteFile) throws(ForeignProblem) {
    self.file = file
    guard file.size >= Self.headSize else {
      throw file.problem(file.size, "ends within its head of \(Self.headSize) bytes")
    }
    let head = try file.read(at: 0, count: Self.headSize)
    guard Self.recognises(head), head.littleEndian(at: 4, as: UInt16.self) == Self.magic else {
      throw file.problem(0, "does not begin as a .wandb file does", hint: "is it a file of W&B?")
    }
    guard head[6] == Self.version else {
      throw file.problem(
        6, "is a .wandb file of version \(head[6]); only \(Self.version) is known",
        hint: "let the W&B that wrote it export the run as CSV")
    }
  }

  /// The next record and where its first part begins; nil after the last whole one.
  mutating func next() throws(ForeignProblem) -> (bytes: [UInt8], offset: Int)? {
    var record: [UInt8] = []
    var start: Int?
    while true {
      guard let part = try part() else {
        if start != nil { isCutOff = true }
        return nil
      }
      switch (part.type, start) {
      case (1, nil): return (part.bytes, part.offset)
      case (2, nil):
        record = part.bytes
        start = part.offset
      case (3, .some): record += part.bytes
      case (4, .some(let first)):
        record += part.bytes
        return (record, first)
      case (1...4, _):
        throw damage(part.offset, "a part of type \(part.type) where another was due")
      default: throw damage(part.offset, "a part of unknown type \(part.type)")
      }
      guard record.count <= Self.longest else {
        throw damage(start ?? part.offset, "a record of more than \(Self.longest >> 20) MiB")
      }
    }
  }

  private mutating func part() throws(ForeignProblem) -> (
    type: UInt8, bytes: [UInt8], offset: Int
  )? {
    // No head is divided: what is left of a block then is zeros.
    let rest = Self.blockSize - offset % Self.blockSize
    if rest < Self.headSize { offset += rest }
    guard offset < file.size else { return nil }
    guard file.size - offset >= Self.headSize else { return end() }
    let head = try file.read(at: offset, count: Self.headSize)
    let count = Int(head.littleEndian(at: 4, as: UInt16.self))
    // Room that was set aside, and not written.
    if head.allSatisfy({ $0 == 0 }) { return end() }
    guard count + Self.headSize <= Self.blockSize - offset % Self.blockSize else {
      throw damage(offset, "a part of \(count) bytes leads out of its block")
    }
    guard file.size - offset - Self.headSize >= count else { return end() }
    let bytes = try file.read(at: offset + Self.headSize, count: count)
    guard
      Checksum.crc32([head[6...], bytes[...]]) == head.littleEndian(at: 0, as: UInt32.self)
    else { throw damage(offset, "the check sum of a part is not that of its \(count) bytes") }
    let start = offset
    offset += Self.headSize + count
    return (head[6], bytes, start)
  }

  private mutating func end() -> (type: UInt8, bytes: [UInt8], offset: Int)? {
    isCutOff = true
    return nil
  }

  private func damage(_ offset: Int, _ message: String) -> ForeignProblem {
    file.problem(
      offset, message,
      hint: "what stands before it can be saved: head -c \(offset) FILE > COPY")
  }
}
