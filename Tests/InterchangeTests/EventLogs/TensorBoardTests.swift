import Determinism
import Records
import Statistics
import Testing

@testable import Interchange

@Suite struct TensorBoardTests {
  let folder = Folder()
  let logs = EventLogFixture.path("tensorboard/logs")

  private func run(_ name: String) throws -> ForeignRun {
    try #require(try EventLogFixture.runs(logs).runs.first { $0.record.name == name })
  }

  @Test func `a run is a folder with event files, and an empty one is told`() throws {
    let (runs, remarks) = try EventLogFixture.runs(logs)
    #expect(runs.map(\.record.name) == ["sweep/trial-1", "tf2/train", "torch"])
    #expect(
      remarks == ["folder 'sweep': its event files hold no scalar, curve or hyperparameter; no run"]
    )
    #expect(runs.allSatisfy { $0.record.slug == "logs" })
  }

  @Test func `every point that TensorBoard's own reader sees is kept, bit for bit`() throws {
    var compared = 0
    for member in try #require(try EventLogFixture.expected("tensorboard")["runs"]?.object).members
    {
      let points = try #require(member.value["points"]?.object)
      guard !points.isEmpty else { continue }
      let run = try run(member.key.value)
      var table: [String: [(step: Int, bits: UInt64, time: Int)]] = [:]
      for line in try run.lines(LoggedPoints.table).dropFirst() {
        let cells = line.split(separator: ",")
        table[String(cells[0].dropFirst().dropLast()), default: []].append(
          (Int(cells[1])!, Double(cells[3])!.bitPattern, Int(cells[2])!))
      }
      #expect(Set(table.keys) == Set(points.keys))
      for tag in points.members {
        let expected = try #require(tag.value.array)
        let kept = try #require(table[tag.key.value])
        #expect(kept.count == expected.count)
        for (kept, expected) in zip(kept, expected) {
          #expect(kept.step == expected["step"]?.int)
          let bits = try #require(expected["value"]?.patternBits)
          #expect(isSame(Double(bitPattern: kept.bits), bits), "\(tag.key.value) at \(kept.step)")
          // Nanoseconds give the double of the file again.
          let (seconds, rest) = kept.time.quotientAndRemainder(dividingBy: 1_000_000_000)
          let time = Double(seconds) + Double(rest) / 1e9
          #expect(time.bitPattern == expected["time"]?.patternBits)
          compared += 1
        }
      }
    }
    #expect(compared == 40 + 6 + 22 + 2)
  }

  @Test func `values are float32, and that is said`() throws {
    let run = try run("torch")
    #expect(run.record.importedFrom?["lost"]?.array?.contains("precision: float32") == true)
    let loss = try #require(run.record.values.series["loss/train"])
    #expect(loss.steps == (0..<40).map { $0 * 10 })
    #expect(loss.values[0] == 0.1666666716337204, "1/6, as float32 has it")
    let odd = try #require(run.record.values.series["odd"])
    #expect(odd.values[0].isNaN && odd.values[1] == .infinity && odd.values[2] == -.infinity)
    #expect(odd.values[3].bitPattern == (-0.0).bitPattern, "the sign of zero stays")
  }

  @Test func `a restart repeats steps: the latest counts, all are kept`() throws {
    let run = try run("tf2/train")
    let accuracy = try #require(run.record.values.series["accuracy"])
    #expect(accuracy.steps == Array(0..<20))
    #expect(accuracy.values[9] == 3 && accuracy.values[10] == Double(Float(10 / 3.0 + 10)))
    #expect(try run.lines(LoggedPoints.table).count == 1 + 22)
    #expect(run.remarks.contains { $0.contains("several values of one step") })
  }

  @Test func `a PR curve becomes the counts that its scores give`() throws {
    let probe = try #require(try EventLogFixture.expected("tensorboard")["probe"])
    let labels = try #require(probe["labels"]?.array).map { $0.int == 1 }
    let scores = try #require(probe["scores"]?.array).map {
      Double(bitPattern: $0.patternBits ?? 0)
    }
    let curve = try #require(try run("torch").record.values.curves["probe"])
    let exact = try ROCCurve(scores: scores, labels: labels)
    // 32 bins hold eighths exactly, so that binning lost nothing.
    #expect(curve == exact)
    #expect(
      try run("torch").record.importedFrom?["lost"]?.array?.contains(
        "scores of PR curves: sorted into 32 bins") == true)
  }

  @Test func `hyperparameters are the config, and their session's end is the state`() throws {
    let run = try run("sweep/trial-1").record
    #expect(
      run.config
        == JSON.members(["lr": 0.1, "layers": JSON(4.0), "optimiser": "adam", "amsgrad": true]))
    #expect(run.state == .completed)
    #expect(run.importedFrom?["lost"]?.array?.contains("whether the run was finished") == false)
    #expect(run.values.scalars["hparam/accuracy"] == 0.75)
  }

  @Test func `a file that ends within a record is read up to there`() throws {
    let file = "tensorboard/logs/torch/events.out.tfevents.1700000000.host.0"
    let bytes = try EventLogFixture.bytes(file)
    try DurableFile.write(Array(bytes[..<1000]), to: folder["x.tfevents.1"])
    let (runs, _) = try EventLogFixture.runs(folder.path)
    #expect(runs.count == 1 && runs[0].record.state == .interrupted)
    #expect(runs[0].remarks.contains { $0.contains("ends within a record") })
    let whole = try #require(try run("torch").record.values.series["loss/train"])
    let part = try #require(runs[0].record.values.series["loss/train"])
    #expect(part.values == Array(whole.values.prefix(part.values.count)) && part.values.count > 10)
  }

  @Test func `the run that went on keeps its id, and another of the same name has another`() throws
  {
    let file = "tensorboard/logs/torch/events.out.tfevents.1700000000.host.0"
    let bytes = try EventLogFixture.bytes(file)
    func id(_ place: String, _ content: [UInt8]) throws -> String? {
      try DurableFile.makeFolder(folder[place])
      try DurableFile.write(content, to: folder["\(place)/x.tfevents.1"])
      return try EventLogFixture.runs(folder[place]).runs.first?.record.clientID
    }
    #expect(try id("a/run", bytes) == id("b/run", Array(bytes[..<1000])))
    var later = bytes
    later[12 + 1] ^= 1
    let end = 12 + later.littleEndian(at: 0, as: Int.self)
    let sum = Checksum.maskedCRC32C(later[12..<end])
    for index in 0..<4 {
      later[end + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
    }
    #expect(try id("a/run", bytes) != id("c/run", later))
  }

  @Test func `times and names of hosts stay out of what is published`() throws {
    for run in try EventLogFixture.runs(logs).runs {
      let text = String(decoding: run.record.document.canonicalBytes, as: UTF8.self)
      #expect(!text.contains(".host.") && !text.contains(logs))
    }
  }
}
