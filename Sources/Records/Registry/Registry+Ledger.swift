import Determinism
import GRDB
import Studies

extension LedgerChain {
  /// SHA-256 of (previous link, record).
  package static func link(after previous: Digest, record: Digest) -> Digest {
    Digest(of: previous.bytes + record.bytes)
  }

  /// What the first entry of a chain is linked to: digest of the chain's name.
  package static func root(origin: Digest, slug: String) -> Digest {
    Digest(of: Array("dormouse.chain/1\u{0}".utf8) + origin.bytes + Array(slug.utf8))
  }

  package var root: Digest { Self.root(origin: origin, slug: slug) }
  package var head: Digest { entries.last?.link ?? root }

  /// The first position whose link is not the hash of what comes before it.
  package var firstBreak: Int? {
    var previous = root
    for (position, entry) in entries.enumerated() {
      guard entry.link == Self.link(after: previous, record: entry.record) else { return position }
      previous = entry.link
    }
    return nil
  }

  /// The registry head: SHA-256 over the sorted (origin, study, length, chain head).
  package static func head(of chains: [LedgerChain]) -> Digest { head(of: chains.map(\.end)) }

  package static func head(of ends: [End]) -> Digest {
    Digest(
      of: .array(
        ends.sorted().map { [JSON($0.origin), JSON($0.slug), JSON($0.length), JSON($0.head)] }))
  }

