import Determinism
import GRDB
import Studies

extension Registry {
  /// Bytes of the largest document of a registered run: it has to fit a line of an archive.
  package static let largestRegisteredRun = 60 << 20

  /// A run on its way into the registry.
  package struct Submission: Sendable {
    package let run: RegisteredRunRecord
    /// The bytes of its kept artifacts.
    package let artifacts: [Digest: [UInt8]]

    package init(_ run: RegisteredRunRecord, artifacts: [Digest: [UInt8]] = [:]) {
      self.run = run
      self.artifacts = artifacts
    }
  }

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
    try register([Submission(run, artifacts: artifacts)], atMost: limit)[0].get()
  }

  /// Records several runs in one transaction, all of them durable when it returns. One that is refused is no
  /// obstacle to the others.
  ///
  /// - Returns: for each what `register` of it alone returns or throws.
  /// - Throws: what concerns all of them, e.g. a full disk: none is recorded then.
  package func register(_ submissions: [Submission], atMost limit: Int = largestRegisteredRun)
    throws -> [Result<Bool, any Error>]
  {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let candidates = submissions.map { submission in
      Result { try prepare(submission, atMost: limit) }
    }
    // A disk that refuses an artifact is no fault of its run.
    for case .failure(let error as RegistryError) in candidates where error.isOfTheDisk {
      throw error
    }
    return try writing { db in
      try zip(submissions, candidates).map { submission, candidate in
        guard case .success(let digest) = candidate else { return candidate.map { _ in false } }
        let run = submission.run
        // Again, now that nobody else can write; and nobody else can collect garbage.
        do { if try isRegistered(run, digest, db) { return .success(false) } } catch let error
          as RegistryError
        { return .failure(error) }
        try hold(submission)
        try RegisteredRunTable.insert(run, digest, db)
        try LedgerTable.append(.registeredRun, digest, origin: origin, slug: run.slug, db)
        return .success(true)
      }
    }
  }

  /// What can be found wrong before the transaction; the artifacts are durable after it.
  /// - Returns: the record hash.
  private func prepare(_ submission: Submission, atMost limit: Int) throws -> Digest {
    let run = submission.run
    let fingerprint = run.fingerprint
    guard fingerprint.size <= limit else {
      throw RegistryError.tooLarge(bytes: fingerprint.size, limit: limit)
    }
    try run.requireReadable()
    let kept = run.values.artifacts.values.filter { $0.role == .kept }
    if kept.isEmpty { return fingerprint.record }
    _ = try reading { try isRegistered(run, fingerprint.record, $0) }
    for artifact in kept.sorted(by: { $0.digest < $1.digest }) {
      guard let bytes = submission.artifacts[artifact.digest] else {
        guard objects.holds(artifact.digest) else { throw RegistryError.notHeld(artifact.digest) }
        continue
      }
      try objects.write(bytes, digest: artifact.digest)
    }
    return fingerprint.record
  }

  /// Whoever collects garbage may have taken an object for abandoned before its record was there.
  private func hold(_ submission: Submission) throws {
    for artifact in submission.run.values.artifacts.values.sorted(by: { $0.digest < $1.digest })
    where artifact.role == .kept && !objects.holds(artifact.digest) {
      guard let bytes = submission.artifacts[artifact.digest] else {
        throw RegistryError.notHeld(artifact.digest)
      }
      try objects.write(bytes, digest: artifact.digest)
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
    let id = run.id(of: digest)
    guard let row = try db.row("SELECT record FROM registered_run WHERE run = ?", [.digest(id)])
    else { return false }
    guard try row.digest(0) == digest else {
      throw RegistryError.conflictingRun(id: id, clientID: run.clientID)
    }
    return true
  }
}
