import Determinism
import GRDB
import Studies

extension Registry {
  package func snapshot() throws -> Snapshot {
    let objects = objects
    return try reading { db in
      let chains = try LedgerTable.chains(db)
      var studies: [Digest: StudyRecord] = [:]
      for study in try Self.all(.study, "id", db, { try StudyTable.load($0, db) }) {
        studies[study.digest] = study
      }
      var stages: [Digest: StageRecord] = [:]
      var stageHashes: [Digest: Digest] = [:]
      for row in try db.rows("SELECT id, record FROM stage ORDER BY id DESC") {
        let stage = try StageTable.load(try row.integer(0), db)
        // The first to be recorded stands for its key.
        stages[stage.key] = stage
        stageHashes[stage.key] = try row.digest(1)
      }
      var runs = try Self.all(.run, "id", db) { try RunTable.load($0, db) }
      var states = Dictionary(runs.map { ($0.id, RunState.completed) }) { first, _ in first }
      var notes: [Digest: String] = [:]
      let attempts = try db.rows(
        """
        SELECT CAST(state AS BLOB), CAST(document AS BLOB), CAST(note AS BLOB) FROM attempt ORDER BY run
        """)
      for row in attempts {
        let run = try RunRecord(document: try row.json(1))
        states[run.id] = try living(try row.choice(0, of: RunState.self), run.id)
        let note = try row.text(2)
        if !note.isEmpty { notes[run.id] = note }
        runs.append(run)
      }
      return Snapshot(
        studies: studies, runs: Snapshot.sorted(runs), states: states, notes: notes,
        stages: stages, stageHashes: stageHashes,
        freezes: try Self.inOrder(.freeze, db) { try FreezeTable.load($0, db) },
        assessments: try Self.inOrder(.assessment, db) { try AssessmentTable.load($0, db) },
        reruns: try Self.inOrder(.rerun, db) { try RerunTable.load($0, db) },
        registered: !kinds.contains(.registeredRun)
          ? []
          : Snapshot.sorted(try RegisteredRunTable.outlines(db)),
        annotations: !kinds.contains(.annotation)
          ? [] : try Self.inOrder(.annotation, db) { try AnnotationTable.load($0, db) },
        chains: chains, head: LedgerChain.head(of: chains),
        artifact: { try objects.read($0) }, holds: { objects.holds($0) },
        record: { [self] kind, digest in try record(kind, digest) })
    }
  }

  private static func all<Value>(
    _ kind: AnyRecord.Kind, _ order: String, _ db: Database, _ load: (Int) throws -> Value
  ) throws -> [Value] {
    try db.rows("SELECT id FROM \(kind.table) ORDER BY \(order)").map {
      try load(try $0.integer(0))
    }
  }

  /// In the order of the chains, which is the same in every registry that holds them.
  static func inOrder<Value>(
    _ kind: AnyRecord.Kind, _ db: Database, _ load: (Int) throws -> Value
  ) throws -> [Value] {
    var seen: Set<Int> = []
    let rows = try db.rows(
      """
      SELECT r.id FROM ledger JOIN chain ON chain.id = ledger.chain
        JOIN \(kind.table) AS r ON r.record = ledger.record
      ORDER BY CAST(chain.slug AS BLOB), chain.origin, ledger.position
      """)
    return try rows.map { try $0.integer(0) }.filter { seen.insert($0).inserted }.map(load)
  }
}

extension Snapshot {
  /// By slug, name and id: never by order of recording.
  static func sorted(_ runs: [RegisteredRunOutline]) -> [RegisteredRunOutline] {
    runs.sorted { left, right in
      for (a, b) in [(left.slug, right.slug), (left.name, right.name)]
      where !a.utf8.elementsEqual(b.utf8) { return JSON.Text(a) < JSON.Text(b) }
      return left.id < right.id
    }
  }

  /// By slug, point (canonical text), arm, seed, ordinal, origin: never by order of recording.
  static func sorted(_ runs: [RunRecord]) -> [RunRecord] {
    func texts(_ run: RunRecord) -> [JSON.Text] {
      [
        JSON.Text(run.slug), JSON.Text(JSON.object(run.run.point).canonicalText),
        JSON.Text(run.run.arm),
      ]
    }
    return runs.map { (texts($0), $0) }.sorted { left, right in
      for (a, b) in zip(left.0, right.0) where a != b { return a < b }
      let (a, b) = (left.1, right.1)
      if a.run.seed != b.run.seed { return a.run.seed < b.run.seed }
      if a.ordinal != b.ordinal { return a.ordinal < b.ordinal }
      if a.origin != b.origin { return a.origin < b.origin }
      return a.id < b.id
    }.map(\.1)
  }
}
