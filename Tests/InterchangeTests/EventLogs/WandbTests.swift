import Determinism
import Records
import Testing

@testable import Interchange

@Suite struct WandbTests {
  let folder = Folder()
  let root = EventLogFixture.path("wandb")
  static let names = ["offline-run-20260101_000000-abc123", "offline-run-20260101_000000-def456"]

  @Test func `a folder of runs gives each of them`() throws {
    let runs = try EventLogFixture.runs(root).runs.map(\.record)
    #expect(runs.map(\.clientID) == ["wandb:abc123", "wandb:def456"])
    #expect(runs.map(\.slug) == ["probe-sweeps", "probe-sweeps"])
    #expect(runs.map(\.state) == [.completed, .failed])
    #expect(runs.map(\.name) == ["sweep one", ""])
    #expect(runs[0].tags == ["baseline", "layer 4"] && runs[0].notes == "A *note*.")
    #expect(runs[0].importedFrom?["group"] == "sweep")
    #expect(runs[1].importedFrom?["exit_code"] == 3)
  }

  @Test(arguments: names)
  func `every number that W&B's own reader sees is kept, bit for bit`(_ name: String) throws {
    let expected = try #require(try EventLogFixture.expected("wandb")[name])
    let run = try #require(try EventLogFixture.runs("\(root)/\(name)").runs.first)
    var compared = 0
    for member in try #require(expected["points"]?.object).members
    where !member.key.value.hasPrefix("_") {
      let series = try #require(run.record.values.series[member.key.value])
      let points = try #require(member.value.array)
      #expect(series.steps == points.map { $0.array?[0].int })
      for (value, point) in zip(series.values, points) {
        let bits = try #require(point.array?[1].patternBits)
        #expect(isSame(value, bits), "\(member.key.value): \(value)")
        compared += 1
      }
    }
    #expect(compared == (name == Self.names[0] ? 3 * 60 + 4 + 1 : 2))
    for member in try #require(expected["summary"]?.object).members
    where !member.key.value.hasPrefix("_") {
      guard let bits = member.value.patternBits else { continue }
      let value = try #require(run.record.values.scalars[member.key.value])
      #expect(isSame(value, bits), "summary \(member.key.value)")
    }
  }

  @Test func `the config has its nesting, and nothing of W&B's own`() throws {
    let config = try EventLogFixture.runs("\(root)/\(Self.names[0])").runs[0].record.config
    #expect(
      config
        == JSON.members([
          "lr": 0.001, "model": ["layers": 4, "name": "tiny"], "betas": [0.9, 0.999], "seed": 7,
          "none": .null, "late": true,
        ]))
  }

  @Test func `what the run put into its summary is a metric`() throws {
    let values = try EventLogFixture.runs("\(root)/\(Self.names[0])").runs[0].record.values
    #expect(values.scalars["best"] == 0.1 + 0.2 && values.scalars["nested.inner"] == 2.5)
    #expect(values.series["best"] == nil)
  }

  @Test func `history that is no number is kept beside`() throws {
    let run = try EventLogFixture.runs("\(root)/\(Self.names[0])").runs[0]
    let lines = try run.lines(LoggedRows.rest)
    #expect(lines[0] == #"{"_step":300,"text":"hello"}"#)
    #expect(lines[1] == #"{"_step":301,"flag":true}"#)
    #expect(lines[2].utf8.count > 33_000, "it went over a block of the file")
    #expect(
      run.remarks == ["history that is no number is kept in import/history.jsonl: flag, long, text"]
    )
  }

  @Test(arguments: [700, 20_000, 32_768 + 7 + 3, 60_000])
  func `a file that is cut off is read up to there`(_ count: Int) throws {
    let bytes = try EventLogFixture.bytes("wandb/\(Self.names[0])/run-abc123.wandb")
    try DurableFile.write(Array(bytes[..<count]), to: folder["run-abc123.wandb"])
    let run = try EventLogFixture.runs(folder.path).runs[0]
    #expect(run.record.state == .interrupted)
    #expect(run.remarks.contains { $0.contains("does not tell its end") })
  }

  @Test func `a resumed run is one run of its files`() throws {
    let bytes = try EventLogFixture.bytes("wandb/\(Self.names[1])/run-def456.wandb")
    for name in ["offline-run-1", "offline-run-2"] {
      try DurableFile.makeFolder(folder[name])
    }
    // Its first file has no end: it was killed.
    try DurableFile.write(Array(bytes.dropLast(40)), to: folder["offline-run-1/run-def456.wandb"])
    try DurableFile.write(bytes, to: folder["offline-run-2/run-def456.wandb"])
    let runs = try EventLogFixture.runs(folder.path).runs
    #expect(runs.count == 1 && runs[0].record.state == .failed)
    #expect(runs[0].record.values.series["loss"]?.values == [2, 4])
    #expect(try runs[0].lines(LoggedPoints.table).count == 1 + 4)
  }

  @Test func `a record of another version is passed over and told`() throws {
    var log = WandbLogWriter()
    log.add([0x8A, 0x01, 0x05, 0x0A, 0x03] + Array("abc".utf8))
    // History, whose item says it is longer than it is.
    log.add([0x12, 0x02, 0x0A, 0x7F])
    log.add([0x92, 0x01, 0x00])
    try DurableFile.write(log.bytes, to: folder["run-abc.wandb"])
    let run = try EventLogFixture.runs(folder.path).runs[0]
    #expect(run.record.state == .completed && run.record.clientID == "wandb:abc")
    #expect(run.remarks.contains { $0.hasPrefix("a record was not read, first at byte 22: ") })
  }

  @Test func `no user, host or folder is published`() throws {
    for run in try EventLogFixture.runs(root).runs {
      let text = String(decoding: run.record.document.canonicalBytes, as: UTF8.self)
      #expect(!text.contains("\"host\"") && !text.contains("/tmp"))
    }
  }
}

/// Writes `.wandb` files: whole records within the first block.
struct WandbLogWriter {
  private(set) var bytes: [UInt8] = Array(":W&B".utf8) + [0xE1, 0xBE, 0]

  mutating func add(_ record: [UInt8], type: UInt8 = 1) {
    let sum = Checksum.crc32([[type][...], record[...]])
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt32($0))) }
    bytes += [UInt8(record.count & 0xFF), UInt8(record.count >> 8), type] + record
  }
}
