import Determinism
import Records

/// A log of Inspect: a head, and samples one at a time. A zip file of JSON documents (`.eval`), or one document.
struct InspectLog {
  /// Bytes of the largest JSON document; of the largest sample.
  static let largestDocument = 256 << 20
  static let largestSample = 64 << 20
  /// Samples; who has more evaluated with something else.
  static let mostSamples = 5_000_000

  let file: String
  /// `version`, `status`, `eval`, `plan`, `results`, `stats`; without `status` the log is not finished.
  private(set) var head: JSON.Object
  private var zip: ZipFile?
  private var names: ArraySlice<ZipFile.Member> = []
  private var samples: ArraySlice<JSON> = []

  static func recognises(_ path: String) -> Bool {
    guard let file = ForeignFile(path) else { return false }
    let head = file.prefix(4096)
    if ZipFile.recognises(head) {
      guard head.count >= 30 else { return false }
      let count = Int(head.littleEndian(at: 26, as: UInt16.self))
      let name = head[30...].prefix(count)
      return path.ends(with: ".eval")
        || [start, header, "samples/"].contains { name.starts(with: $0.utf8) }
    }
    // A damaged one is to be told, not passed over.
    if path.ends(with: ".eval") { return true }
    guard head.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return false }
    let text = String(decoding: head, as: UTF8.self)
    return [#""version""#, #""eval""#, #""task""#].allSatisfy { text.utf8.contains($0) }
  }

  private static let start = "_journal/start.json"
  private static let header = "header.json"

  init(_ path: String) throws(ForeignProblem) {
    file = path
    let bytes = try ByteFile(path)
    let isZip = ZipFile.recognises(try bytes.read(at: 0, count: min(4, bytes.size)))
    guard isZip || path.ends(with: ".eval") else {
      guard bytes.size <= Self.largestDocument else {
        throw ForeignProblem(
          path,
          "has \(bytes.size) bytes; at most \(Self.largestDocument >> 20) MiB of JSON are read",
          hint: "convert it, then it is read sample by sample: inspect log convert --to eval")
      }
      head = try Self.object(try bytes.read(at: 0, count: bytes.size), path, nil)
      samples = (head["samples"]?.array ?? [])[...]
      head["samples"] = nil
      return
    }
    var zip = try ZipFile(bytes)
    guard let member = zip.member(Self.header) ?? zip.member(Self.start) else {
      throw ForeignProblem(
        path, "holds neither \(Self.header) nor \(Self.start)", hint: "is it a log of Inspect?")
    }
    head = try Self.object(try zip.read(member, atMost: Self.largestSample), path, member.name)
    names =
      zip.members.filter {
        $0.name.utf8.starts(with: "samples/".utf8) && $0.name.ends(with: ".json")
      }[...]
    guard names.count <= Self.mostSamples else {
      throw ForeignProblem(path, "holds more than \(Self.mostSamples) samples")
    }
    self.zip = zip
  }

  /// The next sample; nil after the last one.
  mutating func nextSample() throws(ForeignProblem) -> JSON.Object? {
    if let sample = samples.popFirst() {
      guard let object = sample.object else {
        throw ForeignProblem(file, at: .within("samples"), "a sample is no mapping")
      }
      return object
    }
    guard let member = names.popFirst(), var zip else { return nil }
    // Its one owner, so that its count of bytes goes on.
    self.zip = nil
    defer { self.zip = zip }
    return try Self.object(try zip.read(member, atMost: Self.largestSample), file, member.name)
  }

  private static func object(
    _ bytes: [UInt8], _ file: String, _ member: String?
  ) throws(ForeignProblem) -> JSON.Object {
    let json: JSON
    do { json = try JSON(parsing: bytes, nonFinite: true) } catch {
      throw ForeignProblem(
        file,
        at: member.map { .within("member \($0), line \(error.line), column \(error.column)") }
          ?? .line(error.line, column: error.column), error.message)
    }
    guard let object = json.object else {
      throw ForeignProblem(
        file, at: member.map { .within("member \($0)") } ?? .line(1), "is no JSON object")
    }
    return object
  }
}

extension String.UTF8View {
  fileprivate func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    var start = startIndex
    while let found = self[start...].firstIndex(of: wanted[0]) {
      if self[found...].starts(with: wanted) { return true }
      start = index(after: found)
    }
    return false
  }
}