  /// By origin, then by the bytes of the slug.
  package static func sorted(_ chains: [LedgerChain]) -> [LedgerChain] {
    chains.map { ($0.end, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// All that the registry head takes from a chain.
  package struct End: Sendable, Comparable {
    package let origin: Digest
    package let slug: String
    package let length: Int
    package let head: Digest

    package static func < (left: End, right: End) -> Bool {
      left.origin != right.origin
        ? left.origin < right.origin : JSON.Text(left.slug) < JSON.Text(right.slug)
    }
  }

  package var end: End { End(origin: origin, slug: slug, length: entries.count, head: head) }
}

/// The chains as rows.
enum LedgerTable {
  static func chain(origin: Digest, slug: String, _ db: Database) throws -> Int {
    let found = try db.integer(
      "SELECT id FROM chain WHERE origin = ? AND slug = CAST(? AS TEXT)",
      [.digest(origin), .text(slug)])
    return try found
      ?? db.insert(into: "chain", ["origin": .digest(origin), "slug": .text(slug)])
  }

  /// Appends to the chain unless the record is in it already.
  static func append(
    _ kind: AnyRecord.Kind, _ record: Digest, origin: Digest, slug: String, _ db: Database
  ) throws {
    let chain = try chain(origin: origin, slug: slug, db)
    let known = try db.row(
      "SELECT 1 FROM ledger WHERE chain = ? AND record = ?", [.integer(chain), .digest(record)])
    if known != nil { return }
    let last = try db.row(
      "SELECT position, link FROM ledger WHERE chain = ? ORDER BY position DESC LIMIT 1",
      [.integer(chain)])
    let previous = try last?.digest(1) ?? LedgerChain.root(origin: origin, slug: slug)
    let link = LedgerChain.link(after: previous, record: record)
    try insert(
      LedgerChain.Entry(kind: kind.rawValue, record: record, link: link),
      at: try last.map { try $0.integer(0) + 1 } ?? 0, chain: chain, db)
  }

  static func insert(_ entry: LedgerChain.Entry, at position: Int, chain: Int, _ db: Database)
    throws
  {
    try db.insert(
      into: "ledger",
      [
        "chain": .integer(chain), "position": .integer(position), "kind": .text(entry.kind),
        "record": .digest(entry.record), "link": .digest(entry.link),
      ])
  }

  static func head(_ db: Database) throws -> Digest {
    let chains = try db.rows("SELECT id, origin, CAST(slug AS BLOB) FROM chain")
    return LedgerChain.head(
      of: try chains.map { row in
        let (origin, slug) = (try row.digest(1), try row.text(2))
        let last = try db.row(
          "SELECT position, link FROM ledger WHERE chain = ? ORDER BY position DESC LIMIT 1",
          [.integer(try row.integer(0))])
        return LedgerChain.End(
          origin: origin, slug: slug, length: try last.map { try $0.integer(0) + 1 } ?? 0,
          head: try last?.digest(1) ?? LedgerChain.root(origin: origin, slug: slug))
      })
  }

  static func chains(_ db: Database) throws -> [LedgerChain] {
    let chains = try db.rows("SELECT id, origin, CAST(slug AS BLOB) FROM chain")
    return LedgerChain.sorted(
      try chains.map { row in
        LedgerChain(
          origin: try row.digest(1), slug: try row.text(2),
          entries: try db.rows(
            """
            SELECT CAST(kind AS BLOB), record, link FROM ledger WHERE chain = ? ORDER BY position
            """, [.integer(try row.integer(0))]
          ).map {
            LedgerChain.Entry(
              kind: try $0.text(0), record: try $0.digest(1), link: try $0.digest(2))
          })
      })
  }
}

/// Records of every kind as rows, by the digest of their document.
enum RecordTable {
  static func id(of record: Digest, _ kind: AnyRecord.Kind, _ db: Database) throws -> Int? {
    try db.integer("SELECT id FROM \(kind.table) WHERE record = ?", [.digest(record)])
  }

  /// Inserts the record unless it is there, whatever chain it came in.
  static func insert(_ record: AnyRecord, _ digest: Digest, _ db: Database) throws {
    guard try id(of: digest, record.kind, db) == nil else { return }
    switch record {
    case .study(let study): try StudyTable.insert(study, digest, db)
    case .stage(let stage): try StageTable.insert(stage, digest, db)
    case .run(let run): try RunTable.insert(run, digest, db)
    case .freeze(let freeze): try FreezeTable.insert(freeze, digest, db)
    case .assessment(let assessment): try AssessmentTable.insert(assessment, digest, db)
    case .rerun(let rerun): try RerunTable.insert(rerun, digest, db)
    case .registeredRun(let run):
      try RegisteredRunTable.insert(StreamedRun(run), run.fingerprint, db)
    case .annotation(let annotation): try AnnotationTable.insert(annotation, digest, db)
    case .tombstone(let tombstone): try TombstoneTable.insert(tombstone, digest, db)
    }
  }

  static func load(_ id: Int, _ kind: AnyRecord.Kind, _ db: Database) throws -> AnyRecord {
    switch kind {
    case .study: .study(try StudyTable.load(id, db))
    case .stage: .stage(try StageTable.load(id, db))
    case .run: .run(try RunTable.load(id, db))
    case .freeze: .freeze(try FreezeTable.load(id, db))
    case .assessment: .assessment(try AssessmentTable.load(id, db))
    case .rerun: .rerun(try RerunTable.load(id, db))
    case .registeredRun: .registeredRun(try RegisteredRunTable.load(id, db))
    case .annotation: .annotation(try AnnotationTable.load(id, db))
    case .tombstone: .tombstone(try TombstoneTable.load(id, db))
    }
  }

  /// The record, verified against its digest.
  static func verified(_ digest: Digest, _ kind: AnyRecord.Kind, _ db: Database, file: String)
    throws -> AnyRecord
  {
    let record = try loaded(digest, kind, db)
    try verify(record, digest, file: file)
    return record
  }

  /// What stands under the digest, whether it matches or not.
  static func loaded(_ digest: Digest, _ kind: AnyRecord.Kind, _ db: Database) throws -> AnyRecord {
    guard let id = try id(of: digest, kind, db) else {
      throw RegistryError.unknown(kind: kind.rawValue, id: digest)
    }
    return try load(id, kind, db)
  }

  static func verify(_ record: AnyRecord, _ digest: Digest, file: String) throws {
    guard record.digest == digest else {
      throw RegistryError.damaged(
        path: file, what: "\(record.kind.rawValue) record \(digest.hex) does not match its hash")
    }
  }
}

extension Registry {
  /// The ledger head: what to note elsewhere, so that later tampering is evident. Read from the ends of the
  /// chains: it costs the same however long they are.
  package func head() throws -> Digest { try reading { try LedgerTable.head($0) } }

  /// Appends a record of our own, in the transaction of `db`. What is written can be read back from its
  /// document, or it is not written.
  func append(_ record: AnyRecord, slug: String, _ db: Database) throws {
    let document = record.document
    let digest = Digest(of: document)
    _ = try AnyRecord(document: document)
    try RecordTable.insert(record, digest, db)
    try LedgerTable.append(record.kind, digest, origin: origin, slug: slug, db)
  }
}
