import Foundation
import Testing

/// `export` and `import`, the two ends of an archive.
struct ArchiveCommandTests {
  @Test func `an archive travels into an empty registry, adds nothing twice and reruns EXACT`()
    throws
  {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      var session = Transcript(program)
      try session.type("dormouse export study --to archive | sed 's/[0-9.]* MB/<size>/'")
      try session.type("dormouse export other --to elsewhere")
      try session.type("dormouse import archive --registry second")
      try session.type("dormouse import archive --registry second")
      try session.type("dormouse check archive")
      try session.type("dormouse check second | grep -v '^head'")
      try session.type("dormouse rerun --all --registry second --quiet | tail -1")
      try session.expect("archive")
      // Back out of the second registry: the same bytes.
      #expect(
        try program.run(["export", "study", "--to", "again", "--registry", "third"]).status == 2)
      try program.run(["import", "archive", "--registry", "third"])
      try program.run(["export", "study", "--to", "again", "--registry", "third"])
      #expect(try program.shell("diff -r archive again").status == 0)
    }
  }

  @Test func `a tampered archive is refused with its place and leaves no registry changed`() throws
  {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      try program.run(["export", "study", "--to", "archive"])
      try program.shell("sed -i '2s/1/2/' archive/records.jsonl")
      let outcome = try program.run(["import", "archive", "--registry", "second"])
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains("records.jsonl"))
      #expect(
        try program.run(["list", "--registry", "second"]).output.contains("0 of 0 runs")
          || !FileManager.default.fileExists(atPath: "\(program.folder)/second/registry.sqlite"))
    }
  }

  @Test func `runs go to MLflow's store and nothing there is replaced`() throws {
    try withFolder { program in
      try TinyStudy.perform(in: program)
      var session = Transcript(program)
      try session.type("dormouse export study --format mlflow --to store")
      try session.type("find store -type f | sed 's/[0-9a-f]\\{32\\}/<run>/' | sort")
      try session.type("dormouse export study --format mlflow --to store")
      try session.type("dormouse export study --format mlflow --to runs.db --json")
      try session.type("dormouse export study --format parquet --to store")
      try session.type("dormouse import runs.db --study back --registry second")
      try session.type("dormouse import store/mlflow.db --study back --registry second")
      try session.expect("export-mlflow")
    }
  }
}
