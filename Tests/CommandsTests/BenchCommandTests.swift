import Foundation
import Testing

struct BenchCommandTests {
  /// Keeps words and units, replaces what is measured and what the machine is; columns lose their width.
  static let masked = [
    #"sed -E -e '1s/.*/<processor>/' -e '2s/.*/<kernels>/' -e '/^not to be published/d'"#,
    #"-e 's/load [0-9.]+ at the start, [0-9.]+ at the end/load <number>, <number>/'"#,
    #"-e 's/peak [0-9.]+ GFLOP/peak <number> GFLOP/' -e 's/^kernel .*/<headings>/'"#,
    #"-e 's/ +[0-9.]+ µs +[0-9.]+ +[0-9]+% +[0-9.]+$/ | <time>, <speed>, <share>, <bandwidth>/'"#,
    #"-e 's/ +[0-9.]+ µs +— +— +[0-9.]+$/ | <time>, <bandwidth>/'"#,
  ].joined(separator: " ")

  @Test func `kernels are timed without Python`() throws {
    try withFolder { program in
      try "\(Self.masked)\n".write(
        toFile: "\(program.folder)/masked", atomically: true, encoding: .utf8)
      var session = Transcript(program)
      try session.type("dormouse bench kernels --quick --quiet | sh masked")
      try session.expect("bench-kernels")
    }
  }

  @Test func `what cannot be timed is said`() throws {
    try withFolder { program in
      var session = Transcript(program)
      try session.type("dormouse bench training --sizes S,XL")
      try session.type("dormouse bench kernels --sizes S")
      try session.type("dormouse bench training --backend mkl")
      try session.type("dormouse bench training --threads 1,1")
      try session.type("dormouse bench training --threads 0")
      try session.type("dormouse bench training --rounds 0")
      try session.type("dormouse bench training --peers python3 --peer-scripts nowhere")
      try session.type("dormouse bench --serve training/XL")
      try session.expect("bench-errors")
    }
  }

  @Test func `the registry is measured through its own commands`() throws {
    try withFolder { program in
      let outcome = try program.run(["bench", "registry", "--quick", "--json", "--quiet"])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let metrics = try #require(document["metrics"] as? [String: Double])
      #expect(metrics["registry/writers/recorded/ours"] == 20)
      for figure in [
        "start-up", "register/wall", "register/cpu", "stream/wall", "follow/speed",
        "follow/peak/10-fold",
      ] {
        #expect(metrics["registry/\(figure)/ours"].map { $0 > 0 } == true, "\(figure)")
      }
      // The size is no timing: what is promised holds everywhere.
      #expect(metrics["registry/register/size/ours"].map { $0 <= 2 } == true)
    }
  }

  @Test func `one document tells a machine everything`() throws {
    try withFolder { program in
      let outcome = try program.run([
        "bench", "training", "--sizes", "d32", "--threads", "1", "--rounds", "2", "--quick",
        "--json",
        "--quiet",
      ])
      #expect(outcome.status == 0 && outcome.errors.isEmpty)
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect(document["study"] as? String == "benchmarks")
      let series = try #require(document["series"] as? [String: [Double]])
      #expect(series["training/d32/1-thread/own"]?.count == 2)
      let metrics = try #require(document["metrics"] as? [String: Double])
      #expect(metrics["training/d32/1-thread/arithmetic/ratio"].map { $0 > 0 && $0 < 2 } == true)
      let environment = try #require(document["environment"] as? [String: Any])
      #expect(environment["kernel_family"] != nil && environment["machine"] != nil)
    }
  }

  /// A folder of scripts of which the training peer does `body`.
  private func writePeer(_ body: String, in program: Program) throws {
    let folder = "\(program.folder)/peers"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try "".write(toFile: "\(folder)/coprocess.py", atomically: true, encoding: .utf8)
    try "\(body)\n".write(toFile: "\(folder)/peer_training.py", atomically: true, encoding: .utf8)
  }

  @Test func `a peer that fails ends the command with its place`() throws {
    try withFolder { program in
      let hasPython = try program.shell("command -v python3").status == 0
      guard hasPython else { return }
      let bench = [
        "bench", "training", "--sizes", "d32", "--threads", "1", "--quick", "--quiet", "--peers",
        "python3", "--peer-scripts", "peers", "--limit", "2",
      ]
      try writePeer("raise SystemExit(7)", in: program)
      let dead = try program.run(bench)
      #expect(dead.status == 2)
      #expect(
        dead.errors == """
          error: peer_training.py: ended with status 7 before it was ready
          hint: what it printed is above; 'make peers' installs what the scripts need

          """)
      try writePeer("print('hello', flush=True); input()", in: program)
      let chatty = try program.run(bench)
      #expect(chatty.status == 2)
      #expect(
        chatty.errors.contains(
          "error: peer_training.py: an answer that cannot be read before it was ready: 1:1: "))
      try writePeer("import time; time.sleep(60)", in: program)
      let silent = try program.run(bench)
      #expect(silent.status == 2)
      #expect(
        silent.errors.contains(
          "error: peer_training.py: no answer within 2 s before it was ready"))
    }
  }

  @Test func `a worker answers rounds and refuses anything else`() throws {
    try withFolder { program in
      let serve = "\"$0\" bench --serve training/d32 --threads 1"
      let answered = try program.shell("printf 'round 8\\nround 8\\n' | \(serve)", [Program.path])
      #expect(answered.status == 0)
      #expect(answered.output.split(separator: "\n").count == 3)
      let refused = try program.shell("printf 'round x\\n' | \(serve)", [Program.path])
      #expect(refused.status == 2)
      #expect(refused.errors.contains("round x"))
    }
  }
}
