import Determinism
import GRDB
import Studies

extension Registry {
  /// Something that a check has found.
  package struct Finding: Equatable, Sendable, CustomStringConvertible {
    package enum Severity: String, Sendable, CaseIterable {
      /// What was recorded is not what is there.
      case damage
      /// An artifact that a rerun can make again is not held; its digest is on record.
      case notHeld = "not held"
      /// Nothing that is recorded is concerned.
      case notice
    }
    package let severity: Severity
    /// A table, a record or a file, relative to the registry's folder.
    package let place: String
    package let message: String
    package var description: String { "\(severity.rawValue): \(place): \(message)" }

    package init(severity: Severity, place: String, message: String) {
      self.severity = severity
      self.place = place
      self.message = message
    }
  }

  /// Whether everything is as it was recorded: structure, pages, references, every record against its hash,
  /// every chain link by link, every artifact held against its digest.
  ///
  /// This shows damage and hand edits. Somebody who rewrites records, hashes and chains alike is found out
  /// only by a ledger head that was noted elsewhere.
  /// - Parameter deep: also every index entry, and the bytes of objects that no record names.
  package func check(deep: Bool) throws -> [Finding] {
    try reading { db in
      var check = Check(registry: self, deep: deep, db: db)
      check.perform()
      return check.findings
    }
  }
}

/// One pass over a registry. A part that cannot be read is a finding, and the others are looked at anyway.
struct Check {
  typealias Finding = Registry.Finding
  let registry: Registry
  let deep: Bool
  let db: Database
  private(set) var findings: [Finding] = []

  init(registry: Registry, deep: Bool, db: Database) {
    self.registry = registry
    self.deep = deep
    self.db = db
  }

  mutating func perform() {
    examine("structure") { try $0.structure() }
    examine("pages") { try $0.pages() }
    for kind in registry.kinds { examine(kind.rawValue) { try $0.records(kind) } }
    if registry.format >= TermTable.since { examine("registered_term") { try $0.terms() } }
    examine("ledger") { try $0.ledger() }
    examine("stage") { try $0.alarms() }
    examine("attempt") { try $0.attempts() }
    examine("artifact") { try $0.artifacts() }
  }

  private mutating func examine(_ place: String, _ part: (inout Check) throws -> Void) {
    do { try translating(registry.database) { try part(&self) } } catch {
      add(.damage, place, (error as? RegistryError)?.problem ?? "\(error)")
    }
  }

  mutating func add(_ severity: Finding.Severity, _ place: String, _ message: String) {
    findings.append(Finding(severity: severity, place: place, message: message))
  }

  private mutating func structure() throws {
    for difference in try registry.structure.differences(in: db) {
      add(.damage, "structure", difference)
    }
  }

