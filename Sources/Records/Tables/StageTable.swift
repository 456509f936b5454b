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
    for (name, value) in stage.scalars.sorted(by: { $0.key < $1.key }) {
      try db.insert(
        into: "scalar",
        [
          "stage": .integer(id), "name": .integer(try intern(name, db)), "bits": .doubles([value]),
        ])
    }
    for (name, series) in stage.series.sorted(by: { $0.key < $1.key }) {
      try db.insert(
        into: "series",
        [
          "stage": .integer(id), "name": .integer(try intern(name, db)),
          "steps": .integers(series.steps), "bits": .doubles(series.values),
        ])
    }
    for (name, curve) in stage.curves.sorted(by: { $0.key < $1.key }) {
      try db.insert(
        into: "curve",
        [
          "stage": .integer(id), "name": .integer(try intern(name, db)),
          "thresholds": .doubles(curve.thresholds),
          "true_positives": .integers(curve.truePositives),
          "false_positives": .integers(curve.falsePositives),
          "positives": .integer(curve.positives), "negatives": .integer(curve.negatives),
        ])
    }
    for (name, artifact) in stage.artifacts.sorted(by: { $0.key < $1.key }) {
      try db.insert(
        into: "artifact",
        [
          "stage": .integer(id), "name": .integer(try intern(name, db)),
          "role": .text(artifact.role.rawValue), "media_type": .text(artifact.mediaType),
          "sha256": .digest(artifact.digest), "size": .integer(artifact.size),
        ])
    }
  }

  private static func intern(_ name: String, _ db: Database) throws -> Int {
    let found = try db.integer(
      "SELECT id FROM name WHERE name = CAST(? AS TEXT)", [.text(name)])
    return try found ?? db.insert(into: "name", ["name": .text(name)])
  }

  static func load(_ id: Int, _ db: Database) throws -> StageRecord {
    let rows = try db.rows(
      """
      SELECT CAST(kind AS BLOB), version, CAST(options AS BLOB), CAST(seed AS BLOB),
        CAST(backend AS BLOB), CAST(circumstances AS BLOB) FROM stage WHERE id = ?
      """, [.integer(id)])
    guard let row = rows.first else { throw ColumnDamage(column: "stage.id", wanted: "a row") }
    let inputs = try named(id, db, "CAST(port AS BLOB), key FROM stage_input", joined: false) {
      try $0.digest(1)
    }
    let step = PlannedStep(
      kind: try row.text(0), version: try row.integer(1), options: try row.object(2),
      seed: try row.seed(3), backend: try row.text(4), inputs: inputs)
    return StageRecord(
      step: step,
      scalars: try named(id, db, "bits FROM scalar") { try $0.double(1) },
      series: try named(id, db, "steps, bits FROM series") {
        try series(steps: $0.integers(1), values: $0.doubles(2))
      },
      curves: try named(
        id, db, "thresholds, true_positives, false_positives, positives, negatives FROM curve"
      ) {
        ROCCurve(
          thresholds: try $0.doubles(1), truePositives: try $0.integers(2),
          falsePositives: try $0.integers(3), positives: try $0.integer(4),
          negatives: try $0.integer(5))
      },
      artifacts: try named(
        id, db, "CAST(role AS BLOB), CAST(media_type AS BLOB), sha256, size FROM artifact"
      ) {
        ArtifactReference(
          role: try $0.choice(1, of: Artifact.Role.self), mediaType: try $0.text(2),
          digest: try $0.digest(3), size: try $0.integer(4))
      },
      circumstances: try row.object(5))
  }

  private static func series(steps: [Int], values: [Double]) throws -> Series {
    guard steps.count == values.count, zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw ColumnDamage(column: "series.steps", wanted: "rising steps, one for each value")
    }
    var series = Series()
    for (step, value) in zip(steps, values) { series.append(value, at: step) }
    return series
  }

  /// The rows of one stage by name. Two names that Swift calls equal cannot both have been recorded.
  private static func named<Value>(
    _ id: Int, _ db: Database, _ selection: String, joined: Bool = true,
    _ value: (Row) throws -> Value
  ) throws -> [String: Value] {
    let sql =
      joined
      ? "SELECT CAST((SELECT name FROM name WHERE id = t.name) AS BLOB), \(selection) AS t"
      : "SELECT \(selection) AS t"
    var values: [String: Value] = [:]
    for row in try db.rows("\(sql) WHERE t.stage = ?", [.integer(id)]) {
      guard values.updateValue(try value(row), forKey: try row.text(0)) == nil else {
        throw ColumnDamage(column: "name", wanted: "distinct names")
      }
    }
    return values
  }
}
