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
        try LedgerTable.append(
          .stage, Digest(of: earlier.document), origin: origin, slug: slug, db)
        return earlier
      }
      try append(.stage(stage), slug: slug, db)
      return stage
    }
    removeResumePoint(step.key)
    return recorded
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
