import Glibc
import Testing

@testable import Benchmarks

struct RegistryFigureTests {
  private func finding(
    _ goals: ProgramGoal, ours: [Double], theirs: [ProgramPeer: [Double]] = [:]
  ) -> ProgramFinding {
    var finding = ProgramFinding(ProgramFigure("x", .seconds, goals))
    finding.ours = ours
    finding.theirs = theirs
    return finding
  }

  @Test(arguments: [
    (ProgramGoal.atMost(2), true), (.atMost(1.9), false), (.atLeast(2), true),
    (.atLeast(2.1), false), (.times(0.5, .mlflow), true), (.times(0.4, .mlflow), false),
  ])
  func `a goal is reached by the median over rounds`(goal: ProgramGoal, reached: Bool) throws {
    let finding = finding(goal, ours: [9, 2, 1], theirs: [.mlflow: [4]])
    #expect(try finding.reaches(goal) == reached)
  }

  @Test func `what was not measured reaches nothing and misses nothing`() throws {
    #expect(try finding(.atMost(1), ours: []).reaches(.atMost(1)) == nil)
    #expect(try finding(.times(1, .plain), ours: [1]).reaches(.times(1, .plain)) == nil)
  }

  @Test func `every figure is named once, and every document of the task is another run`() {
    let names = Catalogue.registry.map(\.name)
    #expect(Set(names).count == names.count)
    let inputs = RegistryInputs(points: 10)
    let documents = (0..<20).map { inputs.document($0, of: 20) }
    #expect(Set(documents).count == 20)
    #expect(documents.allSatisfy { $0.last == 0x0A && $0.count(where: { $0 == 0x0A }) == 1 })
  }

  @Test func `a process is measured, and says how it ended`() throws {
    let errors = "/tmp/dormouse-bench-\(getpid())-\(UInt64.random(in: .min ... .max))"
    defer { unlink(errors) }
    let process = try MeasuredProcess(
      PartyProgram(title: "cat", path: "cat", arguments: []), errors: errors)
    process.send(Array("one\ntwo\n".utf8))
    var lines: [[UInt8]] = []
    while lines.count < 2, let more = process.lines() { lines += more }
    #expect(lines == [Array("one".utf8), Array("two".utf8)])
    process.send(Array("three\n".utf8))
    let (usage, last) = process.finish()
    #expect(last == Array("three".utf8))
    #expect(usage.status == 0 && usage.seconds > 0 && usage.peakBytes > 0)
    let failing = try MeasuredProcess(
      PartyProgram(title: "sh", path: "sh", arguments: ["-c", "echo no >&2; exit 3"]),
      errors: errors)
    #expect(failing.finish().usage.status == 3)
    #expect(RegistryFiles.text(of: errors) == "no\n")
    #expect(throws: BenchmarkError.self) {
      _ = try MeasuredProcess(
        PartyProgram(title: "x", path: "/nowhere/x", arguments: []), errors: errors)
    }
  }
}
