import Determinism
import GRDB
import Studies

// planned → running (attempt n) → completed | failed | interrupted; failed and interrupted runs may run
// again. A completed run is a record. One that is not is a row that changes, owned by the processes that
// hold a shared `flock` on its lock file: when none does, a run that says "running" was interrupted.
extension Registry {
  /// Notes runs that are going to be performed; those already known are left as they are.
  package func plan(_ runs: [RunRecord]) throws {
    try writing { db in
      for run in runs where try Self.attempt(of: run.id, db) == nil {
        try requireOurs(run)
        if try Self.isCompleted(run.id, db) { continue }
        try Self.put(run, .planned, attempt: 0, db)
      }
    }
  }

  package func open(_ run: RunRecord) throws {
    try requireOurs(run)
    guard access != .readOnly else { throw RegistryError.readOnly(path: path) }
    let (lock, othersWork) = try own(run.id)
    try writing { db in
      guard try !Self.isCompleted(run.id, db) else {
        throw RegistryError.alreadyCompleted(run: run.id)
      }
      let earlier = try Self.attempt(of: run.id, db)
      // Whoever joins a run that others are performing takes part in their attempt.
      let joins = othersWork && earlier?.state == .running
      try Self.put(
        run, .running, attempt: (earlier?.attempt ?? 0) + (joins ? 0 : 1), db)
    }
    runLocks.withLock { $0[run.id] = lock }
  }

  package func complete(_ run: RunRecord) throws {
    try requireOurs(run)
    try writing { db in
      // Another process may have performed the last stage at the same moment.
      if try Self.isCompleted(run.id, db) { return }
      guard try Self.attempt(of: run.id, db)?.state == .running else {
        throw RegistryError.illegalTransition(
          run: run.id, from: try Self.attempt(of: run.id, db)?.state, to: .completed)
      }
      guard
        try db.row("SELECT 1 FROM study WHERE digest = ?", [.digest(run.studyDigest)]) != nil
      else { throw RegistryError.missingStudy(run: run.id, study: run.studyDigest) }
      for stage in run.run.stages {
        guard try chainStage(stage.key, slug: run.slug, db) else {
          throw RegistryError.missingStage(run: run.id, stage: stage.name, key: stage.key)
        }
      }
      try append(.run(run), slug: run.slug, db)
      try db.run("DELETE FROM attempt WHERE run = ?", [.digest(run.id)])
    }
    release(run.id, removing: true)
  }

  /// A completed run stays completed, whatever else its processes have to say of it.
  package func mark(_ run: Digest, _ state: RunState, note: String) throws {
    try writing { db in
      if try Self.isCompleted(run, db) { return }
      guard let attempt = try Self.attempt(of: run, db) else {
        throw RegistryError.unknown(kind: "run", id: run)
      }
      let allowed: Set<RunState> =
        attempt.state == .planned ? [.planned, .failed, .interrupted] : [.failed, .interrupted]
      guard allowed.contains(state) else {
        throw RegistryError.illegalTransition(run: run, from: attempt.state, to: state)
      }
      try db.run(
        "UPDATE attempt SET state = CAST(? AS TEXT), note = CAST(? AS TEXT) WHERE run = ?",
        [.text(state.rawValue), .text(note), .digest(run)])
    }
    release(run, removing: false)
  }

  package func state(of run: Digest) throws -> RunState? {
    try reading { db in
      if try Self.isCompleted(run, db) { return .completed }
      return try Self.attempt(of: run, db).map { try living($0.state, run) }
    }
  }

  /// How often the run was begun, and what was said when it last stopped; nil once it is completed.
  package func attempt(of run: Digest) throws -> (number: Int, note: String)? {
    try reading { db in try Self.attempt(of: run, db).map { ($0.attempt, $0.note) } }
  }

  // MARK: Owners

  private func lockPath(_ run: Digest) -> String { "\(path)/locks/\(run.hex).run" }

  /// A run that says "running" and that nobody works on was interrupted.
  func living(_ state: RunState, _ run: Digest) throws -> RunState {
    guard state == .running else { return state }
    if runLocks.withLock({ $0[run] != nil }) { return .running }
    return try isOwned(run) ? .running : .interrupted
  }

  /// Whether some process holds the run's lock.
  private func isOwned(_ run: Digest) throws -> Bool {
    guard let lock = try FileLock(existing: lockPath(run)) else { return false }
    return try inTurn {
      guard try lock.lock(.exclusive, waiting: false) else { return true }
      lock.unlock()
      return false
    }
  }

  /// Takes part in owning a run; tells whether others did before.
  private func own(_ run: Digest) throws -> (lock: FileLock, othersWork: Bool) {
    let lock = try FileLock(lockPath(run))
    let othersWork = try inTurn {
      let alone = try lock.lock(.exclusive, waiting: false)
      try lock.lock(.shared)
      return !alone
    }
    return (lock, othersWork)
  }

  /// Those who try locks take turns: one who tries must not be taken for an owner by another who does.
  private func inTurn<Result>(_ body: () throws -> Result) throws -> Result {
    let file = "\(path)/locks/turn.lock"
    let turn = access == .readOnly ? try FileLock(existing: file) : try FileLock(file)
    try turn?.lock(.exclusive)
    defer { turn?.unlock() }
    return try body()
  }

  private func release(_ run: Digest, removing: Bool) {
    runLocks.withLock { locks in
      guard let lock = locks.removeValue(forKey: run) else { return }
      if removing { lock.remove() } else { lock.unlock() }
    }
  }

  // MARK: Rows

  private func requireOurs(_ run: RunRecord) throws {
    guard run.origin == origin else {
      throw RegistryError.foreignOrigin(run: run.id, origin: run.origin)
    }
  }

  static func isCompleted(_ run: Digest, _ db: Database) throws -> Bool {
    try db.row("SELECT 1 FROM run WHERE run = ?", [.digest(run)]) != nil
  }

  private static func attempt(of run: Digest, _ db: Database) throws
    -> (state: RunState, attempt: Int, note: String)?
  {
    try db.row(
      "SELECT CAST(state AS BLOB), attempt, CAST(note AS BLOB) FROM attempt WHERE run = ?",
      [.digest(run)]
    ).map { (try $0.choice(0, of: RunState.self), try $0.integer(1), try $0.text(2)) }
  }

  private static func put(_ run: RunRecord, _ state: RunState, attempt: Int, _ db: Database) throws
  {
    try db.run(
      """
      INSERT INTO attempt (run, state, attempt, note, document)
      VALUES (?, CAST(? AS TEXT), ?, '', CAST(? AS TEXT))
      ON CONFLICT (run) DO UPDATE SET state = excluded.state, attempt = excluded.attempt,
        note = '', document = excluded.document
      """,
      [
        .digest(run.id), .text(state.rawValue), .integer(attempt), .json(run.document),
      ])
  }
}
