import Determinism
import Records

/// Reads `records.jsonl` line by line, against the chains that the manifest announces.
struct RecordLines {
  let folder: String
  let slug: String
  private var waiting: ArraySlice<ArchiveManifest.Chain>
  private var entries: [LedgerChain.Entry] = []
  private(set) var finished: [LedgerChain] = []
  private(set) var records: [Digest: AnyRecord] = [:]
  private(set) var lines: [Digest: Int] = [:]
  private(set) var counts: [String: Int] = [:]
  private(set) var artifacts: Set<Digest> = []
  private var number = 0
  /// Bytes from which on a line may be one of a run with many points.
  private let longLine: Int

  init(
    folder: String, slug: String, chains: [ArchiveManifest.Chain], longLine: Int = 1 << 20
  ) {
    self.longLine = longLine
    self.folder = folder
    self.slug = slug
    waiting = chains[...]
  }

  private func refuse(_ message: String) -> ArchiveError {
    ArchiveError(folder, ArchiveFormat.records, line: number, message)
  }

  mutating func read(_ file: [UInt8]) throws(ArchiveError) {
    var start = 0
    while start < file.count {
      number += 1
      guard let end = file[start...].firstIndex(of: UInt8(ascii: "\n")) else {
        throw refuse("the line is cut off")
      }
      let line = file[start..<end]
      if line.count > longLine, let long = LongRunLine(line) {
        try take(long.rest[...], long)
      } else {
        try take(line, nil)
      }
      start = end + 1
    }
    guard waiting.isEmpty else { throw refuse("the file ends before its chains do") }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>, _ long: LongRunLine?) throws(ArchiveError)
  {
    guard bytes.count <= ArchiveFormat.largestLine else { throw refuse("the line is too long") }
    guard let chain = waiting.first else { throw refuse("a line beyond the announced chains") }
    let line: JSON
    do { line = try JSON(parsing: bytes) } catch {
      throw refuse("column \(error.column): \(error.message)")
    }
    guard line.canonicalBytes.elementsEqual(bytes) else { throw refuse("is not canonical JSON") }
    guard let members = line.object, Set(members.keys).isSubset(of: Self.members),
      let word = members["kind"]?.string, let record = members["record"]?.digest,
      let link = members["link"]?.digest
    else { throw refuse("needs 'kind', 'record' and 'link', and may have a 'document'") }
    guard let kind = AnyRecord.Kind(rawValue: word) else {
      throw refuse("unknown kind of record '\(word)'")
    }
    try take(members["document"], as: record, kind, long)
    let previous =
      entries.last?.link ?? LedgerChain.root(origin: chain.origin, slug: slug)
    guard link == LedgerChain.link(after: previous, record: record) else {
      throw refuse("is not linked to what comes before it")
    }
    entries.append(LedgerChain.Entry(kind: word, record: record, link: link))
    if entries.count == chain.length {
      guard link == chain.head else { throw refuse("is not the head that the manifest names") }
      finished.append(LedgerChain(origin: chain.origin, slug: slug, entries: entries))
      entries = []
      waiting = waiting.dropFirst()
    }
  }

  private static let members: Set<String> = ["kind", "record", "link", "document"]

  private mutating func take(
    _ document: JSON?, as digest: Digest, _ kind: AnyRecord.Kind, _ long: LongRunLine?
  ) throws(ArchiveError) {
    guard let document else {
      guard let earlier = records[digest], earlier.kind == kind else {
        throw refuse("has no document, and no earlier line has it")
      }
      return
    }
    guard records[digest] == nil else { throw refuse("repeats the document of an earlier line") }
    var record: AnyRecord
    do { record = try AnyRecord(document: document) } catch { throw refuse("\(error)") }
    guard record.kind == kind else { throw refuse("is a \(record.kind.rawValue), not a \(kind)") }
    if let long, case .registeredRun(let run) = record {
      record = .registeredRun(run.with(series: long.series))
      // That of its bytes is not enough: they might not be the canonical ones.
      guard record.digest == long.digest else { throw refuse("is not canonical JSON") }
    }
    guard try long?.digest ?? Digest(of: document) == digest else {
      throw refuse("the document does not match its record hash")
    }
    records[digest] = record
    lines[digest] = number
    counts[kind.rawValue, default: 0] += 1
    for artifact in record.artifacts.values { artifacts.insert(artifact.digest) }
  }
}
