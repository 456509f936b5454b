import Determinism
import GRDB
import Studies

extension Registry {
  /// A run by its id, completed or not.
  package func run(_ id: Digest) throws -> RunRecord? {
    try reading { try Self.run(id, $0) }
  }

  static func run(_ id: Digest, _ db: Database) throws -> RunRecord? {
    if let row = try db.row("SELECT id FROM run WHERE run = ?", [.digest(id)]) {
      return try RunTable.load(try row.integer(0), db)
    }
    return try db.row("SELECT CAST(document AS BLOB) FROM attempt WHERE run = ?", [.digest(id)])
      .map { try RunRecord(document: try $0.json(0)) }
  }

  /// Whether a completed run, its study and every stage it rests on are as they were recorded, linked in an
  /// unbroken chain, with every kept artifact held and every held one undamaged.
  /// - Throws: `RegistryError`, the first thing that is wrong. A rerun stops there.
  package func verify(run id: Digest) throws {
    try reading { db in
      guard let row = try db.row("SELECT record FROM run WHERE run = ?", [.digest(id)]) else {
        throw RegistryError.unknown(kind: "completed run", id: id)
      }
      let record = try row.digest(0)
      guard
        case .run(let run) = try RecordTable.verified(record, .run, db, file: database),
        run.id == id
      else { throw damaged("run \(id.hex) is not the run of its record") }
      let chain = try verifiedChain(run, db)
      guard chain.contains(record) else { throw damaged("run \(id.hex) is not in its ledger") }
      try verifyStudy(of: run, chain, db)
      var seen: Set<Digest> = []
      for stage in run.run.stages {
        try verify(stage: stage.key, name: stage.name, of: run, chain, &seen, db)
      }
    }
  }

  private func damaged(_ what: String) -> RegistryError { .damaged(path: database, what: what) }

  private func verifiedChain(_ run: RunRecord, _ db: Database) throws -> Set<Digest> {
    let chains = try LedgerTable.chains(db)
    guard
      let chain = chains.first(where: {
        $0.origin == run.origin && JSON.Text($0.slug) == JSON.Text(run.slug)
      })
    else { throw damaged("the ledger of '\(run.slug)' is missing") }
    if let position = chain.firstBreak {
      throw RegistryError.brokenChain(slug: run.slug, origin: run.origin, position: position)
    }
    return Set(chain.entries.map(\.record))
  }

  private func verifyStudy(of run: RunRecord, _ chain: Set<Digest>, _ db: Database) throws {
    for row in try db.rows("SELECT record FROM study WHERE digest = ?", [.digest(run.studyDigest)])
    {
      let record = try row.digest(0)
      guard chain.contains(record) else { continue }
      _ = try RecordTable.verified(record, .study, db, file: database)
      return
    }
    throw damaged("the study of run \(run.id.hex) is missing")
  }

  private func verify(
    stage key: Digest, name: String, of run: RunRecord, _ chain: Set<Digest>,
    _ seen: inout Set<Digest>, _ db: Database
  ) throws {
    guard seen.insert(key).inserted else { return }
    let rows = try db.rows("SELECT record FROM stage WHERE key = ? ORDER BY id", [.digest(key)])
    let records = try rows.map { try $0.digest(0) }
    guard let record = records.first(where: chain.contains) else {
      throw RegistryError.missingStage(run: run.id, stage: name, key: key)
    }
    guard
      case .stage(let stage) = try RecordTable.verified(record, .stage, db, file: database),
      stage.key == key
    else { throw damaged("stage '\(name)' is not the one of its key") }
    for (_, artifact) in stage.artifacts.sorted(by: { $0.key < $1.key }) {
      if artifact.role == .remade, !objects.holds(artifact.digest) { continue }
      let size = try objects.read(artifact.digest).count
      guard size == artifact.size else {
        throw RegistryError.damagedObject(
          artifact.digest, reason: "\(size) bytes, \(artifact.size) on record")
      }
    }
    for (port, input) in stage.step.inputs.sorted(by: { $0.key < $1.key }) {
      try verify(stage: input, name: "\(name).\(port)", of: run, chain, &seen, db)
    }
  }
}
