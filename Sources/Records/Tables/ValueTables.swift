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
    try insert(values.series.mapValues(SeriesPoints.init), owner: id, db)
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

  func insert(_ series: [String: SeriesPoints], owner id: Int, _ db: Database) throws {
    for (name, points) in series.sorted(by: { $0.key < $1.key }) {
      if points.count <= SeriesPoints.piece {
        let series = try points.series()
        try insert(
          into: self.series, id, name,
          [("steps", .integers(series.steps)), ("bits", .doubles(series.values))], db)
        continue
      }
      let row = try db.insert(
        into: self.series, keys: [(owner, id), ("name", try Self.intern(name, db))],
        zeros: ["steps", "bits"], of: 8 * points.count)
      // One after the other: the pages of a cell lie behind those of the cell before it.
      try write(points, "steps", row, db) { blob, index, steps, _ in
        try blob.write(steps.lazy.map { UInt64(bitPattern: Int64($0)) }, at: index)
      }
      try write(points, "bits", row, db) { blob, index, _, values in
        try blob.write(values.lazy.map(\.bitPattern), at: index)
      }
    }
  }

  private func write(
    _ points: SeriesPoints, _ column: String, _ row: Int, _ db: Database,
    _ write: (borrowing LongBlob, Int, ArraySlice<Int>, ArraySlice<Double>) throws -> Void
  ) throws {
    let blob = try LongBlob(db, table: series, column: column, row: row, isWritten: true)
    var index = 0
    try points.each { steps, values in
      try write(blob, index, steps, values)
      index += steps.count
    }
    precondition(index == points.count, "as many points as were announced")
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

  /// The name that was interned under a number.
  static func name(_ id: Int, _ db: Database) throws -> String {
    guard
      let row = try db.row("SELECT CAST(name AS BLOB) FROM name WHERE id = ?", [.integer(id)])
    else { throw ColumnDamage(column: "name.id", wanted: "a row") }
    return try row.text(0)
  }

  func load(_ id: Int, _ db: Database) throws -> RecordedValues {
    var values = try loadWithoutSeries(id, db)
    values.series = try points(of: id, db).mapValues { try $0.series() }
    return values
  }

  func loadWithoutSeries(_ id: Int, _ db: Database) throws -> RecordedValues {
    RecordedValues(
      scalars: try named(id, db, "bits FROM \(scalar)") { try $0.double(1) },
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

  /// The series of a record, to be read where they lie while `db` is.
  func points(of id: Int, _ db: Database) throws -> [String: SeriesPoints] {
    try named(id, db, "\(Self.lying) FROM \(series)") { try points($0, after: 1, db) }
  }

  /// One series of a record; nil when it has none of this name.
  func points(_ name: String, of id: Int, _ db: Database) throws -> SeriesPoints? {
    try db.row(
      """
      SELECT \(Self.lying) FROM \(series)
      WHERE \(owner) = ? AND name = (SELECT id FROM name WHERE name = CAST(? AS TEXT))
      """, [.integer(id), .text(name)]
    ).map { try points($0, after: 0, db) }
  }

  /// Short series come along with their row: that is one look-up for all of them.
  private static let lying = """
    rowid, length(bits), length(steps) = length(bits), \(short("steps")), \(short("bits"))
    """

  private static func short(_ column: String) -> String {
    "CASE WHEN length(bits) <= \(8 * SeriesPoints.piece) THEN \(column) END"
  }

  private func points(_ row: Row, after first: Int, _ db: Database) throws -> SeriesPoints {
    let damage = ColumnDamage(column: "\(series).steps", wanted: "rising steps, one for each value")
    let (id, size) = (try row.integer(first), try row.integer(first + 1))
    guard size.isMultiple(of: 8), try row.integer(first + 2) == 1 else { throw damage }
    if size <= 8 * SeriesPoints.piece {
      let (steps, values) = (try row.integers(first + 3), try row.doubles(first + 4))
      guard zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else { throw damage }
      return SeriesPoints(count: size / 8) { body in
        if !steps.isEmpty { try body(steps[...], values[...]) }
      }
    }
    let table = series
    return SeriesPoints(count: size / 8) { body in
      let stepBlob = try LongBlob(db, table: table, column: "steps", row: id)
      let valueBlob = try LongBlob(db, table: table, column: "bits", row: id)
      var last: Int?
      for range in SeriesPoints.pieces(of: size / 8) {
        let steps = try stepBlob.words(range).map { Int(Int64(bitPattern: $0)) }
        let values = try valueBlob.words(range).map(Double.init(bitPattern:))
        guard zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }),
          last.map({ $0 < steps[0] }) ?? true
        else { throw damage }
        last = steps.last
        try body(steps[...], values[...])
      }
    }
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
