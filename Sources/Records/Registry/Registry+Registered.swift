import Determinism
import GRDB
import Studies

extension Registry {
  /// Bytes of the largest document of a registered run: it has to fit a line of an archive.
  package static let largestRegisteredRun = 60 << 20

  /// Records a run that was done elsewhere. Artifacts first, then the record with its ledger entry: durable
  /// when it returns.
  ///
  /// - Parameters:
  ///   - artifacts: the bytes of its kept artifacts.
  ///   - limit: bytes of the longest document.
  /// - Returns: false when the same content was registered before; nothing is added then.
  /// - Throws: `RegistryError.conflictingRun` when its id is taken by another content, `.notHeld` when a kept
  ///   artifact neither comes along nor is here.
  package func register(
    _ run: RegisteredRunRecord, artifacts: [Digest: [UInt8]] = [:],
    atMost limit: Int = largestRegisteredRun
  ) throws -> Bool {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let bytes = run.document.canonicalBytes
    guard bytes.count <= limit else {
      throw RegistryError.tooLarge(bytes: bytes.count, limit: limit)
    }
    let digest = Digest(of: bytes)
    _ = try reading { try isRegistered(run, digest, $0) }
    for artifact in run.values.artifacts.values.sorted(by: { $0.digest < $1.digest })
    where artifact.role == .kept {
      guard let bytes = artifacts[artifact.digest] else {
        guard objects.holds(artifact.digest) else { throw RegistryError.notHeld(artifact.digest) }
        continue
      }
      try objects.write(bytes, digest: artifact.digest)
    }
    return try writing { db in
      // Again, now that nobody else can write.
      if try isRegistered(run, digest, db) { return false }
      try append(.registeredRun(run), slug: run.slug, db)
      return true
    }
  }

  /// A registered run by its id.
  package func registeredRun(_ id: Digest) throws -> RegisteredRunRecord? {
    guard kinds.contains(.registeredRun) else { return nil }
    return try reading { db in
      try db.row("SELECT id FROM registered_run WHERE run = ?", [.digest(id)])
        .map { try RegisteredRunTable.load(try $0.integer(0), db) }
    }
  }

  /// Whether a registered run is as it was recorded, linked in an unbroken chain, with every kept artifact
  /// held and every held one undamaged.
  /// - Throws: `RegistryError`, the first thing that is wrong.
  package func verify(registered id: Digest) throws {
    try reading { db in
      guard let row = try db.row("SELECT record FROM registered_run WHERE run = ?", [.digest(id)])
      else { throw RegistryError.unknown(kind: "registered run", id: id) }
      let digest = try row.digest(0)
      let record = try RecordTable.verified(digest, .registeredRun, db, file: database)
      let chains = try LedgerTable.chains(db).filter { chain in
        chain.entries.contains { $0.record == digest }
      }
      guard let chain = chains.first else {
        throw RegistryError.damaged(path: database, what: "run \(id.hex) is in no ledger")
      }
      if let position = chain.firstBreak {
        throw RegistryError.brokenChain(slug: chain.slug, origin: chain.origin, position: position)
      }
      for artifact in record.artifacts.values.sorted(by: { $0.digest < $1.digest })
      where artifact.role == .kept || objects.holds(artifact.digest) {
        _ = try objects.read(artifact.digest)
      }
    }
  }

  private func isRegistered(_ run: RegisteredRunRecord, _ digest: Digest, _ db: Database) throws
    -> Bool
  {
    guard
      let row = try db.row("SELECT record FROM registered_run WHERE run = ?", [.digest(run.id)])
    else { return false }
    guard try row.digest(0) == digest else {
      throw RegistryError.conflictingRun(id: run.id, clientID: run.clientID)
    }
    return true
  }
}
