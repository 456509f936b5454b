import Determinism
import Records
import Studies

/// A run as MLflow keeps it, whichever of its stores it was in.
struct MLflowRun {
  let id: String
  let experimentID: String
  let experiment: String
  var name = ""
  /// `FINISHED`, as MLflow spells it.
  var status = ""
  /// Milliseconds since 1970.
  var started: Int?
  var finished: Int?
  var isDeleted = false
  var params: [(key: String, value: String)] = []
  var tags: [(key: String, value: String)] = []
  var points = LoggedPoints(heading: "time_ms")
  /// The data sets that it names as inputs: name, digest, context; by metric key where MLflow says so.
  var datasets: [JSON] = []
  var metricDatasets: [(metric: String, dataset: String)] = []
  var lost: [String] = []
  var remarks: [String] = []

  static let tool = "mlflow"

  static func clientID(_ id: String) -> String { "\(tool):\(id)" }

  func tag(_ key: String) -> String? {
    tags.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }
}

extension MLflowRun {
  /// - Parameters:
  ///   - parentExperiment: the experiment of the run that `mlflow.parentRunId` names.
  ///   - artifacts: what was taken in of its own.
  func foreignRun(
    options: ForeignOptions, parentExperiment: String?, artifacts: ForeignArtifacts
  ) -> ForeignRun {
    var remarks = remarks
    var artifacts = artifacts
    var values = RecordedValues()
    points.put(into: &values, remarks: &remarks)
    // Beyond the series: the time of every point, and repeated steps.
    if points.count > 0 {
      artifacts.add(points.csv, as: LoggedPoints.table, mediaType: "text/csv")
    }
    values.artifacts = artifacts.references
    let slug = options.study ?? ForeignSource.slug(from: experiment)
    let parent = tag("mlflow.parentRunId").map { parent in
      RegisteredRunRecord.id(
        slug: options.study ?? ForeignSource.slug(from: parentExperiment ?? experiment),
        clientID: Self.clientID(parent))
    }
    var environment = JSON.Object()
    if let commit = tag("mlflow.source.git.commit") { environment["git_commit"] = JSON(commit) }
    let record = RegisteredRunRecord(
      slug: slug, name: shortName(&remarks), clientID: Self.clientID(id), config: config,
      tags: words, state: state(&remarks), parent: parent, notes: notes(&remarks), values: values,
      circumstances: source.circumstances(
        environment: environment, started: Self.moment(started), finished: Self.moment(finished)))
    return ForeignRun(
      record: record, artifacts: artifacts.bytes, remarks: remarks + artifacts.remarks)
  }

  private var config: JSON.Object {
    JSON.Object(params.map { ($0.key, MLflowText.value(of: $0.value)) })
  }

  private var source: ForeignSource {
    var source = ForeignSource(tool: Self.tool)
    source.facts["run_uuid"] = JSON(id)
    source.facts["experiment_id"] = JSON(experimentID)
    source.facts["experiment"] = JSON(experiment)
    source.facts["status"] = JSON(status)
    if let started { source.facts["start_time"] = JSON(started) }
    if let finished { source.facts["end_time"] = JSON(finished) }
    if isDeleted { source.facts["lifecycle_stage"] = "deleted" }
    let published = tags.filter { !MLflowText.isPrivate($0.key) }
    if !published.isEmpty {
      source.facts["tags"] = .object(JSON.Object(published.map { ($0.key, JSON($0.value)) }))
    }
    if !datasets.isEmpty { source.facts["datasets"] = .array(datasets) }
    if !metricDatasets.isEmpty {
      let grouped = Dictionary(grouping: metricDatasets) { JSON.Text($0.metric) }
      source.facts["metric_datasets"] = .object(
        JSON.Object(
          grouped.map { metric, pairs in
            (
              metric.value,
              .array(Set(pairs.map { JSON.Text($0.dataset) }).sorted().map { JSON($0.value) })
            )
          }))
    }
    for what in lost { source.lose(what) }
    return source
  }

  /// Its own tags as words, `key=value`; MLflow's are in the circumstances, and so are those that are no
  /// word.
  private var words: [String] {
    tags.filter { !$0.key.utf8.starts(with: "mlflow.".utf8) && !MLflowText.isOurs($0.key) }.map {
      tag in
      tag.value.isEmpty ? tag.key : "\(tag.key)=\(tag.value)"
    }.filter { ForeignSource.problem(withName: $0) == nil }
      + (isDeleted ? ["deleted"] : [])
  }

  private func state(_ remarks: inout [String]) -> RunState {
    switch status {
    case "FINISHED": return .completed
    case "FAILED": return .failed
    case "KILLED": return .interrupted
    default:
      remarks.append(
        "a run that MLflow calls \(Wording.shown(status.isEmpty ? "nothing" : status)) is recorded "
          + "as interrupted")
      return .interrupted
    }
  }

  private func shortName(_ remarks: inout [String]) -> String {
    let name = name.isEmpty ? tag("mlflow.runName") ?? "" : name
    if name.isEmpty { return "" }
    if let problem = ForeignSource.problem(withName: name) {
      remarks.append("run name '\(Wording.shown(name))': a name \(problem); left out")
      return ""
    }
    return name
  }

  private func notes(_ remarks: inout [String]) -> String {
    let notes = tag("mlflow.note.content") ?? ""
    guard notes.utf8.count <= RunDocumentReader.longestNotes else {
      remarks.append(
        "its description has \(notes.utf8.count) bytes; at most "
          + "\(RunDocumentReader.longestNotes >> 20) MiB are kept as notes; left out")
      return ""
    }
    return notes
  }

  /// Milliseconds as seconds since 1970, where a record takes them.
  private static func moment(_ milliseconds: Int?) -> JSON? {
    guard let milliseconds, (0..<253_402_300_800_000).contains(milliseconds) else { return nil }
    return milliseconds.isMultiple(of: 1000)
      ? JSON(milliseconds / 1000) : JSON(Double(milliseconds) / 1000)
  }
}

/// How MLflow writes things down.
enum MLflowText {
  /// MLflow keeps every parameter as the text that Python's `str` gave. A number or flag is one again where
  /// its text is just how Python writes it, so that nothing is lost: `1.1` is a number, `1.10` a text.
  static func value(of text: String) -> JSON {
    switch text {
    case "True": return true
    case "False": return false
    default: break
    }
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 40,
      first == UInt8(ascii: "-") || (0x30...0x39).contains(first)
    else { return JSON(text) }
    if let integer = Int(text), String(integer) == text { return JSON(integer) }
    if let double = Double(text), double.isFinite, double.description == text {
      return JSON(double)
    }
    return JSON(text)
  }

  /// Tags that an export to MLflow added: back from there, a run is what it was.
  static func isOurs(_ key: String) -> Bool { key.utf8.starts(with: "dormouse.".utf8) }

  /// Tags that name a user, a host or a folder, and those that have a place of their own in a record.
  static func isPrivate(_ key: String) -> Bool {
    let named = [
      "mlflow.user", "mlflow.source.name", "mlflow.project.workdir", "mlflow.note.content",
      "mlflow.runName", "mlflow.parentRunId",
    ]
    return named.contains { $0.utf8.elementsEqual(key.utf8) }
      || key.utf8.starts(with: "mlflow.databricks.".utf8) || isOurs(key)
  }
}
