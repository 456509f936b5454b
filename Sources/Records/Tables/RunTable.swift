import Determinism
import GRDB
import Studies

/// Completed runs as rows.
enum RunTable {
  static func insert(_ run: RunRecord, _ record: Digest, _ db: Database) throws {
    let id = try db.insert(
      into: "run",
      [
        "record": .digest(record), "run": .digest(run.id), "slug": .text(run.slug),
        "study": .digest(run.studyDigest), "plan": .digest(run.run.digest(slug: run.slug)),
        "origin": .digest(run.origin), "ordinal": .integer(run.ordinal),
        "point": .json(.object(run.run.point)), "arm": .text(run.run.arm),
        "seed": .seed(run.run.seed), "phase": .text(run.run.phase.rawValue),
        "circumstances": .json(.object(run.circumstances)),
      ])
    for (position, stage) in run.run.stages.enumerated() {
      try db.insert(
        into: "run_stage",
        [
          "run": .integer(id), "position": .integer(position), "name": .text(stage.name),
          "key": .digest(stage.key),
        ])
    }
  }

  static func load(_ id: Int, _ db: Database) throws -> RunRecord {
    let rows = try db.rows(
      """
      SELECT CAST(slug AS BLOB), study, origin, ordinal, CAST(point AS BLOB), CAST(arm AS BLOB),
        CAST(seed AS BLOB), CAST(phase AS BLOB), CAST(circumstances AS BLOB)
      FROM run WHERE id = ?
      """, [.integer(id)])
    guard let row = rows.first else { throw ColumnDamage(column: "run.id", wanted: "a row") }
    let stages = try db.rows(
      "SELECT CAST(name AS BLOB), key FROM run_stage WHERE run = ? ORDER BY position",
      [.integer(id)])
    return RunRecord(
      slug: try row.text(0), studyDigest: try row.digest(1),
      run: PlannedRun(
        point: try row.object(4), arm: try row.text(5), seed: try row.seed(6),
        phase: try row.choice(7, of: SeedPhase.self),
        stages: try stages.map { StageReference(name: try $0.text(0), key: try $0.digest(1)) }),
      origin: try row.digest(2), ordinal: try row.integer(3), circumstances: try row.object(8))
  }
}
