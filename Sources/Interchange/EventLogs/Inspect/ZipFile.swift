import Determinism

/// A zip file's members by name, as its directory at the end lists them: stored, deflated or Zstandard, also
/// larger than 4 GiB (zip64). Written for logs that are appended to: of members of one name the last counts.
struct ZipFile {
  struct Member {
    let name: String
    let method: UInt16
    let crc: UInt32
    let packed: Int
    let size: Int
    /// Of its own head.
    let offset: Int
    let isEncrypted: Bool
  }

  /// Bytes of the longest directory.
  static let longestDirectory = 64 << 20
  /// Unpacked bytes, for each byte of the file, beyond which it is a bomb and no log; and how many are always
  /// allowed. What Inspect logs packs at 10 to 100.
  static let mostExpansion = 2_000
  static let leastAllowance = 1 << 30

  private static let endSize = 22
  private static let locatorSize = 20
  private static let largeEndSize = 56
  private static let entrySize = 46
  private static let headSize = 30

  let file: ByteFile
  /// Sorted by name.
  private(set) var members: [Member] = []
  private var unpacked = 0

  static func recognises(_ head: [UInt8]) -> Bool { head.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

  /// - Throws: `ForeignProblem` with the byte where the file is no zip.
  init(_ file: ByteFile) throws(ForeignProblem) {
    self.file = file
    guard Self.recognises(try file.read(at: 0, count: min(4, file.size))) else {
      throw file.problem(
        0, "is no zip file", hint: "logs of Inspect are zip files named .eval, or .json")
    }
    let (offset, size, count) = try directory()
    guard size <= Self.longestDirectory else {
      throw file.problem(
        offset, "a directory of \(size) bytes; at most \(Self.longestDirectory >> 20) MiB are read")
    }
    let all = try entries(try file.read(at: offset, count: size), at: offset, count: count)
    try refuseOverlap(all, directory: offset)
    var last: [JSON.Text: Member] = [:]
    for member in all { last[JSON.Text(member.name)] = member }
    members = last.sorted { $0.key < $1.key }.map(\.value)
  }

  func member(_ name: String) -> Member? {
    let name = JSON.Text(name)
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      if JSON.Text(members[middle].name) < name { low = middle + 1 } else { high = middle }
    }
    return low < members.count && JSON.Text(members[low].name) == name ? members[low] : nil
  }

  // MARK: The directory

  private func directory() throws(ForeignProblem) -> (offset: Int, size: Int, count: Int) {
    let tail = try file.read(
      at: max(0, file.size - 65_535 - Self.endSize), count: min(file.size, 65_535 + Self.endSize))
    let tailStart = file.size - tail.count
    var found: Int?
    for start in stride(from: tail.count - Self.endSize, through: 0, by: -1)
    where tail[start] == 0x50 && tail.littleEndian(at: start, as: UInt32.self) == 0x0605_4B50
      && Int(tail.littleEndian(at: start + 20, as: UInt16.self)) == tail.count - start
        - Self.endSize
    {
      found = start
      break
    }
    guard let found else {
      throw file.problem(
        file.size, "a zip file without its end: it is cut off, or still being written",
        hint: "import it when the evaluation is done; 'zip -FF LOG --out COPY' saves what is there")
    }
    var count = Int(tail.littleEndian(at: found + 10, as: UInt16.self))
    var size = Int(tail.littleEndian(at: found + 12, as: UInt32.self))
    var offset = Int(tail.littleEndian(at: found + 16, as: UInt32.self))
    if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF,
      let large = try largeDirectory(before: tailStart + found)
    {
      (offset, size, count) = large
    }
    guard offset <= tailStart + found, size <= tailStart + found - offset else {
      throw file.problem(
        tailStart + found,
        "its end names a directory of \(size) bytes at byte \(offset), which is not there")
    }
    return (offset, size, count)
  }

  private func largeDirectory(before end: Int) throws(ForeignProblem) -> (
    offset: Int, size: Int, count: Int
  )? {
    guard end >= Self.locatorSize else { return nil }
    let start = end - Self.locatorSize
    let locator = try file.read(at: start, count: Self.locatorSize)
    guard locator.littleEndian(at: 0, as: UInt32.self) == 0x0706_4B50 else { return nil }
    let place = Int(truncatingIfNeeded: locator.littleEndian(at: 8, as: UInt64.self))
    guard place >= 0, place <= start - Self.largeEndSize else {
      throw file.problem(start, "its zip64 locator leads to byte \(place)")
    }
    let record = try file.read(at: place, count: Self.largeEndSize)
    guard record.littleEndian(at: 0, as: UInt32.self) == 0x0606_4B50 else {
      throw file.problem(place, "is no zip64 end, where one should be")
    }
    func number(_ offset: Int) -> Int {
      Int(clamping: record.littleEndian(at: offset, as: UInt64.self))
    }
    return (number(48), number(40), number(32))
  }

