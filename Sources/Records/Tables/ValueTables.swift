import Determinism
import GRDB
import Statistics
import Studies

/// Values as rows of four tables, each double as its eight bytes. Stage results and registered runs have a
/// set of tables each, of one form.
struct ValueTables: Sendable {
  static let stage = ValueTables(prefix: "", owner: "stage", since: 1)
  static let registered = ValueTables(prefix: "registered_", owner: "run", since: 2)
  static let all = [stage, registered]

  private let prefix: String
  /// The column that refers to the record's row.
  let owner: String
  /// The format of the registry that has them first.
  let since: Int

  var scalar: String { "\(prefix)scalar" }
  var series: String { "\(prefix)series" }
  var curve: String { "\(prefix)curve" }
  var artifact: String { "\(prefix)artifact" }
  var names: [String] { [scalar, series, curve, artifact] }

  func insert(_ values: RecordedValues, owner id: Int, _ db: Database) throws {
    for (name, value) in values.scalars.sorted(by: { $0.key < $1.key }) {
      try insert(into: scalar, id, name, [("bits", .doubles([value]))], db)
    }
    for (name, series) in values.series.sorted(by: { $0.key < $1.key }) {
      try insert(
        into: self.series, id, name,
        [("steps", .integers(series.steps)), ("bits", .doubles(series.values))], db)
    }
    for (name, curve) in values.curves.sorted(by: { $0.key < $1.key }) {
      try insert(
        into: self.curve, id, name,
        [
          ("thresholds", .doubles(curve.thresholds)),
          ("true_positives", .integers(curve.truePositives)),
          ("false_positives", .integers(curve.falsePositives)),
          ("positives", .integer(curve.positives)), ("negatives", .integer(curve.negatives)),
        ], db)
    }
    for (name, artifact) in values.artifacts.sorted(by: { $0.key < $1.key }) {
      try insert(
        into: self.artifact, id, name,
        [
          ("role", .text(artifact.role.rawValue)), ("media_type", .text(artifact.mediaType)),
          ("sha256", .digest(artifact.digest)), ("size", .integer(artifact.size)),
        ], db)
    }
  }

  private func insert(
    into table: String, _ id: Int, _ name: String, _ cells: [(String, Cell)], _ db: Database
  ) throws {
    try db.insert(
      into: table,
      [(owner, .integer(id)), ("name", .integer(try Self.intern(name, db)))] + cells)
  }

  static func intern(_ name: String, _ db: Database) throws -> Int {
    let found = try db.integer(
      "SELECT id FROM name WHERE name = CAST(? AS TEXT)", [.text(name)])
    return try found ?? db.insert(into: "name", ["name": .text(name)])
  }

  func load(_ id: Int, _ db: Database) throws -> RecordedValues {
    RecordedValues(
      scalars: try named(id, db, "bits FROM \(scalar)") { try $0.double(1) },
      series: try named(id, db, "steps, bits FROM \(series)") {
        try Self.series(steps: $0.integers(1), values: $0.doubles(2))
      },
      curves: try named(
        id, db,
        "thresholds, true_positives, false_positives, positives, negatives FROM \(curve)"
      ) {
        ROCCurve(
          thresholds: try $0.doubles(1), truePositives: try $0.integers(2),
          falsePositives: try $0.integers(3), positives: try $0.integer(4),
          negatives: try $0.integer(5))
      },
      artifacts: try named(
        id, db, "CAST(role AS BLOB), CAST(media_type AS BLOB), sha256, size FROM \(artifact)"
      ) {
        ArtifactReference(
          role: try $0.choice(1, of: Artifact.Role.self), mediaType: try $0.text(2),
          digest: try $0.digest(3), size: try $0.integer(4))
      })
  }

  /// One series of a record; nil when it has none of this name.
  func series(_ name: String, of id: Int, _ db: Database) throws -> Series? {
    try db.row(
      """
      SELECT steps, bits FROM \(series)
      WHERE \(owner) = ? AND name = (SELECT id FROM name WHERE name = CAST(? AS TEXT))
      """, [.integer(id), .text(name)]
    ).map { try Self.series(steps: $0.integers(0), values: $0.doubles(1)) }
  }

  private static func series(steps: [Int], values: [Double]) throws -> Series {
    guard steps.count == values.count, zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw ColumnDamage(column: "series.steps", wanted: "rising steps, one for each value")
    }
    var series = Series()
    for (step, value) in zip(steps, values) { series.append(value, at: step) }
    return series
  }

  /// The rows of one record by name. Two names that Swift calls equal cannot both have been recorded.
  private func named<Value>(
    _ id: Int, _ db: Database, _ selection: String, _ value: (Row) throws -> Value
  ) throws -> [String: Value] {
    let sql = """
      SELECT CAST((SELECT name FROM name WHERE id = t.name) AS BLOB), \(selection) AS t
      WHERE t.\(owner) = ?
      """
    var values: [String: Value] = [:]
    for row in try db.rows(sql, [.integer(id)]) {
      guard values.updateValue(try value(row), forKey: try row.text(0)) == nil else {
        throw ColumnDamage(column: "name", wanted: "distinct names")
      }
    }
    return values
  }
}
