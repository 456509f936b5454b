import Determinism
import Records

/// MLflow's SQLite store. Of any version: columns are looked up, the version is not asked.
package struct MLflowDatabase: ForeignStore {
  package static let name = "mlflow"

  private let database: ForeignDatabase
  private let options: ForeignOptions
  private let columns: [String: Set<String>]
  private var ids: ArraySlice<String>
  private var deleted = 0
  /// Whether the rows of a run are found without reading those of all others.
  private let points: PointsQuery

  package private(set) var remarks: [String] = []

  package static func recognises(_ path: String) -> Bool {
    guard ForeignDatabase.isOne(path) else { return false }
    do {
      let database = try ForeignDatabase(path, isChecked: false)
      for table in required where try database.columns(of: table).isEmpty { return false }
      return true
    } catch {
      // Nobody can tell whose it was; reading it says what is wrong.
      return true
    }
  }

  private static let required = ["experiments", "runs", "metrics", "params", "tags"]
  /// Columns that there have always been.
  private static let needed = [
    "experiments": ["experiment_id", "name"],
    "runs": ["run_uuid", "experiment_id", "status", "start_time", "end_time"],
    "metrics": ["key", "value", "timestamp", "run_uuid"], "params": ["key", "value", "run_uuid"],
    "tags": ["key", "value", "run_uuid"],
  ]

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    database = try ForeignDatabase(path)
    self.options = options
    var columns: [String: Set<String>] = [:]
    for table in Self.required + ["inputs", "datasets", "input_tags"] {
      let found = try database.columns(of: table)
      columns[table] = found
      if let missing = Self.needed[table]?.first(where: { !found.contains($0) }) {
        throw ForeignProblem(
          path, at: .within("table \(table)"),
          found.isEmpty ? "is missing" : "has no column '\(missing)'",
          hint: "is this a tracking store of MLflow?")
      }
    }
    self.columns = columns
    points = try PointsQuery(database, columns: columns["metrics"] ?? [])
    let isDeleted =
      (columns["runs"] ?? []).contains("lifecycle_stage")
      ? "lifecycle_stage IS CAST('deleted' AS TEXT)" : "0"
    let rows = try database.typedRows(
      """
      SELECT CAST(run_uuid AS BLOB), \(isDeleted) FROM runs
      ORDER BY experiment_id, start_time, run_uuid
      """, [], "table runs")
    var ids: [String] = []
    for row in rows {
      if try row.integer(1) == 1, !options.withDeleted {
        deleted += 1
      } else if let id = try row.text(0) {
        ids.append(id)
      }
    }
    self.ids = ids[...]
    if deleted > 0 {
      remarks.append(
        deleted == 1
          ? "a run that is deleted in MLflow was left out: --with-deleted"
          : "\(deleted) runs that are deleted in MLflow were left out: --with-deleted")
    }
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    guard let id = ids.popFirst() else { return nil }
    var run = try head(of: id)
    run.params = try pairs("params", id)
    run.tags = try pairs("tags", id)
    try points.read(id, into: &run)
    run.datasets = try datasets(of: id)
    let parentExperiment = try run.tag("mlflow.parentRunId").flatMap {
      parent throws(ForeignProblem) in try experiment(ofRun: parent)
    }
    return run.foreignRun(
      options: options, parentExperiment: parentExperiment, artifacts: artifacts(of: run))
  }

  private func has(_ table: String, _ column: String) -> Bool {
    columns[table]?.contains(column) ?? false
  }

  private func head(of id: String) throws(ForeignProblem) -> MLflowRun {
    let name = has("runs", "name") ? "CAST(r.name AS BLOB)" : "NULL"
    let stage = has("runs", "lifecycle_stage") ? "CAST(r.lifecycle_stage AS BLOB)" : "NULL"
    let rows = try database.typedRows(
      """
      SELECT CAST(r.experiment_id AS BLOB), CAST(e.name AS BLOB), \(name),
        CAST(r.status AS BLOB), r.start_time, r.end_time, \(stage)
      FROM runs AS r LEFT JOIN experiments AS e ON e.experiment_id = r.experiment_id
      WHERE r.run_uuid = CAST(? AS TEXT)
      """, [id], "run \(id), table runs")
    guard let row = rows.first else {
      throw ForeignProblem(
        database.path, at: .within("run \(id)"), "is no longer there",
        hint: "the store changes while it is read; import again")
    }
    let experimentID = try row.text(0) ?? ""
    var run = MLflowRun(
      id: id, experimentID: experimentID, experiment: try row.text(1) ?? experimentID)
    run.name = try row.text(2) ?? ""
    run.status = try row.text(3) ?? ""
    run.started = try row.integer(4)
    run.finished = try row.integer(5)
    run.isDeleted = try row.text(6) == "deleted"
    return run
  }

  private func pairs(_ table: String, _ id: String) throws(ForeignProblem) -> [(
    key: String, value: String
  )] {
    var pairs: [(key: String, value: String)] = []
    for row in try database.typedRows(
      """
      SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM \(table)
      WHERE run_uuid = CAST(? AS TEXT) ORDER BY key
      """, [id], "run \(id), table \(table)")
    {
      pairs.append((key: try row.text(0) ?? "", value: try row.text(1) ?? ""))
    }
    return pairs
  }

  private func experiment(ofRun id: String) throws(ForeignProblem) -> String? {
    try database.typedRows(
      """
      SELECT CAST(e.name AS BLOB) FROM runs AS r
      JOIN experiments AS e ON e.experiment_id = r.experiment_id
      WHERE r.run_uuid = CAST(? AS TEXT)
      """, [id], "run \(id)"
    ).first?.text(0)
  }

  private func datasets(of id: String) throws(ForeignProblem) -> [JSON] {
    guard has("inputs", "destination_id"), has("inputs", "source_id"), has("datasets", "digest"),
      has("datasets", "dataset_uuid"), has("datasets", "name")
    else { return [] }
    var datasets: [JSON] = []
    for row in try database.typedRows(
      """
      SELECT CAST(d.name AS BLOB), CAST(d.digest AS BLOB) FROM inputs AS i
      JOIN datasets AS d ON d.dataset_uuid = i.source_id
      WHERE i.destination_id = CAST(? AS TEXT) AND i.source_type = 'DATASET'
        AND i.destination_type = 'RUN'
      ORDER BY 1, 2
      """, [id], "run \(id), table inputs")
    {
      datasets.append(["name": JSON(try row.text(0)), "digest": JSON(try row.text(1))])
    }
    return datasets
  }

  /// Only of folders that whoever imports named, or beside the database where MLflow puts them by default:
  /// an address in the store is never followed.
  private func artifacts(of run: MLflowRun) -> ForeignArtifacts {
    var artifacts = ForeignArtifacts(largest: options.largestArtifact)
    let parent = Path.parent(of: database.path)
    let roots = options.artifacts.map { [$0] } ?? ["\(parent)/mlruns", "\(parent)/mlartifacts"]
    // Ids name folders here: one that is no plain name leads nowhere.
    guard Self.isPlain(run.id), Self.isPlain(run.experimentID) else { return artifacts }
    for root in roots {
      let folder = "\(root)/\(run.experimentID)/\(run.id)/artifacts"
      if Path.isRealFolder(folder) {
        artifacts.add(folder: folder)
        break
      }
    }
    return artifacts
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
      && !name.utf8.contains(0)
  }
}

