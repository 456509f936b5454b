import Foundation
import Testing

/// `import` of what TensorBoard, W&B and Inspect leave on disk.
struct ImportEventLogTests {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let fixtures = tests.appending(path: "InterchangeTests/Golden")

  /// What the real tools wrote, under the names that the guide has.
  private func withLogs(_ body: (Program) throws -> Void) throws {
    try withFolder { program in
      let folder = URL(filePath: program.folder)
      for (fixture, name) in [("tensorboard/logs", "runs"), ("wandb", "wandb")] {
        try FileManager.default.copyItem(
          at: Self.fixtures.appending(path: fixture), to: folder.appending(path: name))
      }
      let logs = folder.appending(path: "logs")
      try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
      for name in ["zstd.eval", "failed.eval"] {
        try FileManager.default.copyItem(
          at: Self.fixtures.appending(path: "inspect/\(name)"), to: logs.appending(path: name))
      }
      try body(program)
    }
  }

  @Test func `logs of three tools are imported, and again add nothing`() throws {
    try withLogs { program in
      var session = Transcript(program)
      try session.type("dormouse import runs")
      try session.type("dormouse import wandb")
      try session.type("dormouse import logs")
      try session.type(
        "dormouse import logs/zstd.eval --map trigger=metadata.trigger,defected=scores.defected,"
          + "score.monitor=scores.monitor.suspicion --study mapped")
      try session.type("dormouse import runs")
      try session.type("dormouse import logs --quiet")
      try session.type("dormouse check | grep -v '^head'")
      try session.expect("import-eventlogs")
    }
  }

  @Test func `what is damaged is told with its place, and nothing of it is recorded`() throws {
    try withLogs { program in
      let folder = program.folder
      func flip(_ name: String, _ offset: Int) throws {
        let url = URL(filePath: "\(folder)/\(name)")
        var bytes = try Data(contentsOf: url)
        bytes[offset] ^= 1
        try bytes.write(to: url)
      }
      try flip("runs/torch/events.out.tfevents.1700000000.host.0", 1000)
      try flip("wandb/offline-run-20260101_000000-abc123/run-abc123.wandb", 40_000)
      try flip("logs/zstd.eval", 9000)
      var session = Transcript(program)
      try session.type("dormouse import runs")
      try session.type("dormouse import wandb")
      try session.type("dormouse import logs/zstd.eval")
      try session.type("dormouse import .")
      try session.type("dormouse import wandb --from inspect")
      try session.type("dormouse import logs/failed.eval --map tirgger=metadata.trigger")
      try session.type("dormouse list | head -1")
      try session.expect("import-eventlogs-damaged")
    }
  }

  @Test func `the commands that guide and README show work on logs of the real tools`() throws {
    let root = Self.tests.deletingLastPathComponent()
    var count = 0
    for name in ["Sources/Commands/Guides/import-eventlogs.md", "README.md"] {
      let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
      let commands = text.split(separator: "\n").compactMap { line in
        line.firstMatch(of: /^(?:\$ )?(dormouse import (?:runs\/|wandb\/|logs\/)[^#]*)/).map {
          String($0.output.1)
        }
      }
      count += commands.count
      try withLogs { program in
        for command in commands {
          let outcome = try program.shell(
            command.replacing("dormouse ", with: "\"$0\" ", maxReplacements: 1), [Program.path])
          #expect(outcome.status == 0, "\(command): \(outcome.errors)")
          #expect(outcome.output.contains(" added"), "\(command)")
        }
      }
    }
    #expect(count >= 4)
  }
}
