import Determinism
import GRDB
import Studies

extension Registry {
  /// What an import has added; nothing when it was here before.
  package struct Imported: Equatable, Sendable {
    package var records = 0
    package var artifacts = 0
    package init() {}
  }

  /// Copies chains with their records and artifacts from elsewhere, verbatim: every record and link is the
  /// exporter's, nothing is appended, and a chain that is here already has to begin the same way.
  ///
  /// All or nothing: everything is verified first, artifacts are made durable next, and one transaction
  /// does the rest. (Should that fail, artifacts that no record names may stay; `check` lists them.)
  /// - Parameters:
  ///   - records: by record hash, every record that the chains name.
  ///   - artifacts: digests of the artifacts that come along.
  ///   - bytes: of one of those.
  /// - Throws: `RegistryError`; `.refusedImport` names the record at fault.
  package func adopt(
    chains: [LedgerChain], records: [Digest: AnyRecord], artifacts: Set<Digest>,
    bytes: (Digest) throws -> [UInt8]
  ) throws -> Imported {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    for chain in chains { try ImportRules(records: records).verify(chain) }
    try reading { db in
      for chain in chains { _ = try Self.newEntries(of: chain, db) }
      try refuseConflicts(records, db)
    }
    try refuseMissing(records, coming: artifacts)
    var imported = Imported()
    for digest in artifacts.sorted() where !objects.holds(digest) {
      let bytes = try bytes(digest)
      guard Digest(of: bytes) == digest else {
        throw RegistryError.damagedObject(digest, reason: "its bytes have another digest")
      }
      try objects.write(bytes, digest: digest)
      imported.artifacts += 1
    }
    try writing { db in
      // Again, now that nobody else can write, or collect garbage.
      try refuseConflicts(records, db)
      try refuseMissing(records, coming: [])
      for chain in LedgerChain.sorted(chains) {
        let new = try Self.newEntries(of: chain, db)
        guard !new.isEmpty else { continue }
        let id = try LedgerTable.chain(origin: chain.origin, slug: chain.slug, db)
        for (position, entry) in zip(new.indices, new) {
          guard let record = records[entry.record] else { continue }
          try RecordTable.insert(record, entry.record, db)
          if case .run(let run) = record {
            try db.run("DELETE FROM attempt WHERE run = ?", [.digest(run.id)])
          }
          try LedgerTable.insert(entry, at: position, chain: id, db)
          imported.records += 1
        }
      }
    }
    return imported
  }

  /// The entries that the chain here does not have yet, at their positions.
  private static func newEntries(of chain: LedgerChain, _ db: Database) throws
    -> ArraySlice<LedgerChain.Entry>
  {
    let rows = try db.rows(
      """
      SELECT link FROM ledger WHERE chain =
        (SELECT id FROM chain WHERE origin = ? AND slug = CAST(? AS TEXT)) ORDER BY position
      """, [.digest(chain.origin), .text(chain.slug)])
    for (position, row) in rows.prefix(chain.entries.count).enumerated() {
      guard try row.digest(0) == chain.entries[position].link else {
        throw RegistryError.divergingChain(
          slug: chain.slug, origin: chain.origin, position: position)
      }
    }
    return chain.entries.dropFirst(rows.count)
  }

  private func refuseConflicts(_ records: [Digest: AnyRecord], _ db: Database) throws {
    for (digest, record) in records.sorted(by: { $0.key < $1.key }) {
      try refuseConflict(record, digest, db)
    }
  }

