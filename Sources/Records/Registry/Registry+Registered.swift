import Determinism
import GRDB
import Studies

extension Registry {
  /// Bytes of the largest document of a registered run: it has to fit a line of an archive, and its packed
  /// points, which are fewer bytes, a row of SQLite (10⁹).
  package static let largestRegisteredRun = 900 << 20

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
      Result {
        try prepare(StreamedRun(submission.run), artifacts: submission.artifacts, atMost: limit)
      }
    }
    // A disk that refuses an artifact is no fault of its run.
    for case .failure(let error as RegistryError) in candidates where error.isOfTheDisk {
      throw error
    }
    return try writing { db in
      try candidates.map { candidate in
        switch candidate {
        case .success(let candidate): try record(candidate, db)
        case .failure(let error): .failure(error)
        }
      }
    }
  }

  /// Records a run whose series need not fit into memory, as the other `register` does.
  ///
  /// - Returns: the record hash, and whether the run is new.
  package func register(_ run: StreamedRun, atMost limit: Int = largestRegisteredRun) throws -> (
    record: Digest, isNew: Bool
  ) {
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let candidate = try prepare(run, artifacts: [:], atMost: limit)
    return (candidate.fingerprint.record, try writing { try record(candidate, $0).get() })
  }

  /// A run that may be recorded, unless somebody else does it first.
  private struct Candidate {
    let streamed: StreamedRun
    let artifacts: [Digest: [UInt8]]
    let fingerprint: RecordFingerprint

    /// Those that have to be held, by digest.
    var kept: [ArtifactReference] {
      streamed.run.values.artifacts.values.filter { $0.role == .kept }
        .sorted { $0.digest < $1.digest }
    }
  }

  /// What can be found wrong before the transaction; the artifacts are durable after it.
  private func prepare(_ streamed: StreamedRun, artifacts: [Digest: [UInt8]], atMost limit: Int)
    throws -> Candidate
  {
    let candidate = Candidate(
      streamed: streamed, artifacts: artifacts, fingerprint: try streamed.fingerprint())
    guard candidate.fingerprint.size <= limit else {
      throw RegistryError.tooLarge(bytes: candidate.fingerprint.size, limit: limit)
    }
    try streamed.requireReadable()
    let kept = candidate.kept
    if kept.isEmpty { return candidate }
    _ = try reading { try isRegistered(candidate, $0) }
    for artifact in kept {
      guard let bytes = artifacts[artifact.digest] else {
        guard objects.holds(artifact.digest) else { throw RegistryError.notHeld(artifact.digest) }
        continue
      }
      try objects.write(bytes, digest: artifact.digest)
    }
    return candidate
  }

  /// - Returns: what concerns this run alone.
  /// - Throws: what concerns the whole transaction.
  private func record(_ candidate: Candidate, _ db: Database) throws -> Result<Bool, any Error> {
    // Again, now that nobody else can write; and nobody else can collect garbage.
    do { if try isRegistered(candidate, db) { return .success(false) } } catch let error
      as RegistryError
    { return .failure(error) }
    try hold(candidate)
    try RegisteredRunTable.insert(candidate.streamed, candidate.fingerprint, db)
    try LedgerTable.append(
      .registeredRun, candidate.fingerprint.record, origin: origin,
      slug: candidate.streamed.run.slug, db)
    return .success(true)
  }

  /// Whoever collects garbage may have taken an object for abandoned before its record was there.
  private func hold(_ candidate: Candidate) throws {
    for artifact in candidate.kept where !objects.holds(artifact.digest) {
      guard let bytes = candidate.artifacts[artifact.digest] else {
        throw RegistryError.notHeld(artifact.digest)
      }
      try objects.write(bytes, digest: artifact.digest)
    }
  }

  /// A registered run by its id.
  package func registeredRun(_ id: Digest) throws -> RegisteredRunRecord? {
    try withRegisteredRun(id) { try $0.record() }
  }

  /// A registered run by its id, its series to be read where they lie while `body` does; nil when there is none.
  package func withRegisteredRun<Result>(
    _ id: Digest, _ body: (StreamedRun) throws -> Result
  ) throws -> Result? {
    guard kinds.contains(.registeredRun) else { return nil }
    return try reading { db in
      try db.row("SELECT id FROM registered_run WHERE run = ?", [.digest(id)])
        .map { try body(try RegisteredRunTable.streamed(try $0.integer(0), db)) }
    }
  }

  /// Whether a registered run is as it was recorded, linked in an unbroken chain, with every kept artifact
  /// held and every held one undamaged.
  /// - Throws: `RegistryError`, the first thing that is wrong.
  package func verify(registered id: Digest) throws {
    try reading { db in
      guard
        let row = try db.row("SELECT record, id FROM registered_run WHERE run = ?", [.digest(id)])
      else { throw RegistryError.unknown(kind: "registered run", id: id) }
      let digest = try row.digest(0)
      let record = try RegisteredRunTable.streamed(try row.integer(1), db)
      guard try record.fingerprint().record == digest else {
        throw RegistryError.damaged(
          path: database, what: "registered-run record \(digest.hex) does not match its hash")
      }
      let chains = try LedgerTable.chains(db).filter { chain in
        chain.entries.contains { $0.record == digest }
      }
      guard let chain = chains.first else {
        throw RegistryError.damaged(path: database, what: "run \(id.hex) is in no ledger")
      }
      if let position = chain.firstBreak {
        throw RegistryError.brokenChain(slug: chain.slug, origin: chain.origin, position: position)
      }
      for artifact in record.run.values.artifacts.values.sorted(by: { $0.digest < $1.digest })
      where artifact.role == .kept || objects.holds(artifact.digest) {
        _ = try objects.read(artifact.digest)
      }
    }
  }

  private func isRegistered(_ candidate: Candidate, _ db: Database) throws -> Bool {
    let (run, digest) = (candidate.streamed.run, candidate.fingerprint.record)
    let id = run.id(of: digest)
    guard let row = try db.row("SELECT record FROM registered_run WHERE run = ?", [.digest(id)])
    else { return false }
    guard try row.digest(0) == digest else {
      throw RegistryError.conflictingRun(id: id, clientID: run.clientID)
    }
    return true
  }
}
