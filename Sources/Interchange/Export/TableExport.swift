import Determinism
import Records
import Studies

/// What an export wrote.
package struct ExportSummary: Equatable, Sendable {
  package let runs: Int
  package let files: Int
  /// Of all files.
  package let bytes: Int
}

/// A selection of runs as tables for other programs: a folder of CSV files, or one JSON document.
///
/// Every number is written so that it reads back to the same double. Equal records give equal bytes.
package struct TableExport {
  private let snapshot: Snapshot
  private let runs: [ExportedRun]

  /// - Parameters:
  ///   - planned: the selected runs of the snapshot, in its order.
  ///   - registered: those from elsewhere.
  package init(
    _ snapshot: Snapshot, planned: [RunRecord], registered: [RegisteredRunRecord]
  ) {
    self.snapshot = snapshot
    runs = snapshot.exported(planned, registered)
  }

  private var slugs: [String] {
    Set(runs.map { JSON.Text($0.slug) }).sorted().map(\.value)
  }

  private var tables: [RunTable] {
    RunTables(runs: runs).all + [PredictionTable(snapshot: snapshot, slugs: slugs).table]
  }

  /// `runs.csv`, `config.csv`, `metrics.csv`, `series.csv`, `curves.csv`, `artifacts.csv`, `reruns.csv` and
  /// `predictions.csv`, each with its header even when it has no row.
  ///
  /// - Throws: `ArchiveError` when the folder holds anything else, `RegistryError`.
  package func writeCSV(to folder: String) throws -> ExportSummary {
    let written = try ExportedFolder.write(to: folder) { export in
      for table in tables { try export.add("\(table.name).csv") { try table.write(to: &$0) } }
    }
    return ExportSummary(runs: runs.count, files: written.files, bytes: written.bytes)
  }

  /// One document: `format`, `head`, `runs`, `predictions`. A run stands on a line of its own.
  ///
  /// - Throws: `ArchiveError` when a folder is in the place, `RegistryError`.
  package func writeJSON(to file: String) throws -> ExportSummary {
    let (count, _) = try ExportedFile.write(to: file) { sink in
      try sink.write(
        Array(#"{"format":"dormouse-runs/1","head":"\#(snapshot.head.hex)","runs":["#.utf8))
      for (index, run) in runs.enumerated() {
        try sink.write(Array((index == 0 ? "\n" : ",\n").utf8) + run.document.canonicalBytes)
      }
      try sink.write(Array("\n],\"predictions\":[".utf8))
      let board = slugs.flatMap { slug in
        snapshot.board(slug).map { prediction, assessment -> JSON in
          [
            "study": JSON(slug), "prediction": prediction,
            "assessment": assessment?.document ?? .null,
          ]
        }
      }
      for (index, row) in board.enumerated() {
        try sink.write(Array((index == 0 ? "\n" : ",\n").utf8) + row.canonicalBytes)
      }
      try sink.write(Array("\n]}\n".utf8))
    }
    return ExportSummary(runs: runs.count, files: 1, bytes: count)
  }
}

/// A single file that an export puts in its place whole, or not at all.
enum ExportedFile {
  static func write(
    to file: String, _ content: (inout FileSink) throws -> Void
  ) throws -> (bytes: Int, digest: Digest) {
    guard [.missing, .file].contains(Path.kind(of: file)) else {
      throw ArchiveError(file, "is not a file", hint: "name a new file, or one to be replaced")
    }
    guard Path.kind(of: Path.parent(of: file)) == .folder else {
      throw ArchiveError(Path.parent(of: file), "is not a folder")
    }
    var sink = try FileSink(file)
    try content(&sink)
    let digest = try sink.commit()
    return (sink.count, digest)
  }
}

extension ExportedRun {
  /// As `--format json` writes it; the names of what it holds are those of run documents.
  var document: JSON {
    let times = times
    var document = JSON.Object([
      ("id", JSON(id)), ("study", JSON(slug)), ("kind", JSON(kind.rawValue)), ("name", JSON(name)),
      ("state", JSON(state.rawValue)), ("rerun", JSON(verdict)), ("record", JSON(record)),
      ("config", .object(config)), ("circumstances", .object(circumstances)),
      ("values", .array(parts.map(\.document))),
      ("reruns", .array(reruns.map(\.document))),
    ])
    document["arm"] = arm.map { JSON($0) }
    document["seed"] = seed.map { JSON($0) }
    document["phase"] = phase.map { JSON($0.rawValue) }
    document["started"] = times.started.map { JSON($0.text) }
    document["finished"] = times.finished.map { JSON($0.text) }
    document["seconds"] = seconds.map { JSON($0) }
    document["parent"] = parent.map { JSON($0) }
    if !tags.isEmpty { document["tags"] = .array(tags.map { JSON($0) }) }
    if !notes.isEmpty { document["notes"] = JSON(notes) }
    if !annotations.isEmpty {
      document["annotations"] = .array(annotations.map(\.document))
    }
    return .object(document)
  }
}

extension ExportedRun.Part {
  fileprivate var document: JSON {
    func members<Value>(_ values: [String: Value], _ json: (Value) -> JSON) -> JSON {
      .object(JSON.Object(values.map { ($0.key, json($0.value)) }))
    }
    var document = JSON.Object([
      ("metrics", members(values.scalars) { JSON($0) }),
      (
        "series",
        members(values.series) {
          [
            "steps": .array($0.steps.map { JSON($0) }),
            "values": .array($0.values.map { JSON($0) }),
          ]
        }
      ),
      (
        "curves",
        members(values.curves) {
          [
            "thresholds": .array($0.thresholds.map { JSON($0) }),
            "tp": .array($0.truePositives.map { JSON($0) }),
            "fp": .array($0.falsePositives.map { JSON($0) }), "positives": JSON($0.positives),
            "negatives": JSON($0.negatives),
          ]
        }
      ),
      ("artifacts", members(values.artifacts) { $0.document }),
    ])
    if let record {
      document["stage"] = JSON(stage)
      document["key"] = JSON(record.key)
    }
    return .object(document)
  }
}

/// Texts that another module wrote, put in their place as every export is.
package enum DocumentExport {
  /// One file, replaced whole.
  ///
  /// - Throws: `ArchiveError` when a folder is in the place, `RegistryError`.
  package static func write(_ text: String, to file: String) throws {
    _ = try ExportedFile.write(to: file) { try $0.write(Array(text.utf8)) }
  }

  /// A folder of files by name.
  ///
  /// - Throws: `ArchiveError` when the folder holds anything that no export wrote, `RegistryError`.
  package static func write(_ files: [(name: String, text: String)], to folder: String) throws {
    try write(files.map { (name: $0.name, bytes: Array($0.text.utf8)) }, to: folder)
  }

  /// The same of files that need not be texts.
  ///
  /// - Parameter keepsChanges: refuses to replace an earlier export in which a file was changed.
  package static func write(
    _ files: [(name: String, bytes: [UInt8])], to folder: String, keepsChanges: Bool = false
  ) throws {
    _ = try ExportedFolder.write(to: folder, keepsChanges: keepsChanges) { export in
      for file in files { try export.add(file.name, file.bytes) }
    }
  }
}