  private func entries(
    _ bytes: [UInt8], at start: Int, count: Int
  ) throws(ForeignProblem) -> [Member] {
    var members: [Member] = []
    var at = 0
    while at < bytes.count {
      guard bytes.count - at >= Self.entrySize,
        bytes.littleEndian(at: at, as: UInt32.self) == 0x0201_4B50
      else { throw file.problem(start + at, "is no entry of a zip directory, where one should be") }
      func short(_ offset: Int) -> Int { Int(bytes.littleEndian(at: at + offset, as: UInt16.self)) }
      func long(_ offset: Int) -> Int { Int(bytes.littleEndian(at: at + offset, as: UInt32.self)) }
      let (nameSize, extraSize, commentSize) = (short(28), short(30), short(32))
      let end = at + Self.entrySize + nameSize + extraSize + commentSize
      guard end <= bytes.count else {
        throw file.problem(start + at, "an entry leads out of the zip directory")
      }
      let nameStart = at + Self.entrySize
      let name = String(decoding: bytes[nameStart..<nameStart + nameSize], as: UTF8.self)
      let large = Self.largeNumbers(
        bytes[nameStart + nameSize..<nameStart + nameSize + extraSize],
        [long(24), long(20), long(42)])
      members.append(
        Member(
          name: name, method: UInt16(short(10)), crc: UInt32(long(16)), packed: large[1],
          size: large[0], offset: large[2], isEncrypted: short(8) & 1 == 1))
      at = end
    }
    guard members.count == count else {
      throw file.problem(
        start, "a zip directory of \(members.count) entries; its end tells of \(count)")
    }
    return members
  }

  /// Size, packed size and offset: those that do not fit 32 bits stand in an extra field, in this order.
  private static func largeNumbers(_ extra: ArraySlice<UInt8>, _ given: [Int]) -> [Int] {
    var numbers = given
    var rest = extra
    while rest.count >= 4 {
      let kind = rest.littleEndian(at: 0, as: UInt16.self)
      let count = Int(rest.littleEndian(at: 2, as: UInt16.self))
      var field = rest.dropFirst(4).prefix(count)
      rest = rest.dropFirst(4 + count)
      guard kind == 1 else { continue }
      for index in numbers.indices where given[index] == 0xFFFF_FFFF && field.count >= 8 {
        numbers[index] = Int(clamping: field.littleEndian(at: 0, as: UInt64.self))
        field = field.dropFirst(8)
      }
    }
    return numbers
  }

  /// Members that share bytes are how a small file unpacks to a large one.
  private func refuseOverlap(_ members: [Member], directory: Int) throws(ForeignProblem) {
    var end = 0
    for member in members.sorted(by: { $0.offset < $1.offset }) {
      guard member.offset >= end, member.packed <= directory,
        member.offset <= directory - member.packed - Self.headSize
      else {
        throw file.problem(
          member.offset,
          "member '\(member.name.prefix(80))' shares its bytes with another one or the directory")
      }
      end = member.offset + Self.headSize + member.packed
    }
  }

  // MARK: Members

  /// The bytes of a member, their check sum compared.
  ///
  /// - Parameter limit: bytes of the longest that is held.
  mutating func read(_ member: Member, atMost limit: Int) throws(ForeignProblem) -> [UInt8] {
    let what = "member '\(member.name.prefix(80))'"
    guard !member.isEncrypted else {
      throw file.problem(member.offset, "\(what) is encrypted")
    }
    guard member.size <= limit else {
      throw file.problem(
        member.offset, "\(what) has \(member.size) bytes; at most \(limit >> 20) MiB are read")
    }
    unpacked += member.size
    let allowance = file.size.multipliedReportingOverflow(by: Self.mostExpansion)
    guard unpacked <= max(Self.leastAllowance, allowance.overflow ? .max : allowance.partialValue)
    else {
      throw file.problem(
        member.offset,
        "its members unpack to more than \(Self.mostExpansion) times the file: a zip bomb")
    }
    let head = try file.read(at: member.offset, count: Self.headSize)
    guard head.littleEndian(at: 0, as: UInt32.self) == 0x0403_4B50 else {
      throw file.problem(
        member.offset, "is no head of a zip member, where that of \(what) should be")
    }
    let start =
      member.offset + Self.headSize + Int(head.littleEndian(at: 26, as: UInt16.self))
      + Int(head.littleEndian(at: 28, as: UInt16.self))
    guard start + member.packed <= file.size else {
      throw file.problem(member.offset, "\(what) leads out of the file")
    }
    let packed = try file.read(at: start, count: member.packed)
    let bytes: [UInt8]?
    switch member.method {
    case 0: bytes = packed.count == member.size ? packed : nil
    case 8: bytes = Decompression.inflate(packed, to: member.size)
    case 93: bytes = Decompression.unzstd(packed, to: member.size)
    default:
      throw file.problem(
        member.offset, "\(what) is packed with method \(member.method)",
        hint: "stored, deflate (8) and Zstandard (93) are read; repack it: inspect log convert")
    }
    guard let bytes else {
      throw file.problem(
        start, "\(what) is damaged: it does not unpack to its \(member.size) bytes")
    }
    guard Checksum.crc32([bytes[...]]) == member.crc else {
      throw file.problem(start, "the check sum of \(what) is not that of its bytes")
    }
    return bytes
  }
}
