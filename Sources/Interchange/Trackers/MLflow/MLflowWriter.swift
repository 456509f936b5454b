import Determinism
import FoundationEssentials
import GRDB
import Glibc
import Records

/// A draft of an MLflow store beside its place, put there whole at the end.
final class MLflowWriter {
  private let path: String
  private let draft: ExportDraft
  private let database: String
  private let isFile: Bool
  private var experiment = 1

  init(draftOf path: String, isFile: Bool) throws {
    self.path = ExportDraft.trimmed(path)
    self.isFile = isFile
    draft = try ExportDraft(of: path)
    database = "\(draft.path)/mlflow.db"
  }

  /// One transaction; the database is closed and on disk afterwards.
  func put(experiment name: String, _ fill: (Store) throws -> Void) throws {
    do {
      let plain = database.utf8.first == UInt8(ascii: "/") ? database : "./\(database)"
      let queue = try DatabaseQueue(path: plain)
      try queue.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try db.inTransaction {
          try db.execute(sql: MLflowSchema.sql)
          // MLflow wants its experiment 0, and makes one that it does not find.
          for (id, title) in [(0, "Default"), (experiment, name)] {
            try db.execute(
              sql: "INSERT INTO experiments VALUES (?, ?, ?, 'active')",
              arguments: [id, title, "\(Self.folder)/\(id)"])
          }
          try fill(Store(db: db, experiment: experiment))
          return .commit
        }
      }
      try queue.close()
    } catch let error as DatabaseError {
      throw ForeignProblem(
        path, "cannot be written: \(error.message ?? "\(error.resultCode)")",
        hint: "nothing was put there; is the disk full?")
    }
  }

  private static let folder = "mlruns"

  /// Rows within the transaction.
  struct Store {
    fileprivate let db: Database
    fileprivate let experiment: Int

    /// - Returns: how many points were put.
    func put(_ run: MLflowExportedRun, _ lost: inout MLflowLosses) throws -> Int {
      try db.execute(
        sql: """
          INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id,
            status, start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
          VALUES (?, CAST(? AS TEXT), 'UNKNOWN', 'dormouse', '', '', ?, ?, ?, '', ?, ?, ?)
          """,
        arguments: [
          run.id, Data(run.name.utf8), run.status, run.started, run.finished,
          run.isDeleted ? "deleted" : "active", MLflowWriter.artifacts(of: run, experiment),
          experiment,
        ])
      for (table, pairs) in [("params", run.params), ("tags", run.tags)] {
        for (key, value) in pairs {
          try db.cachedStatement(
            sql: """
              INSERT INTO \(table) (key, value, run_uuid)
              VALUES (CAST(? AS TEXT), CAST(? AS TEXT), ?)
              """
          ).execute(arguments: [Data(key.utf8), Data(value.utf8), run.id])
        }
      }
      var latest: [JSON.Text: MLflowExportedRun.Point] = [:]
      for point in run.points {
        try put(point, "metrics", run.id, &lost)
        let key = JSON.Text(point.key)
        if let known = latest[key], !Self.isOrdered(known, point) { continue }
        latest[key] = point
      }
      var again = MLflowLosses()
      for (_, point) in latest.sorted(by: { $0.key < $1.key }) {
        try put(point, "latest_metrics", run.id, &again)
      }
      return run.points.count
    }

    /// By step, time, value, as MLflow finds its latest.
    private static func isOrdered(
      _ left: MLflowExportedRun.Point, _ right: MLflowExportedRun.Point
    ) -> Bool {
      if left.step != right.step { return left.step < right.step }
      if left.time != right.time { return left.time < right.time }
      return left.value.isNaN || left.value <= right.value
    }

    private func put(
      _ point: MLflowExportedRun.Point, _ table: String, _ run: String,
      _ lost: inout MLflowLosses
    ) throws {
      var value = point.value
      if value.isInfinite {
        lost.infinities += 1
        value = value < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude
      } else if value.isNaN {
        value = 0
      } else if value == 0, value.sign == .minus {
        lost.negativeZeros += 1
      }
      // The very same point twice is one, as it is in MLflow.
      try db.cachedStatement(
        sql: """
          INSERT OR IGNORE INTO \(table) (key, value, timestamp, run_uuid, step, is_nan)
          VALUES (CAST(? AS TEXT), ?, ?, ?, ?, ?)
          """
      ).execute(
        arguments: [
          Data(point.key.utf8), value, point.time, run, point.step, point.value.isNaN ? 1 : 0,
        ])
    }
  }

  /// Relative: the store may move, and is opened in its own folder.
  private static func artifacts(of run: MLflowExportedRun, _ experiment: Int) -> String {
    "\(folder)/\(experiment)/\(run.id)/artifacts"
  }

  /// - Returns: how many files were written.
  func put(
    artifacts run: MLflowExportedRun, from snapshot: Snapshot, _ remarks: inout [String]
  ) throws -> Int {
    let folder = "\(draft.path)/\(Self.artifacts(of: run, experiment))"
    var count = 0
    if let curves = run.curves {
      try write(Array(curves.prettyText.utf8), to: "\(folder)/curves.json")
      count += 1
    }
    for (name, digest) in run.artifacts {
      // The names come from records, and those from anywhere.
      guard let steps = try? BesideFolder.steps(of: name) else {
        remarks.append("an artifact whose name is no path was left out of run \(run.id)")
        continue
      }
      let place = "\(folder)/\(steps.joined(separator: "/"))"
      guard Path.kind(of: place) == .missing, isFree(steps, in: folder) else {
        remarks.append("an artifact whose path is taken was left out of run \(run.id)")
        continue
      }
      do { try write(try snapshot.artifact(digest), to: place) } catch RegistryError.notHeld {
        remarks.append("an artifact that is not held here was left out of run \(run.id)")
        continue
      }
      count += 1
    }
    return count
  }

  /// Whether no file stands where a folder is needed.
  private func isFree(_ steps: [String], in folder: String) -> Bool {
    steps.indices.dropLast().allSatisfy { index in
      Path.kind(of: "\(folder)/\(steps[...index].joined(separator: "/"))") != .file
    }
  }

  private func write(_ bytes: [UInt8], to place: String) throws {
    try DurableFile.makeFolder(Path.parent(of: place))
    try DurableFile.write(bytes, to: place)
  }

  func finish() throws {
    guard rename(isFile ? database : draft.path, path) == 0 else {
      throw DurableFile.failure(path, "put the store in its place")
    }
    try DurableFile.synchronize(folder: Path.parent(of: path))
  }
}
