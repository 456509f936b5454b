import Determinism
import Records

/// A project of trackio: an SQLite file whose table of metrics has a JSON text for each step of a run.
package struct TrackioDatabase: ForeignStore {
  package static let name = "trackio"

  private let database: ForeignDatabase
  private let options: ForeignOptions
  /// Newer files tell runs apart by an id, older ones by their name.
  private let key: String
  private let hasConfigs: Bool
  private var runs: ArraySlice<String>
  package private(set) var remarks: [String] = []

  private static let columns: Set<String> = ["timestamp", "run_name", "step", "metrics"]
  /// Tables whose rows are not read.
  private static let others = ["system_metrics", "traces", "alerts"]

  package static func recognises(_ path: String) -> Bool {
    guard ForeignDatabase.isOne(path),
      let database = try? ForeignDatabase(path, isChecked: false),
      let found = try? database.columns(of: "metrics")
    else { return false }
    return columns.isSubset(of: found)
  }

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    database = try ForeignDatabase(path)
    self.options = options
    let found = try database.columns(of: "metrics")
    if let missing = Self.columns.subtracting(found).sorted().first {
      throw ForeignProblem(
        path, at: .within("table metrics"),
        found.isEmpty ? "is missing" : "has no column '\(missing)'",
        hint: "is it a project of trackio?")
    }
    key = found.contains("run_id") ? "run_id" : "run_name"
    hasConfigs = try database.columns(of: "configs").isSuperset(of: [key, "config"])
    var runs: [String] = []
    for row in try database.typedRows(
      "SELECT CAST(\(key) AS BLOB) FROM metrics GROUP BY \(key) ORDER BY min(rowid)", [],
      "table metrics")
    {
      if let run = try row.text(0) { runs.append(run) }
    }
    self.runs = runs[...]
    for table in Self.others where try !database.columns(of: table).isEmpty {
      let count = try database.typedRows("SELECT count(*) FROM \(table)", [], "table \(table)")
        .first
      if let count = try count?.integer(0), count > 0 {
        remarks.append("left out: \(count) rows of \(table)")
      }
    }
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    guard let id = runs.popFirst() else { return nil }
    var logged = LoggedRows()
    var name = ""
    var first: String?
    var last: String?
    let place = "run \(id), table metrics"
    let (database, hint) = (database, "is it a project of trackio?")
    try database.each(
      """
      SELECT CAST(run_name AS BLOB), CAST(timestamp AS BLOB), step, CAST(metrics AS BLOB)
      FROM metrics WHERE \(key) = CAST(? AS TEXT) ORDER BY rowid
      """, [id]
    ) { cells throws(ForeignProblem) in
      let row = ForeignRow(cells: cells, file: database.path, place: place)
      name = try row.text(0) ?? name
      let time = try row.text(1)
      first = first ?? time
      last = time ?? last
      let step = try row.integer(2) ?? 0
      let text = try row.text(3) ?? "{}"
      guard let object = try? JSON(parsing: Array(text.utf8), nonFinite: true).object else {
        throw ForeignProblem(
          database.path, at: .within(place), "the metrics of step \(step) are no JSON object",
          hint: hint)
      }
      logged.take(
        object.members.map { ($0.key.value, Self.value($0.value)) }, at: step,
        time: time.flatMap { ForeignTime.nanoseconds(of: $0) } ?? 0)
      guard logged.points.count <= LoggedPoints.most else {
        throw ForeignProblem(
          database.path, at: .within(place), "more than \(LoggedPoints.most) points of one run")
      }
    }
    return try foreignRun(id, name, logged, try config(of: id), first: first, last: last)
  }

  /// trackio writes the numbers that JSON has none for as texts.
  private static func value(_ value: JSON) -> JSON {
    switch value.string {
    case "NaN": JSON(Double.nan)
    case "Infinity": JSON(Double.infinity)
    case "-Infinity": JSON(-Double.infinity)
    default: value
    }
  }

  private func config(of id: String) throws(ForeignProblem) -> JSON.Object {
    guard hasConfigs else { return JSON.Object() }
    let place = "run \(id), table configs"
    let rows = try database.typedRows(
      "SELECT CAST(config AS BLOB) FROM configs WHERE \(key) = CAST(? AS TEXT)", [id], place)
    guard let text = try rows.first?.text(0) else { return JSON.Object() }
    guard let config = try? JSON(parsing: Array(text.utf8), nonFinite: true).object else {
      throw ForeignProblem(database.path, at: .within(place), "the config is no JSON object")
    }
    return config
  }

  private func foreignRun(
    _ id: String, _ name: String, _ logged: LoggedRows, _ told: JSON.Object, first: String?,
    last: String?
  ) throws(ForeignProblem) -> ForeignRun {
    var remarks: [String] = []
    var values = RecordedValues()
    var artifacts = ForeignArtifacts(largest: options.largestArtifact)
    logged.put(into: &values, &artifacts, remarks: &remarks)
    values.artifacts = artifacts.references
    let file = ForeignFolder.name(of: database.path)
    let project =
      file.ends(with: ".db") ? String(decoding: file.utf8.dropLast(3), as: UTF8.self) : file
    var source = ForeignSource(tool: Self.name)
    source.facts["run_id"] = JSON(id)
    source.facts["run_name"] = JSON(name)
    source.facts["project"] = JSON(project)
    if let group = told["_Group"], group != .null { source.facts["group"] = group }
    for what in logged.lost.sorted() { source.lose(what) }
    source.lose("whether the run was finished")
    // Its own of the run, the user's name among it.
    let config = JSON.Object(
      told.members.filter { !$0.key.value.utf8.starts(with: "_".utf8) }
        .map { ($0.key.value, $0.value) })
    func moment(_ text: String?) -> JSON? {
      text.flatMap { RunDocumentReader.isMoment($0) ? JSON($0) : nil }
    }
    let record = RegisteredRunRecord(
      slug: options.study ?? ForeignSource.slug(from: project),
      name: ForeignSource.problem(withName: name) == nil ? name : "",
      clientID: try ForeignSource.clientID(Self.name, id, in: database.path), config: config,
      tags: [], state: .completed, parent: nil,
      notes: "", values: values,
      circumstances: source.circumstances(started: moment(first), finished: moment(last)))
    return ForeignRun(
      record: record, artifacts: artifacts.bytes, remarks: remarks + artifacts.remarks)
  }
}