  /// Same id with other content is an error: of runs by their id, of stage values by their key.
  private func refuseConflict(_ record: AnyRecord, _ digest: Digest, _ db: Database) throws {
    switch record {
    case .run(let run):
      let row = try db.row("SELECT record FROM run WHERE run = ?", [.digest(run.id)])
      if let row, try row.digest(0) != digest {
        throw RegistryError.refusedImport(
          record: digest, problem: "run \(run.id.short) is recorded here with other content")
      }
    case .stage(let stage):
      let rows = try db.rows(
        "SELECT values_digest FROM stage WHERE key = ?", [.digest(stage.key)])
      for row in rows where try row.digest(0) != stage.valuesDigest {
        throw RegistryError.conflictingStage(
          key: stage.key, kind: stage.step.kind, recorded: try row.digest(0),
          offered: stage.valuesDigest)
      }
    case .registeredRun(let run):
      let id = run.id(of: digest)
      let row = try db.row("SELECT record FROM registered_run WHERE run = ?", [.digest(id)])
      if let row, try row.digest(0) != digest {
        throw RegistryError.refusedImport(
          record: digest,
          problem: "registered run \(id.short) is recorded here with other content")
      }
    case .study, .freeze, .assessment, .rerun, .annotation, .tombstone: break
    }
  }

  private func refuseMissing(_ records: [Digest: AnyRecord], coming: Set<Digest>) throws {
    for (digest, record) in records.sorted(by: { $0.key < $1.key }) {
      try refuseMissing(record, digest, coming: coming)
    }
  }

  private func refuseMissing(_ record: AnyRecord, _ digest: Digest, coming: Set<Digest>) throws {
    for (name, artifact) in record.artifacts.sorted(by: { $0.key < $1.key })
    where artifact.role == .kept && !coming.contains(artifact.digest)
      && !objects.holds(artifact.digest)
    {
      throw RegistryError.refusedImport(
        record: digest, problem: "its kept artifact '\(name)' did not come along")
    }
  }

  /// Everything for which `adopt` would refuse.
  func conflicts(
    of chains: [LedgerChain], _ records: [Digest: AnyRecord], coming: Set<Digest>
  ) throws -> [RegistryError] {
    var found: [RegistryError] = []
    func note(_ body: () throws -> Void) throws {
      do { try body() } catch let error as RegistryError {
        if !found.contains(error) { found.append(error) }
      }
    }
    try reading { db in
      for chain in LedgerChain.sorted(chains) {
        try note { try ImportRules(records: records).verify(chain) }
        try note { _ = try Self.newEntries(of: chain, db) }
      }
      for (digest, record) in records.sorted(by: { $0.key < $1.key }) {
        try note { try refuseConflict(record, digest, db) }
        try note { try refuseMissing(record, digest, coming: coming) }
      }
    }
    return found
  }
}

/// What has to hold of a chain before anything of it is written.
struct ImportRules {
  let records: [Digest: AnyRecord]

  func verify(_ chain: LedgerChain) throws {
    if let position = chain.firstBreak {
      throw RegistryError.brokenChain(slug: chain.slug, origin: chain.origin, position: position)
    }
    var seen: Set<Digest> = []
    var stages: [Digest: StageRecord] = [:]
    for entry in chain.entries {
      func refuse(_ problem: String) -> RegistryError {
        .refusedImport(record: entry.record, problem: problem)
      }
      guard seen.insert(entry.record).inserted else { throw refuse("is in its chain twice") }
      guard let record = records[entry.record], record.kind.rawValue == entry.kind else {
        throw refuse("no such \(entry.kind) record came along")
      }
      guard record.digest == entry.record else { throw refuse("does not match its record hash") }
      if let slug = record.slug, JSON.Text(slug) != JSON.Text(chain.slug) {
        throw refuse("belongs to the study '\(slug)'")
      }
      switch record {
      case .stage(let stage):
        if let other = stages.updateValue(stage, forKey: stage.key),
          other.valuesDigest != stage.valuesDigest
        {
          throw refuse("another record has other values under the same stage key")
        }
        for (port, key) in stage.step.inputs.sorted(by: { $0.key < $1.key })
        where stages[key] == nil {
          throw refuse("its input '\(port)' is no earlier stage of the chain")
        }
      case .run(let run):
        guard run.origin == chain.origin else { throw refuse("the run is of another origin") }
        for stage in run.run.stages where stages[stage.key] == nil {
          throw refuse("its stage '\(stage.name)' is not in the chain before it")
        }
      case .study, .freeze, .assessment, .rerun, .registeredRun, .annotation, .tombstone: break
      }
    }
  }
}
