import Determinism
import Statistics
import Studies
import Testing

@testable import Interchange
@testable import Records

/// The archive's fixture with runs from elsewhere beside it, whose texts want to break out of every format.
struct ExportFixture {
  let base: ArchiveFixture
  var registry: Registry { base.registry }
  var folder: Folder { base.folder }
  var slug: String { base.slug }

  /// Quotes, line ends, a formula, markup, an address.
  static let hostile = "=cmd|' /C calc'!A0\",\n<script>\u{0}] https://x/../#\r@\u{301}"
  static let artifact = Array("step\n1\n".utf8)

  init() throws {
    base = try ArchiveFixture()
    for (name, state) in [(Self.hostile, RunState.completed), ("gave up", .failed)] {
      try registry.record(registered(name, state))
    }
  }

  func registered(_ name: String, _ state: RunState) -> (RegisteredRunRecord, [Digest: [UInt8]]) {
    var series = Series()
    series.append(-.infinity, at: -3)
    series.append(1e-300, at: 7)
    let reference = Artifact(role: .kept, mediaType: "text/csv", bytes: Self.artifact).reference
    return (
      RegisteredRunRecord(
        slug: slug, name: name, clientID: "id/\(name)",
        config: JSON.members(["lr": 0.001, Self.hostile: ["deep": [1, "two"]], "empty": [:]]),
        tags: ["b", "a", Self.hostile], state: state, parent: nil,
        notes: state == .failed ? "out of memory" : "",
        values: RecordedValues(
          scalars: [Self.hostile: 0.1 + 0.2, "negative zero": -0.0, "nan": .nan],
          series: ["loss": series], artifacts: ["table": reference]),
        circumstances: JSON.members([
          "environment": ["torch": "2.9", "gpu": JSON(Self.hostile)],
          "times": ["started": 1_763_682_065.5, "finished": "2026-11-20T23:41:05.1234+02:00"],
        ])), [reference.digest: Self.artifact]
    )
  }

  var snapshot: Snapshot { get throws { try registry.snapshot() } }

  func crate() throws -> ROCrate {
    try ROCrate(try snapshot, slug: slug, options: ROCrate.Options(day: "2000-01-01"))
  }

  func tables() throws -> TableExport {
    let snapshot = try snapshot
    return TableExport(
      snapshot, planned: snapshot.runs, registered: try snapshot.registeredRecords())
  }
}

extension Registry {
  fileprivate func record(_ run: (RegisteredRunRecord, [Digest: [UInt8]])) throws {
    _ = try register(run.0, artifacts: run.1)
  }
}

/// A reader of RFC 4180 that knows nothing of the writer.
enum CommaSeparated {
  static func rows(_ bytes: [UInt8]) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if isQuoted {
        if byte != 0x22 {
          cell.append(byte)
        } else if index < bytes.count, bytes[index] == 0x22 {
          cell.append(0x22)
          index += 1
        } else {
          isQuoted = false
        }
      } else if byte == 0x22 {
        isQuoted = true
      } else if byte == 0x2C || byte == 0x0A {
        row.append(String(decoding: cell, as: UTF8.self))
        cell = []
        if byte == 0x0A {
          rows.append(row)
          row = []
        }
      } else {
        cell.append(byte)
      }
    }
    return rows
  }
}
