/// The records of an event file (TFRecord): length, its check sum, the bytes of an event, their check sum.
struct EventRecords {
  /// Bytes of the longest record that is held; images and graphs are shorter.
  static let longest = 256 << 20

  let file: ByteFile
  private var offset = 0
  /// Whether the file ends within a record: its writer was killed, or is still at it.
  private(set) var isCutOff = false

  init(_ file: ByteFile) { self.file = file }

  /// Whether bytes begin like a first record: the length of a short one, with its check sum.
  static func recognises(_ head: [UInt8]) -> Bool {
    guard head.count >= 12 else { return false }
    return (8..<1024).contains(head.littleEndian(at: 0, as: UInt64.self))
      && head.littleEndian(at: 8, as: UInt32.self) == Checksum.maskedCRC32C(head[..<8])
  }

  /// The next event and where its bytes begin; nil after the last whole one.
  mutating func next() throws(ForeignProblem) -> (bytes: [UInt8], offset: Int)? {
    guard !isCutOff, offset < file.size else { return nil }
    let start = offset
    guard file.size - start >= 12 else {
      if start > 0 { return end() }
      throw damage(0, "ends within the head of its first record")
    }
    let head = try file.read(at: start, count: 12)
    guard head.littleEndian(at: 8, as: UInt32.self) == Checksum.maskedCRC32C(head[..<8]) else {
      throw damage(start, "the check sum of a record's length is not that of its bytes")
    }
    let length = head.littleEndian(at: 0, as: UInt64.self)
    guard length <= UInt64(Self.longest) else {
      throw damage(start, "a record of \(length) bytes; at most \(Self.longest >> 20) MiB are read")
    }
    let count = Int(length)
    guard file.size - start - 12 >= count + 4 else { return end() }
    let record = try file.read(at: start + 12, count: count + 4)
    guard
      record.littleEndian(at: count, as: UInt32.self) == Checksum.maskedCRC32C(record[..<count])
    else { throw damage(start + 12, "the check sum of a record is not that of its \(count) bytes") }
    offset = start + 16 + count
    return (Array(record[..<count]), start + 12)
  }

  private mutating func end() -> (bytes: [UInt8], offset: Int)? {
    isCutOff = true
    return nil
  }

  private func damage(_ offset: Int, _ message: String) -> ForeignProblem {
    file.problem(
      offset, message,
      hint: self.offset == 0
        ? "is it an event file of TensorBoard?"
        : "what stands before it can be saved: head -c \(self.offset) FILE > COPY")
  }
}
