import Determinism
import GRDB
import Studies

/// Registered runs as rows.
enum RegisteredRunTable {
  static func insert(_ streamed: StreamedRun, _ fingerprint: RecordFingerprint, _ db: Database)
    throws
  {
    let (run, record) = (streamed.run, fingerprint.record)
    let id = try db.insert(
      into: "registered_run",
      [
        "record": .digest(record), "run": .digest(run.id(of: record)), "slug": .text(run.slug),
        "name": .text(run.name), "client_id": run.clientID.map { .text($0) } ?? .null,
        "config": .json(.object(run.config)), "config_digest": .digest(run.configDigest),
        "tags": .json(.array(run.tags.map { JSON($0) })), "state": .text(run.state.rawValue),
        "parent": run.parent.map { .digest($0) } ?? .null, "notes": .text(run.notes),
        "values_digest": .digest(fingerprint.values),
        "circumstances": .json(.object(run.circumstances)),
      ])
    try ValueTables.registered.insert(run.values, owner: id, db)
    try ValueTables.registered.insert(streamed.series, owner: id, db)
    try TermTable.extend(to: id, db)
  }

  static func load(_ id: Int, _ db: Database) throws -> RegisteredRunRecord {
    try load(id, db, values: ValueTables.registered.load(id, db))
  }

  /// What lists say of every run, in the order of recording.
  static func outlines(_ db: Database) throws -> [RegisteredRunOutline] {
    var names: [Int: String] = [:]
    var scalars: [Int: [String: Double]] = [:]
    try db.each("SELECT run, name, bits FROM registered_scalar") { row in
      let (run, key) = (try row.integer(0), try row.integer(1))
      let name = try names[key] ?? ValueTables.name(key, db)
      names[key] = name
      scalars[run, default: [:]][name] = try row.rawDouble(2)
    }
    var outlines: [RegisteredRunOutline] = []
    try db.each(
      """
      SELECT id, record, run, slug, name, client_id, state, parent,
        \(Schema.mayBeDetection) AND \(Schema.isDetection), circumstances -> '$.times',
        values_digest, config
      FROM registered_run ORDER BY id
      """
    ) { row in
      let times = try row.raw(9)
      outlines.append(
        RegisteredRunOutline(
          id: try row.rawDigest(2), recordHash: try row.rawDigest(1), slug: try row.rawText(3),
          name: try row.rawText(4), clientID: row.isNull(5) ? nil : try row.rawText(5),
          state: try row.rawChoice(6, of: RunState.self),
          parent: row.isNull(7) ? nil : try row.rawDigest(7),
          isDetection: try row.integer(8) == 1,
          times: (times.isEmpty ? nil : (try? JSON(parsing: times))?.object) ?? JSON.Object(),
          scalars: scalars.removeValue(forKey: try row.integer(0)) ?? [:],
          valuesDigest: try row.rawDigest(10), config: try row.raw(11)))
    }
    return outlines
  }

  /// Its series are read where they lie while `db` is.
  static func streamed(_ id: Int, _ db: Database) throws -> StreamedRun {
    StreamedRun(
      try load(id, db, values: ValueTables.registered.loadWithoutSeries(id, db)),
      series: try ValueTables.registered.points(of: id, db))
  }

  private static func load(_ id: Int, _ db: Database, values: RecordedValues) throws
    -> RegisteredRunRecord
  {
    guard
      let row = try db.row(
        """
        SELECT CAST(slug AS BLOB), CAST(name AS BLOB), CAST(client_id AS BLOB),
          CAST(config AS BLOB), CAST(tags AS BLOB), CAST(state AS BLOB), parent,
          CAST(notes AS BLOB), CAST(circumstances AS BLOB)
        FROM registered_run WHERE id = ?
        """, [.integer(id)])
    else { throw ColumnDamage(column: "registered_run.id", wanted: "a row") }
    return RegisteredRunRecord(
      slug: try row.text(0), name: try row.text(1),
      clientID: row.isNull(2) ? nil : try row.text(2), config: try row.object(3),
      tags: try row.texts(4), state: try row.choice(5, of: RunState.self),
      parent: row.isNull(6) ? nil : try row.digest(6), notes: try row.text(7),
      values: values, circumstances: try row.object(8))
  }
}
