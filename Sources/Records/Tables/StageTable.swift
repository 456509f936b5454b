import Determinism
import GRDB
import Statistics
import Studies

/// Stage records as rows. The document that the record's hash covers is put together from the rows
/// again, bit for bit, so that there is no second copy that could disagree with them.
enum StageTable {
  static func insert(_ stage: StageRecord, _ record: Digest, _ db: Database) throws {
    let step = stage.step
    let id = try db.insert(
      into: "stage",
      [
        "record": .digest(record), "key": .digest(step.key), "kind": .text(step.kind),
        "version": .integer(step.version), "options": .json(.object(step.options)),
        "seed": .seed(step.seed), "backend": .text(step.backend),
        "values_digest": .digest(stage.valuesDigest),
        "circumstances": .json(.object(stage.circumstances)),
      ])
    for (port, key) in step.inputs.sorted(by: { $0.key < $1.key }) {
      try db.insert(
        into: "stage_input", ["stage": .integer(id), "port": .text(port), "key": .digest(key)])
    }
    try ValueTables.stage.insert(stage.recordedValues, owner: id, db)
  }

  static func load(_ id: Int, _ db: Database) throws -> StageRecord {
    let rows = try db.rows(
      """
      SELECT CAST(kind AS BLOB), version, CAST(options AS BLOB), CAST(seed AS BLOB),
        CAST(backend AS BLOB), CAST(circumstances AS BLOB) FROM stage WHERE id = ?
      """, [.integer(id)])
    guard let row = rows.first else { throw ColumnDamage(column: "stage.id", wanted: "a row") }
    let inputs = try db.rows(
      "SELECT CAST(port AS BLOB), key FROM stage_input WHERE stage = ?", [.integer(id)]
    ).reduce(into: [String: Digest]()) { inputs, row in
      guard inputs.updateValue(try row.digest(1), forKey: try row.text(0)) == nil else {
        throw ColumnDamage(column: "port", wanted: "distinct names")
      }
    }
    let step = PlannedStep(
      kind: try row.text(0), version: try row.integer(1), options: try row.object(2),
      seed: try row.seed(3), backend: try row.text(4), inputs: inputs)
    let values = try ValueTables.stage.load(id, db)
    return StageRecord(
      step: step, scalars: values.scalars, series: values.series, curves: values.curves,
      artifacts: values.artifacts, circumstances: try row.object(5))
  }
}
