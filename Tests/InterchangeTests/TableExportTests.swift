import Determinism
import Studies
import Testing

@testable import Interchange
@testable import Records

@Suite struct TableExportTests {
  let fixture: ExportFixture
  let tables: [String: [[String]]]

  init() throws {
    fixture = try ExportFixture()
    _ = try fixture.tables().writeCSV(to: fixture.folder["tables"])
    tables = try fixture.folder.files("tables").mapValues(CommaSeparated.rows)
  }

  /// Rows by the header's names.
  private func rows(_ name: String) throws -> [[String: String]] {
    let table = try #require(tables["/\(name).csv"])
    let header = try #require(table.first)
    return try table.dropFirst().map { row in
      try #require(row.count == header.count, "\(name): \(row)")
      return Dictionary(uniqueKeysWithValues: zip(header, row))
    }
  }

  private func double(_ text: String?) throws -> Double {
    try #require(text.flatMap { $0 == "NaN" ? .nan : Double($0) }, "\(text ?? "nothing")")
  }

  @Test func `every table is there with its header`() {
    let names = [
      "runs", "config", "metrics", "series", "curves", "artifacts", "reruns", "predictions",
    ]
    #expect(Set(tables.keys) == Set(names.map { "/\($0).csv" } + ["/SHA256SUMS"]))
  }

