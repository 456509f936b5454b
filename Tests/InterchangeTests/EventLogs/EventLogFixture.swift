import Determinism
import Records
import Testing

@testable import Interchange

/// What the real tools wrote (`Tests/Golden/make`), and what their own readers say of it.
enum EventLogFixture {
  static func path(_ name: String) -> String {
    let parts = #filePath.utf8.split(separator: UInt8(ascii: "/"))
    return "/" + parts.dropLast(2).map { String(Substring($0)) }.joined(separator: "/")
      + "/Golden/\(name)"
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    try #require(try DurableFile.read(path(name)))
  }

  static func expected(_ tool: String) throws -> JSON {
    try JSON(parsing: try bytes("\(tool)/expected.json"))
  }

  /// Files of every format, one each: tool, fixture, name of a copy.
  static let one: [(tool: String, fixture: String, name: String)] = [
    (
      "tensorboard", "tensorboard/logs/torch/events.out.tfevents.1700000000.host.0",
      "a.tfevents.1.h.0"
    ),
    (
      "tensorboard", "tensorboard/logs/sweep/trial-1/events.out.tfevents.1700000000.host.0",
      "b.tfevents.1.h.0"
    ),
    ("wandb", "wandb/offline-run-20260101_000000-abc123/run-abc123.wandb", "run-abc123.wandb"),
    ("wandb", "wandb/offline-run-20260101_000000-def456/run-def456.wandb", "run-def456.wandb"),
    ("inspect", "inspect/zstd.eval", "zstd.eval"),
    ("inspect", "inspect/deflate.eval", "deflate.eval"),
    ("inspect", "inspect/stored.eval", "stored.eval"),
    ("inspect", "inspect/dump.json", "dump.json"),
  ]

  static func kind(_ tool: String) throws -> any ForeignStore.Type {
    try #require(ForeignStores.all.first { $0.name == tool })
  }

  /// Every run of a path, or the first problem.
  static func runs(
    _ path: String, _ tool: String? = nil, map: [(name: String, field: String)] = []
  ) throws -> (runs: [ForeignRun], remarks: [String]) {
    var options = ForeignOptions()
    options.map = map
    let found = try ForeignStores.kind(of: path)
    let kind = try tool.map(kind) ?? (try #require(found))
    var store = try kind.init(path: path, options: options)
    var runs: [ForeignRun] = []
    while let run = try store.nextRun() { runs.append(run) }
    return (runs, store.remarks)
  }

  /// How a file is refused; nil when it is read.
  static func problem(_ path: String, _ tool: String) -> String? {
    do {
      _ = try runs(path, tool)
      return nil
    } catch { return "\(error)" }
  }
}

extension ForeignRun {
  /// The lines of a kept text.
  func lines(_ name: String) throws -> [String] {
    let reference = try #require(record.values.artifacts[name])
    let bytes = try #require(artifacts[reference.digest])
    return bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension JSON {
  /// A double from its pattern in hexadecimal.
  var patternBits: UInt64? { string.flatMap { UInt64($0, radix: 16) } }
}

/// Whether two doubles are the same one; of NaN that both are: which one is not kept by every tool.
func isSame(_ value: Double, _ bits: UInt64) -> Bool {
  value.bitPattern == bits || (value.isNaN && Double(bitPattern: bits).isNaN)
}
