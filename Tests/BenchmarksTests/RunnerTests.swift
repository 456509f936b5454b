import Determinism
import Testing

@testable import Benchmarks

@Suite(.enabled(if: ToyPeer.hasPython, ToyPeer.needed))
struct `A runner of benchmarks` {
  private func options(rounds: Int = 5, _ benchmarks: [Benchmark] = [ToyPeer.benchmark]) throws
    -> BenchmarkOptions
  {
    BenchmarkOptions(
      benchmarks: benchmarks, threads: [1], rounds: rounds, secondsPerRound: 0.01,
      engine: try #require(EngineSetting(backend: "own", family: nil)), peers: nil, limit: 20)
  }

  private func report(ours: String, theirs: String?) throws -> BenchmarkReport {
    try BenchmarkRunner(
      options(), own: { _, _ in ToyPeer.program(ours) },
      peers: { _, _ in theirs.map { [(.stock, ToyPeer.program($0))] } ?? [] }
    ).perform { _ in }
  }

  @Test func `lets the parties take turns and pairs their rounds`() throws {
    let report = try report(ours: "fast", theirs: "slow")
    let measurement = try #require(report.measurements.first)
    // A trial of one step says how many make a round; no time of it is kept.
    #expect(measurement.ours.secondsPerStep.count == 5)
    #expect(measurement.peers.map(\.secondsPerStep.count) == [5])
    let row = try #require(try report.rows().first)
    #expect(row.opponent == .stock)
    #expect((try #require(row.ratio).median - 2).magnitude < 1e-9)
    #expect(row.verdict == .reached)
    #expect(row.key == "probes/toy/1-thread/stock")
  }

  @Test func `says what falls short`() throws {
    let row = try #require(try report(ours: "slow", theirs: "fast").rows().first)
    #expect(row.verdict == .below)
  }

  @Test func `has figures of its own without a peer`() throws {
    let rows = try report(ours: "fast", theirs: nil).rows()
    #expect(rows.count == 1)
    #expect(rows[0].opponent == nil && rows[0].verdict == nil)
    #expect((rows[0].ours.value - 1).magnitude < 1e-9, "a millisecond a step")
  }

  @Test func `ends with the error of a peer that dies`() throws {
    // The trial was its first round, so that the third is the second that counts.
    #expect(throws: BenchmarkError.ended(program: "toy", during: "in round 3", status: 4)) {
      try report(ours: "fast", theirs: "dies")
    }
  }

  @Test func `refuses a peer with another task before it is timed`() {
    #expect(throws: BenchmarkError.self) { try report(ours: "fast", theirs: "another-task") }
  }

  @Test func `writes a document with metrics, notes and every round`() throws {
    let document = try report(ours: "fast", theirs: "slow")
      .document(
        options: options(), environment: JSON.Object([("dormouse", "0")]),
        notes: "one line")
    #expect(document["study"] == "benchmarks")
    #expect(document["config"]?["benchmarks"] == ["probes/toy"])
    #expect(document["config"]?["backend"] == "own")
    #expect(document["environment"]?["dormouse"] == "0")
    #expect(document["environment"]?["peer_toy"] == "1")
    #expect(document["environment"]?["load_at_start"]?.array?.count == 3)
    let key = "probes/toy/1-thread"
    #expect(document["metrics"]?["\(key)/stock/ratio"]?.double != nil)
    #expect(document["notes"] == "one line")
    #expect(document["series"]?["\(key)/own"]?.array?.count == 5)
    #expect(document["series"]?["\(key)/stock"]?.array?.count == 5)
    // What is recorded is read again.
    #expect(try JSON(parsing: document.prettyText) == document)
  }
}