  private mutating func pages() throws {
    let pragma = deep ? "integrity_check" : "quick_check"
    for answer in try String.fetchAll(db, sql: "PRAGMA \(pragma)(20)") where answer != "ok" {
      add(.damage, "pages", answer)
    }
    for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20) {
      let table = String.fromDatabaseValue(row[0]) ?? "a table"
      let parent = String.fromDatabaseValue(row[2]) ?? "another"
      add(.damage, table, "a row refers to one in \(parent) that is not there")
    }
    let gaps = [
      ("run_stage", "run"), ("estimate", "assessment"), ("ledger", "chain"),
    ]
    for (table, owner) in gaps {
      let wrong = try db.rows(
        """
        SELECT \(owner) FROM \(table) GROUP BY \(owner)
        HAVING min(position) <> 0 OR max(position) <> count(*) - 1
        """)
      for row in wrong {
        add(.damage, table, "positions of \(owner) \(try row.integer(0)) are not 0, 1, 2, …")
      }
    }
    for table in ["run"] + (registry.kinds.contains(.registeredRun) ? ["registered_run"] : [])
    where try db.integer("SELECT count(*) FROM \(table)") != db.length(of: table) {
      add(.damage, table, "rows are missing")
    }
    let users =
      registry.valueTables.flatMap(\.names).map { "id NOT IN (SELECT name FROM \($0))" }
      + (registry.format >= TermTable.since
        ? ["NOT EXISTS (SELECT 1 FROM registered_term WHERE name = name.id)"] : [])
    let unused = try db.integer(
      "SELECT count(*) FROM name WHERE \(users.joined(separator: " AND "))")
    if unused != 0 { add(.damage, "name", "names that no value has") }
  }

  /// Each record is put together from its rows and hashed; columns kept for queries must say the same.
  private mutating func records(_ kind: AnyRecord.Kind) throws {
    for row in try db.rows("SELECT id, record FROM \(kind.table) ORDER BY id") {
      let id = try row.integer(0)
      examine("\(kind.rawValue) #\(id)") { check in
        let digest = try row.digest(1)
        let place = "\(kind.rawValue) \(digest.short)"
        let (found, wanted) = try RecordTable.digests(of: id, kind, check.db)
        if found != digest { check.add(.damage, place, "does not match its record hash") }
        for column in try RecordTable.falseColumns(wanted, kind, id: id, check.db) {
          check.add(.damage, place, "column \(column) differs from the record")
        }
      }
    }
  }

  private mutating func terms() throws {
    let check = TermCheck(db: db)
    for run in try check.wrongRuns().prefix(20) {
      add(.damage, "registered_term", "is not what registered run #\(run) has")
    }
    for annotation in try check.wrongAnnotations().prefix(20) {
      add(.damage, "annotation_tag", "is not what annotation #\(annotation) puts on")
    }
  }

  private mutating func ledger() throws {
    for chain in try LedgerTable.chains(db) {
      let place = "ledger of \(chain.slug) (origin \(chain.origin.short))"
      if let position = chain.firstBreak {
        add(.damage, place, "entry \(position) is not linked to what comes before it")
      }
      if chain.entries.isEmpty { add(.damage, place, "has no entries") }
      for (position, entry) in chain.entries.enumerated() {
        guard let kind = AnyRecord.Kind(rawValue: entry.kind),
          try RecordTable.id(of: entry.record, kind, db) != nil
        else {
          add(.damage, place, "entry \(position): \(entry.kind) \(entry.record.short) is missing")
          continue
        }
      }
    }
    for kind in registry.kinds {
      let lost = try db.rows(
        """
        SELECT record FROM \(kind.table) WHERE record NOT IN
          (SELECT record FROM ledger WHERE kind = '\(kind.rawValue)')
        """)
      for row in lost {
        add(.damage, "\(kind.rawValue) \(try row.digest(0).short)", "is in no ledger chain")
      }
    }
  }

  /// Imports refuse it; if it is there nevertheless, a stage is no function of its key.
  private mutating func alarms() throws {
    let rows = try db.rows(
      "SELECT key FROM stage GROUP BY key HAVING count(DISTINCT values_digest) > 1 ORDER BY key")
    for row in rows {
      add(.damage, "stage \(try row.digest(0).short)", "two records have other values")
    }
  }

  private mutating func attempts() throws {
    for row in try db.rows("SELECT run, CAST(document AS BLOB) FROM attempt ORDER BY run") {
      let run = try row.digest(0)
      examine("attempt \(run.short)") { check in
        if try RunRecord(document: try row.json(1)).id != run {
          check.add(.damage, "attempt \(run.short)", "is about another run")
        }
        if try Registry.isCompleted(run, check.db) {
          check.add(.damage, "attempt \(run.short)", "the run is completed as well")
        }
      }
    }
  }

  private mutating func artifacts() throws {
    let references = registry.valueTables
      .map { "SELECT sha256, role, size FROM \($0.artifact)" }.joined(separator: " UNION ALL ")
    let rows = try db.rows(
      """
      SELECT sha256, min(CASE role WHEN 'kept' THEN 0 ELSE 1 END), min(size), max(size)
      FROM (\(references)) GROUP BY sha256 ORDER BY sha256
      """)
    var named: Set<Digest> = []
    for row in rows {
      let digest = try row.digest(0)
      let isKept = try row.integer(1) == 0
      named.insert(digest)
      let place = "objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
      do {
        let size = try registry.objects.read(digest).count
        if try row.integer(2) != size || row.integer(3) != size {
          add(.damage, place, "its recorded size is not its size, \(size) bytes")
        }
      } catch RegistryError.notHeld {
        add(
          isKept ? .damage : .notHeld, place,
          isKept ? "a kept artifact is missing" : "a remade artifact is not held")
      } catch let error as RegistryError {
        add(.damage, place, error.problem)
      }
    }
    let (objects, strangers) = registry.objects.contents()
    for digest in objects where !named.contains(digest) {
      let place = "objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
      if deep, (try? registry.objects.read(digest)) == nil {
        add(.notice, place, "no record names it, and its bytes are not those of its name")
      } else {
        add(.notice, place, "no record names it")
      }
    }
    for name in strangers { add(.notice, "objects/\(name)", "not an artifact") }
  }
}

extension RecordTable {
  /// The hash of a record as its rows have it, and what columns beside the hashed ones, kept for queries, should
  /// say. Long series are read where they lie.
  fileprivate static func digests(of id: Int, _ kind: AnyRecord.Kind, _ db: Database) throws -> (
    record: Digest, columns: [(name: String, digest: Digest)]
  ) {
    if kind == .registeredRun {
      let streamed = try RegisteredRunTable.streamed(id, db)
      let fingerprint = try streamed.fingerprint()
      return (
        fingerprint.record,
        [
          ("run", streamed.run.id(of: fingerprint.record)), ("values_digest", fingerprint.values),
          ("config_digest", streamed.run.configDigest),
        ]
      )
    }
    let record = try load(id, kind, db)
    switch record {
    case .study(let study): return (record.digest, [("digest", study.digest)])
    case .stage(let stage):
      return (record.digest, [("key", stage.key), ("values_digest", stage.valuesDigest)])
    case .run(let run):
      return (record.digest, [("run", run.id), ("plan", run.run.digest(slug: run.slug))])
    case .registeredRun, .freeze, .assessment, .rerun, .annotation, .tombstone:
      return (record.digest, [])
    }
  }

  /// Those columns that say something else.
  fileprivate static func falseColumns(
    _ wanted: [(name: String, digest: Digest)], _ kind: AnyRecord.Kind, id: Int, _ db: Database
  ) throws -> [String] {
    try wanted.filter { name, digest in
      let row = try db.row("SELECT \(name) FROM \(kind.table) WHERE id = ?", [.integer(id)])
      return try row?.digest(0) != digest
    }.map(\.name)
  }
}
