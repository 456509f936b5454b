import Foundation
import Testing

/// Stores that the real tools wrote (`Tests/Golden/make`), imported as a user does it.
struct ImportTests {
  static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "InterchangeTests/Golden").path

  static func copy(_ name: String, to place: String, in program: Program) throws {
    try FileManager.default.copyItem(
      atPath: "\(golden)/\(name)", toPath: "\(program.folder)/\(place)")
  }

  private func write(_ text: String, to name: String, in program: Program) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(program.folder)/\(name)"))
  }

  /// The id of a run by its name, as shell text.
  private func id(_ name: String) -> String {
    "$(dormouse list | grep ' \(name)  ' | cut -d' ' -f1)"
  }

  @Test func `stores of MLflow are imported, again, shown and exported`() throws {
    try withFolder { program in
      try Self.copy("mlflow/store", to: "store", in: program)
      try Self.copy("mlflow/mlruns", to: "mlruns", in: program)
      var session = Transcript(program)
      try session.type("dormouse import store/mlflow.db")
      try session.type("dormouse import store/mlflow.db")
      try session.type("dormouse list")
      try session.type("dormouse show \(id("wide")) | sed 's/x\\{99,\\}/xx…/'")
      try session.type("dormouse show \(id("wide")) --values accuracy")
      try session.type("dormouse import mlruns --with-deleted --study files --json | sed -n 1,20p")
      try session.type("dormouse list --study files")
      try session.type(
        "sqlite3 store/mlflow.db \"INSERT INTO params SELECT 'late', '1', run_uuid FROM runs WHERE name = 'killed'\""
      )
      try session.type("dormouse import store/mlflow.db")
      try session.type("dormouse export vision-cifar-10 --to archive")
      try session.type(
        "dormouse import archive --registry second; dormouse check --registry second")
      try session.type("dormouse check --deep")
      try session.expect("import")
    }
  }

  @Test func `Sacred's runs and tables are imported`() throws {
    try withFolder { program in
      try Self.copy("sacred/runs", to: "runs", in: program)
      try write(
        "run,config.layer,step,loss,auroc\nprobe-a,4,0,0.5,0.71\nprobe-a,4,10,0.25,nan\nprobe-b,8,0,0.75,\n",
        to: "sweep.csv", in: program)
      try write(
        #"{"epoch": 1, "loss": 0.5, "model": "gpt"}"# + "\n" + #"{"epoch": 2, "loss": NaN"#,
        to: "live.jsonl", in: program)
      var session = Transcript(program)
      try session.type("dormouse import runs")
      try session.type("dormouse import runs --quiet")
      try session.type("dormouse import sweep.csv")
      try session.type("dormouse import live.jsonl --study probes")
      try session.type("dormouse import sweep.csv --json")
      try session.type("dormouse list --study sweep")
      try session.type("dormouse show \(id("probe-a"))")
      try session.expect("import-others")
    }
  }

  @Test func `what cannot be read is told by file and place, and costs its run alone`() throws {
    try withFolder { program in
      try Self.copy("mlflow/mlruns", to: "mlruns", in: program)
      try Self.copy("mlflow/store/mlflow.db", to: "cut.db", in: program)
      try write("a,a\n1,2\n", to: "twice.csv", in: program)
      try write("step,loss\n0,1\n0,2\n", to: "falling.csv", in: program)
      try write("hello", to: "text", in: program)
      var session = Transcript(program)
      try session.type("truncate -s 30000 cut.db; dormouse import cut.db")
      try session.type("dormouse import missing")
      try session.type("dormouse import text")
      try session.type("dormouse import text --from mlflow")
      try session.type("dormouse import mlruns --from sacred")
      try session.type("dormouse import mlruns --from mlfow")
      try session.type("dormouse import mlruns --study 'No Slug'")
      try session.type("dormouse import twice.csv; dormouse import falling.csv")
      try session.type("ls")
      try session.type("touch mlruns/x.csv; dormouse import mlruns; rm mlruns/x.csv")
      // One run of four is broken, then mended.
      try session.type(
        "printf '10 0.5 0\\n20 many 1\\n' > $(dirname mlruns/*/*/metrics/repeated)/bad; dormouse import mlruns"
      )
      try session.type("rm mlruns/*/*/metrics/bad; dormouse import mlruns")
      try session.expect("import-errors")
    }
  }

  @Test func `an import that is killed, and done again, is as one that never was`() throws {
    try withFolder { program in
      var table = "run,step,loss\n"
      for run in 0..<400 { for step in 0..<3 { table += "r\(run),\(step),0.\(run + step)\n" } }
      try write(table, to: "sweep.csv", in: program)
      #expect(try program.run(["import", "sweep.csv", "--registry", "whole"]).status == 0)
      var killed = 0
      for delay in [50_000, 100_000, 150_000, 200_000, 250_000] {
        let process = try program.start(["import", "sweep.csv", "--registry", "again"])
        usleep(UInt32(delay))
        if process.isRunning { killed += 1 }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      #expect(killed > 0)
      let last = try program.run(["import", "sweep.csv", "--registry", "again"])
      #expect(last.status == 0, "\(last.errors)")
      #expect(try program.run(["check", "--deep", "--registry", "again"]).status == 0)
      for registry in ["whole", "again"] {
        let outcome = try program.run([
          "export", "sweep", "--to", "\(registry).out", "--registry", registry,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      // The same records; only their order in time may differ.
      let records = try ["whole", "again"].map { registry in
        try program.shell(
          "grep -rho '\"id\":\"[0-9a-f]*\"\\|\"client_id\":\"[^\"]*\"' \(registry).out | sort"
        ).output
      }
      #expect(records[0] == records[1] && records[0].contains("csv:sweep.csv/r399"))
    }
  }
}