/// How the points of one run are asked for.
private struct PointsQuery {
  private let database: ForeignDatabase
  private let sql: String

  init(_ database: ForeignDatabase, columns: Set<String>) throws(ForeignProblem) {
    self.database = database
    let step = columns.contains("step") ? "m.step" : "0"
    let isNaN = columns.contains("is_nan") ? "m.is_nan" : "m.value IS NULL"
    let selected = "SELECT CAST(m.key AS BLOB), m.value, m.timestamp, \(step), \(isNaN)"
    let order = "ORDER BY m.key, m.timestamp, 4, m.value"
    if try database.isIndexed("metrics", by: "run_uuid") {
      sql = "\(selected) FROM metrics AS m WHERE m.run_uuid = CAST(?1 AS TEXT) \(order)"
    } else {
      // Stores of some versions lost that index: without one of our own every run would read all points.
      try database.index(
        "metrics", by: "run_uuid", as: Self.index)
      sql = """
        \(selected) FROM temp.\(Self.index) AS i JOIN metrics AS m ON m.rowid = i.source
        WHERE i.name = ?1 \(order)
        """
    }
  }

  private static let index = "dormouse_points"

  func read(_ id: String, into run: inout MLflowRun) throws(ForeignProblem) {
    var points = run.points
    var lost: Set<String> = []
    let file = database.path
    let place = "run \(id), table metrics"
    try database.each(sql, [id]) { cells throws(ForeignProblem) in
      let row = ForeignRow(cells: cells, file: file, place: place)
      let isNaN = try row.integer(4) == 1
      guard let key = try row.text(0), let value = isNaN ? .nan : try row.double(1) else {
        throw ForeignProblem(file, at: .within(place), "a point without a key or a value")
      }
      guard points.count < LoggedPoints.most else {
        throw ForeignProblem(
          file, at: .within(place), "more than \(LoggedPoints.most) points of one run")
      }
      points.add(value, to: key, at: try row.integer(3) ?? 0, time: try row.integer(2) ?? 0)
      if value.magnitude == .greatestFiniteMagnitude {
        lost.insert("±1.7976931348623157e+308 may have been infinite")
      } else if value == 0 {
        lost.insert("0.0 may have been -0.0")
      }
    }
    run.points = points
    run.lost = lost.sorted()
  }
}
