import Foundation
import Testing

@testable import Benchmarks

/// Peers that need nothing but Python: `Peers/toy_peer.py` misbehaves as it is told to.
enum ToyPeer {
  static let hasPython = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", ""]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    guard process.isRunning || process.processIdentifier > 0 else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  static let needed: Comment = "these tests talk to a real process: python3 is not installed"

  static func program(_ how: String) -> PartyProgram {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Peers/toy_peer.py").path
    return PartyProgram(
      title: "toy", path: "python3", arguments: [script, how],
      environment: ["PYTHONDONTWRITEBYTECODE": "1"])
  }

  static let benchmark = Benchmark(
    name: "toy", task: .probe(ProbeTask(kind: .roc)), goals: [.stock: [1: Goal(1.5)]],
    agreement: 1e-6)
}

@Suite(.enabled(if: ToyPeer.hasPython, ToyPeer.needed))
struct `A party` {
  private func party(_ how: String, limit: Double = 20) throws -> Party {
    try Party(ToyPeer.program(how), limit: limit, shouldStop: { false })
  }

  @Test func `does the rounds that it is asked for`() throws {
    let party = try party("obeys")
    #expect(party.facts == [1, 2])
    for steps in [3, 5, 1, 2] {
      let round = try party.round(steps)
      #expect(round == Party.Round(seconds: Double(steps) * 0.001, peakKiB: 500))
    }
  }

  static let during = "in round 3"
  static let failures: [(how: String, error: BenchmarkError)] = [
    ("dies", .ended(program: "toy", during: during, status: 4)),
    ("killed", .ended(program: "toy", during: during, status: 137)),
    ("hangs", .silent(program: "toy", during: during, seconds: 2)),
    (
      "rubbish",
      .unreadable(
        program: "toy", during: during, message: "1:13: a value was expected, not \"N\"")
    ),
    ("endless", .unreadable(program: "toy", during: during, message: "a line of more than 1 MiB")),
    ("closes", .unreadable(program: "toy", during: during, message: "it closed its output")),
    (
      "no-time",
      .unreadable(program: "toy", during: during, message: "no positive number 'seconds'")
    ),
  ]

  @Test(arguments: failures.map(\.how))
  func `that misbehaves in a round is told where`(how: String) throws {
    let expected = try #require(Self.failures.first { $0.how == how }).error
    let party = try party(how, limit: 2)
    for steps in 1...2 { _ = try party.round(steps) }
    do {
      _ = try party.round(3)
      Issue.record("a round that cannot have succeeded")
    } catch {
      guard case .unreadable(let program, let during, _) = error, how == "rubbish" else {
        #expect(error == expected)
        return
      }
      #expect(program == "toy" && during == Self.during)
    }
  }

  @Test func `that dies before it is ready is told so`() {
    #expect(throws: BenchmarkError.ended(program: "toy", during: "before it was ready", status: 3))
    { try party("dies-first") }
  }

  @Test func `that hangs before it is ready is given up`() {
    let error = BenchmarkError.silent(program: "toy", during: "before it was ready", seconds: 0.5)
    #expect(throws: error) { try party("hangs-first", limit: 0.5) }
  }

  @Test(arguments: ["rubbish-first", "no-facts"])
  func `that does not introduce itself is refused`(how: String) throws {
    let error = #expect(throws: BenchmarkError.self) { try party(how) }
    guard case .unreadable("toy", "before it was ready", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `that cannot be started is named`() {
    let program = PartyProgram(title: "nothing", path: "/nowhere/python", arguments: [])
    #expect(
      throws: BenchmarkError.cannotStart(program: "nothing", reason: "No such file or directory")
    ) { try Party(program, limit: 1, shouldStop: { false }) }
  }

  @Test func `is given up at once when the user has had enough`() {
    #expect(throws: BenchmarkError.interrupted) {
      try Party(ToyPeer.program("hangs-first"), limit: 60, shouldStop: { true })
    }
  }

  @Test(arguments: ["another-task", "fewer-facts", "other-size"])
  func `that does another task is refused`(how: String) throws {
    let ours = try party("obeys")
    let theirs = try party(how)
    let error = #expect(throws: BenchmarkError.self) {
      try theirs.check(ToyPeer.benchmark, against: ours)
    }
    guard case .anotherTask = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
