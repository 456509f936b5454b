import Determinism
import Records
import Testing

@testable import Interchange

@Suite struct TrackioTests {
  let folder = Folder()
  let path: String

  /// A copy: SQLite puts files beside a database in WAL mode, as trackio's are.
  init() throws {
    path = folder["probe-sweeps.db"]
    try DurableFile.write(try EventLogFixture.bytes("trackio/probe-sweeps.db"), to: path)
  }

  @Test func `every number that trackio's own reader sees is kept, bit for bit`() throws {
    let expected = try #require(try EventLogFixture.expected("trackio").object)
    let runs = try EventLogFixture.runs(path).runs
    #expect(runs.count == 2 && expected.count == 2)
    var compared = 0
    for member in expected.members {
      let run = try #require(runs.first { $0.record.clientID == "trackio:\(member.key.value)" })
      #expect(run.record.name == member.value["name"]?.string && run.record.slug == "probe-sweeps")
      for tag in try #require(member.value["points"]?.object).members {
        let series = try #require(run.record.values.series[tag.key.value])
        let points = try #require(tag.value.array)
        #expect(series.steps == points.map { $0.array?[0].int })
        for (value, point) in zip(series.values, points) {
          #expect(isSame(value, try #require(point.array?[1].patternBits)), "\(tag.key.value)")
          compared += 1
        }
      }
    }
    #expect(compared == 2 * (30 + 30 + 5))
  }

  @Test func `config, times and group are kept, the user is not`() throws {
    let run = try EventLogFixture.runs(path).runs[0]
    #expect(run.record.config == JSON.members(["lr": 0.001, "model": ["layers": 4]]))
    #expect(run.record.importedFrom?["group"] == "sweep")
    #expect(run.record.circumstances["times"]?["started"] == "2026-01-02T03:04:00.250000+00:00")
    #expect(
      !String(decoding: run.record.document.canonicalBytes, as: UTF8.self).contains("someone"))
    #expect(try run.lines(LoggedRows.rest) == [#"{"_step":60,"text":"hello"}"#])
    #expect(try run.lines(LoggedPoints.table)[1].contains(",1767323040250000000,"))
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-01-02T03:04:00.25+00:00", 1_767_323_040_250_000_000),
      ("2026-01-02T04:34:00.25+01:30", 1_767_323_040_250_000_000),
      ("2026-01-01T23:04:00.25-04:00", 1_767_323_040_250_000_000),
      ("2000-02-29T12:00:00", 951_825_600_000_000_000), ("1969-12-31T23:59:59Z", -1_000_000_000),
      ("yesterday", nil), ("2026-13-01T00:00:00Z", nil), ("2026-01-01T00:00:00+1", nil), ("", nil),
    ] as [(String, Int?)])
  func `times are read`(_ text: String, _ nanoseconds: Int?) {
    #expect(ForeignTime.nanoseconds(of: text) == nanoseconds)
  }
}
