import Determinism
import Records
import Testing

@testable import Interchange

@Suite struct ZipFileTests {
  let folder = Folder()

  private struct Entry {
    var name = "header.json"
    var method: UInt16 = 0
    var flags: UInt16 = 0
    var packed: [UInt8] = Array("{}".utf8)
    var size: Int?
    var crc: UInt32?
    var offset: Int?
  }

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func zip(_ entries: [Entry], count: Int? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let crc = Int(entry.crc ?? Checksum.crc32([entry.packed[...]]))
      let common =
        little(Int(entry.flags), 2) + little(Int(entry.method), 2) + little(0, 4) + little(crc, 4)
        + little(entry.packed.count, 4) + little(entry.size ?? entry.packed.count, 4)
        + little(entry.name.utf8.count, 2) + little(0, 2)
      directory += little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + common
      directory += little(0, 10) + little(entry.offset ?? bytes.count, 4) + Array(entry.name.utf8)
      bytes +=
        little(0x0403_4B50, 4) + little(20, 2) + common + Array(entry.name.utf8) + entry.packed
    }
    let total = count ?? entries.count
    return bytes + directory + little(0x0605_4B50, 4) + little(0, 4) + little(total, 2)
      + little(total, 2)
      + little(directory.count, 4) + little(bytes.count, 4) + little(0, 2)
  }

  private func read(_ bytes: [UInt8], _ name: String = "header.json", atMost limit: Int = 1 << 20)
    throws -> [UInt8]?
  {
    try DurableFile.write(bytes, to: folder["x.eval"])
    var file = try ZipFile(try ByteFile(folder["x.eval"]))
    return try file.member(name).map { try file.read($0, atMost: limit) }
  }

  private func problem(_ bytes: [UInt8], atMost limit: Int = 1 << 20) -> String? {
    #expect(throws: ForeignProblem.self) { try read(bytes, atMost: limit) }
      .map { $0.problem.replacing(folder.path + "/", with: "") }
  }

  @Test func `of members of one name the last counts`() throws {
    let bytes = zip([
      Entry(packed: Array("1".utf8)), Entry(name: "a"), Entry(packed: Array("2".utf8)),
    ])
    #expect(try read(bytes) == Array("2".utf8))
    #expect(try read(bytes, "absent") == nil)
  }

  @Test func `a comment that looks like an end is none`() throws {
    let plain = zip([Entry()])
    let comment = little(0x0605_4B50, 4) + [UInt8](repeating: 7, count: 40)
    let bytes = Array(plain.dropLast(2)) + little(comment.count, 2) + comment
    #expect(try read(bytes) == Array("{}".utf8))
  }

  @Test func `what packs small and unpacks large is refused before it is unpacked`() {
    #expect(
      problem(zip([Entry(size: 2 << 20)]))
        == "x.eval: byte 0: member 'header.json' has 2097152 bytes; at most 1 MiB are read")
    // A deflated member that gives more than it says.
    let zeros: [UInt8] = [
      0xED, 0xC1, 0x01, 0x01, 0, 0, 0, 0x80, 0x90, 0xFE, 0xAF, 0xEE, 0x08, 0x0A,
    ]
    #expect(
      problem(zip([Entry(method: 8, packed: zeros, size: 10)]))
        == "x.eval: byte 41: member 'header.json' is damaged: it does not unpack to its 10 bytes")
    #expect(
      problem(zip([Entry(method: 93, packed: [1, 2, 3], size: 10)]))?.contains("does not unpack")
        == true)
  }

  @Test func `members that share bytes are refused`() {
    let bytes = zip([Entry(), Entry(name: "b", offset: 0)])
    #expect(
      problem(bytes)
        == "x.eval: byte 0: member 'b' shares its bytes with another one or the directory")
  }

  @Test func `a zip that is not as it says is refused where it is wrong`() {
    let good = zip([Entry()])
    #expect(
      problem(Array(good.dropLast(5)))
        == "x.eval: byte \(good.count - 5): a zip file without its end: it is cut off, or still being written"
    )
    #expect(
      problem(zip([Entry()], count: 2))?.hasSuffix("of 1 entries; its end tells of 2") == true)
    #expect(problem(zip([Entry(flags: 1)]))?.hasSuffix("member 'header.json' is encrypted") == true)
    #expect(problem(zip([Entry(method: 14)]))?.hasSuffix("is packed with method 14") == true)
    #expect(
      problem(zip([Entry(crc: 1)]))
        == "x.eval: byte 41: the check sum of member 'header.json' is not that of its bytes")
    var elsewhere = good
    elsewhere[good.count - 6] = 0xFF
    #expect(problem(elsewhere)?.contains("names a directory of") == true)
    #expect(problem(zip([Entry(size: 3)]))?.contains("does not unpack to its 3 bytes") == true)
  }
}
