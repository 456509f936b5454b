import Determinism
import GRDB
import Studies

extension Registry {
  package func record(_ study: StudyRecord) throws {
    try writing { try append(.study(study), slug: study.slug, $0) }
  }

  package func stage(_ key: Digest) throws -> StageRecord? {
    try reading { try Self.stage(key, $0, file: database) }
  }

  /// The stage under a key, verified against its record hash. Imports may bring records of the same values
  /// under other circumstances: the first to come stands for the key.
  static func stage(_ key: Digest, _ db: Database, file: String) throws -> StageRecord? {
    guard
      let row = try db.row(
        "SELECT record FROM stage WHERE key = ? ORDER BY id LIMIT 1", [.digest(key)])
    else { return nil }
    guard
      case .stage(let stage) = try RecordTable.verified(
        try row.digest(0), .stage, db, file: file), stage.key == key
    else { throw RegistryError.damaged(path: file, what: "stage \(key.hex) has another's record") }
    return stage
  }

  package func record(
    stage step: PlannedStep, values: StageValues, circumstances: JSON.Object, slug: String
  ) throws -> StageRecord {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let stage = StageRecord(step: step, values: values, circumstances: circumstances)
    // Objects first, the record that refers to them after: never the other way round.
    for (_, artifact) in values.artifacts.sorted(by: { $0.key < $1.key }) {
      try objects.write(artifact.bytes, digest: artifact.reference.digest)
    }
    let recorded = try writing { db in
      if let earlier = try Self.stage(step.key, db, file: database) {
        guard earlier.valuesDigest == stage.valuesDigest else {
          throw RegistryError.conflictingStage(
            key: step.key, kind: step.kind, recorded: earlier.valuesDigest,
            offered: stage.valuesDigest)
        }
        _ = try chainStage(step.key, slug: slug, db)
        return earlier
      }
      try chainInputs(of: step.inputs, slug: slug, db)
      // Whoever collects garbage may have taken one for abandoned before its record was there.
      for (_, artifact) in values.artifacts.sorted(by: { $0.key < $1.key })
      where !objects.holds(artifact.reference.digest) {
        try objects.write(artifact.bytes, digest: artifact.reference.digest)
      }
      try append(.stage(stage), slug: slug, db)
      return stage
    }
    removeResumePoint(step.key)
    return recorded
  }

  /// Every stage that a run or stage rests on belongs to its study's chain, before it, so that an archive
  /// of the study is whole even where another study performed the stage.
  /// - Returns: false when there is no result under the key.
  func chainStage(_ key: Digest, slug: String, _ db: Database) throws -> Bool {
    guard
      let row = try db.row(
        "SELECT id, record FROM stage WHERE key = ? ORDER BY id LIMIT 1", [.digest(key)])
    else { return false }
    let record = try row.digest(1)
    let chain = try LedgerTable.chain(origin: origin, slug: slug, db)
    let known = try db.row(
      "SELECT 1 FROM ledger WHERE chain = ? AND record = ?", [.integer(chain), .digest(record)])
    if known != nil { return true }
    let inputs = try db.rows(
      "SELECT CAST(port AS BLOB), key FROM stage_input WHERE stage = ?",
      [.integer(try row.integer(0))])
    try chainInputs(
      of: Dictionary(
        try inputs.map { (try $0.text(0), try $0.digest(1)) },
        uniquingKeysWith: { first, _ in first }),
      slug: slug, db)
    try LedgerTable.append(.stage, record, origin: origin, slug: slug, db)
    return true
  }

  private func chainInputs(of inputs: [String: Digest], slug: String, _ db: Database) throws {
    for (port, key) in inputs.sorted(by: { $0.key < $1.key }) {
      guard try chainStage(key, slug: slug, db) else {
        throw RegistryError.unknown(kind: "result for the input '\(port)', stage", id: key)
      }
    }
  }

  package func artifact(_ digest: Digest) throws -> [UInt8] { try objects.read(digest) }

  package func holds(_ digest: Digest) -> Bool { objects.holds(digest) }

  /// Puts back the bytes of an artifact that a record names, e.g. a `remade` one that a rerun made again.
  package func restore(_ bytes: [UInt8]) throws {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    try objects.write(bytes, digest: Digest(of: bytes))
  }

  package func withClaim<Result>(on key: Digest, _ body: () throws -> Result) throws -> Result {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let lock = try FileLock.exclusive("\(path)/locks/\(key.hex).claim")
    defer { lock.remove() }
    return try body()
  }
}

extension Registry {
  /// Whether some process performs the stage.
  func isClaimed(_ key: Digest) throws -> Bool {
    guard let lock = try FileLock(existing: "\(path)/locks/\(key.hex).claim") else { return false }
    guard try lock.lock(.exclusive, waiting: false) else { return true }
    lock.unlock()
    return false
  }
}
