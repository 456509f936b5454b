import Determinism
import Records
import Studies

/// A log of Inspect: a head, and samples one at a time. A zip file of JSON documents (`.eval`), or one document.
struct InspectLog {
  /// Bytes of the largest JSON document; of the largest sample; of what is read of one.
  static let largestDocument = 256 << 20
  static let largestSample = 256 << 20
  static let largestPart = 16 << 20

  let file: String
  /// `version`, `status`, `eval`, `plan`, `results`, `stats`; without `status` the log is not finished.
  private(set) var head: JSON.Object
  private var zip: ZipFile?
  private var names: ArraySlice<ZipFile.Member> = []
  /// Of one document: its text, and the samples in it.
  private var text: [UInt8] = []
  private var samples: JSONMembers?
  /// The parts of a sample that are read; what was said is most of it, and is not.
  private let parts: Set<JSON.Text>

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

  /// - Parameter parts: of each sample, the members that are read.
  init(_ path: String, parts: [String]) throws(ForeignProblem) {
    file = path
    self.parts = Set(parts.map { JSON.Text($0) })
    let bytes = try ByteFile(path)
    let isZip = ZipFile.recognises(try bytes.read(at: 0, count: min(4, bytes.size)))
    guard isZip || path.ends(with: ".eval") else {
      guard bytes.size <= Self.largestDocument else {
        throw ForeignProblem(
          path,
          "has \(bytes.size) bytes; at most \(Self.largestDocument >> 20) MiB of JSON are read",
          hint: "convert it, then it is read sample by sample: inspect log convert --to eval")
      }
      text = try bytes.read(at: 0, count: bytes.size)
      (head, samples) = try Self.head(text, path)
      return
    }
    var zip = try ZipFile(bytes)
    guard let member = zip.member(Self.header) ?? zip.member(Self.start) else {
      throw ForeignProblem(
        path, "holds neither \(Self.header) nor \(Self.start)", hint: "is it a log of Inspect?")
    }
    let text = try zip.read(member, atMost: Self.largestDocument)
    do throws(JSONMembers.Problem) {
      head = try JSONMembers.object(text, atMost: Self.largestPart) { Self.headParts.contains($0) }
    } catch { throw Self.problem(error, path, member.name) }
    names =
      zip.members.filter {
        $0.name.utf8.starts(with: "samples/".utf8) && $0.name.ends(with: ".json")
      }[...]
    self.zip = zip
  }

  private static let headParts = [
    "version", "status", "eval", "plan", "results", "stats", "error", "tags", "metadata",
  ]

  private static func head(
    _ text: [UInt8], _ path: String
  ) throws(ForeignProblem) -> (head: JSON.Object, samples: JSONMembers?) {
    do throws(JSONMembers.Problem) {
      var samples: JSONMembers?
      var members = try JSONMembers(text)
      while let member = try members.next() {
        if member.key == "samples", text[member.value.lowerBound] == UInt8(ascii: "[") {
          samples = try JSONMembers(text, in: member.value)
        }
      }
      return (
        try JSONMembers.object(text, atMost: largestPart) { headParts.contains($0) }, samples
      )
    } catch { throw problem(error, path, nil) }
  }

  /// The next sample; nil after the last one.
  mutating func nextSample() throws(ForeignProblem) -> JSON.Object? {
    if samples != nil {
      do throws(JSONMembers.Problem) {
        guard let sample = try samples?.next() else { return nil }
        return try object(text, in: sample.value)
      } catch { throw Self.problem(error, file, nil) }
    }
    guard let member = names.popFirst(), var zip else { return nil }
    // Its one owner, so that its count of bytes goes on.
    self.zip = nil
    defer { self.zip = zip }
    let text = try zip.read(member, atMost: Self.largestSample)
    do throws(JSONMembers.Problem) { return try object(text) } catch {
      throw Self.problem(error, file, member.name)
    }
  }

  private func object(
    _ text: [UInt8], in range: Range<Int>? = nil
  ) throws(JSONMembers.Problem) -> JSON.Object {
    try JSONMembers.object(text, in: range, atMost: Self.largestPart) {
      parts.contains(JSON.Text($0))
    }
  }

  private static func problem(
    _ problem: JSONMembers.Problem, _ file: String, _ member: String?
  ) -> ForeignProblem {
    ForeignProblem(
      file,
      at: member.map { .within("member \(Wording.shown($0)), byte \(problem.offset)") }
        ?? .byte(problem.offset), problem.message)
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