  @Test func `every recorded number reads back to its bits`() throws {
    let snapshot = try fixture.snapshot
    let metrics = try rows("metrics")
    let series = try rows("series")
    var compared = 0
    func compare(_ run: Digest, _ stage: String, _ values: RecordedValues) throws {
      let metrics = metrics.filter { $0["run"] == run.hex && $0["stage"] == stage }
      #expect(metrics.count == values.scalars.count)
      for row in metrics {
        // A name that begins like a formula has the guard in front.
        let name = try #require(row["metric"])
        let value = try #require(values.scalars[name] ?? values.scalars[String(name.dropFirst())])
        let read = try double(row["value"])
        #expect(read.bitPattern == value.bitPattern || (read.isNaN && value.isNaN), "\(name)")
        compared += 1
      }
      for (name, recorded) in values.series {
        let points = series.filter {
          $0["run"] == run.hex && $0["stage"] == stage && $0["series"] == name
        }
        #expect(points.compactMap { $0["step"].flatMap(Int.init) } == recorded.steps)
        for (point, value) in zip(points, recorded.values) {
          let read = try double(point["value"])
          #expect(read.bitPattern == value.bitPattern || (read.isNaN && value.isNaN))
          compared += 1
        }
      }
    }
    for run in snapshot.runs {
      for stage in run.run.stages {
        try compare(run.id, stage.name, try #require(snapshot.stages[stage.key]).recordedValues)
      }
    }
    for run in try snapshot.registeredRecords() { try compare(run.id, "", run.values) }
    #expect(compared == 4 * 4 + 2 * 5)
  }

  @Test func `no cell is read as a formula`() throws {
    for (name, table) in tables where name != "/SHA256SUMS" {
      for cell in table.joined() where !cell.isEmpty && Double(cell) == nil && cell != "-inf" {
        #expect(!"=+-@\t\r".utf8.contains(cell.utf8.first!), "\(name): \(cell)")
      }
    }
    #expect(try rows("runs").contains { $0["name"] == "'" + ExportFixture.hostile })
  }

  @Test func `the counts of a curve add up to its classes at every threshold`() throws {
    let curves = try rows("curves")
    #expect(curves.count == 2 * 2 * 2)
    for row in curves {
      let counts = ["tp", "fp", "tn", "fn"].compactMap { row[$0].flatMap(Int.init) }
      #expect(counts.count == 4 && counts[0] + counts[3] == 1 && counts[1] + counts[2] == 2)
    }
  }

  @Test func `settings are told by dotted key, of planned runs with what their stages read`() throws
  {
    let planned = try #require(fixture.base.runs.last)
    let config = try rows("config").filter { $0["run"] == planned.id.hex }
    let pairs = Dictionary(
      config.compactMap { row in row["key"].flatMap { key in row["value"].map { (key, $0) } } },
      uniquingKeysWith: { first, _ in first })
    #expect(
      pairs == [
        "x": "1", "backend": "own", "stages.pretrain.stage": "pretrain@1",
        "stages.probe.stage": "probe@2",
      ])
    let elsewhere = try rows("config").filter { $0["value"] == "[1,\"two\"]" }
    #expect(
      elsewhere.map { $0["key"] } == Array(repeating: "'\(ExportFixture.hostile).deep", count: 2))
  }

  @Test func `a prediction that nobody judged is there too`() throws {
    let study = StudyRecord(
      slug: fixture.slug,
      study: ["title": "newer", "predictions": [["id": "p"], ["id": "q", "claim": "r1 > 0"]]])
    try fixture.registry.record(study)
    _ = try fixture.tables().writeCSV(to: fixture.folder["newer"])
    let bytes = try #require(try fixture.folder.files("newer")["/predictions.csv"])
    let table = CommaSeparated.rows(bytes)
    let at = { (name: String) in table[0].firstIndex(of: name)! }
    #expect(table.dropFirst().map { $0[at("prediction")] } == ["p", "q"])
    #expect(table.dropFirst().map { $0[at("result")] } == ["inconclusive", "not tested"])
    #expect(table[1][at("value")] == "-0.0" && table[1][at("upper")] == "inf")
    #expect(table[1][at("lower")] == "NaN" && table[2][at("value")] == "")
  }

  @Test func `the document has the same runs, each on a line, and the numbers as they are`() throws
  {
    let file = fixture.folder["runs.json"]
    let summary = try fixture.tables().writeJSON(to: file)
    let bytes = try #require(try DurableFile.read(file))
    #expect(summary == ExportSummary(runs: 4, files: 1, bytes: bytes.count))
    let document = try JSON(parsing: bytes)
    let snapshot = try fixture.snapshot
    let runs = try #require(document["runs"]?.array)
    #expect(
      runs.compactMap { $0["id"]?.digest }
        == snapshot.runs.map(\.id) + snapshot.registered.map(\.id))
    let own = runs[0]["values"]?.array ?? []
    #expect(own.map { $0["stage"] } == ["pretrain", "probe"])
    #expect(own[0]["metrics"]?["nan"] == JSON(Double(bitPattern: 0x7FF8_0000_0000_0007)))
    #expect(own[0]["curves"]?["swap"]?["tp"] == [1, 1])
    #expect(runs.map { $0["rerun"] }.contains("NOT-RERUNNABLE"))
    #expect(document["predictions"]?.array?.count == 1)
    #expect(bytes.split(separator: 0x0A).count == 1 + 4 + 1 + 1 + 1)
  }

  @Test func `only the selected runs are written`() throws {
    let snapshot = try fixture.snapshot
    let export = TableExport(snapshot, planned: [snapshot.runs[1]], registered: [])
    #expect(try export.writeCSV(to: fixture.folder["one"]).runs == 1)
    let bytes = try #require(try fixture.folder.files("one")["/metrics.csv"])
    #expect(Set(CommaSeparated.rows(bytes).dropFirst().map { $0[0] }) == [snapshot.runs[1].id.hex])
    _ = try TableExport(snapshot, planned: [], registered: []).writeJSON(
      to: fixture.folder["none.json"])
    let bare = try #require(try DurableFile.read(fixture.folder["none.json"]))
    let none = try JSON(parsing: bare)
    #expect(none["runs"] == [] && none["predictions"] == [])
  }

  @Test func `a folder in the place of a file is refused, and a file in that of a folder`() throws {
    let tables = try fixture.tables()
    #expect(throws: ArchiveError.self) { try tables.writeJSON(to: fixture.folder["tables"]) }
    try DurableFile.write([1], to: fixture.folder["file"])
    #expect(throws: ArchiveError.self) { try tables.writeCSV(to: fixture.folder["file"]) }
    #expect(throws: ArchiveError.self) {
      try tables.writeJSON(to: fixture.folder["nowhere/runs.json"])
    }
    #expect(try DurableFile.read(fixture.folder["file"]) == [1])
  }

  @Test(arguments: [
    (JSON("2026-11-20T23:41:05Z"), "2026-11-20T23:41:05+00:00"),
    (JSON("2026-11-20t23:41:05.5-09:30"), "2026-11-20T23:41:05.500-09:30"),
    (JSON(0), "1970-01-01T00:00:00+00:00"), (JSON(951_827_696), "2000-02-29T12:34:56+00:00"),
    (JSON(253_402_300_799.0), "9999-12-31T23:59:59+00:00"),
  ])
  func `moments are told in one form`(json: JSON, text: String) {
    #expect(Moment(json)?.text == text)
  }

  @Test(arguments: [JSON("yesterday"), JSON(-1), JSON(1e18), JSON(Double.nan), .null, JSON("")])
  func `what is no moment is none`(json: JSON) { #expect(Moment(json) == nil) }
}
