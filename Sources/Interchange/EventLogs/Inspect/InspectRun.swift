import Determinism
import Records
import Studies

/// An evaluation by Inspect as a run: one log.
struct InspectRun {
  static let tool = "inspect"
  /// Of each sample its scores and metadata, a line of JSON each; what was said stays in the log.
  static let table = "import/samples.jsonl"
  /// The log itself, by digest and size.
  static let source = "import/log"

  private let path: String
  private let head: JSON.Object
  private let eval: JSON.Object
  private let samples: InspectSamples

  init(_ path: String, options: ForeignOptions) throws(ForeignProblem) {
    var samples = InspectSamples(map: try SampleMap(options.map, file: path))
    var log = try InspectLog(path, parts: InspectSamples.parts + samples.map.parts)
    guard let eval = log.head["eval"]?.object else {
      throw ForeignProblem(
        path, at: .within("its head"), "has no mapping 'eval'", hint: "is it a log of Inspect?")
    }
    while let sample = try log.nextSample() { samples.take(sample) }
    (self.path, head, self.eval, self.samples) = (path, log.head, eval, samples)
  }

  func foreignRun(options: ForeignOptions) throws(ForeignProblem) -> ForeignRun {
    var remarks: [String] = []
    var values = RecordedValues()
    metrics(into: &values, &remarks)
    for (name, value) in try samples.map.rates(file: path, fields: samples.fieldNames) {
      if values.scalars.updateValue(value, forKey: name) != nil {
        remarks.append("'\(name)' of --map takes the place of a score of that name")
      }
    }
    // Nothing but what is made here or named by digest: a log tells of folders and hosts.
    var artifacts = ForeignArtifacts(largest: 0)
    var kept = try curves(into: &values, &remarks)
    if !samples.table.isEmpty {
      artifacts.add(samples.table, as: Self.table, mediaType: "application/jsonl")
    }
    artifacts.add(
      file: ForeignFolder.name(of: path), of: BesideFolder(path: Path.parent(of: path)),
      as: Self.source)
    values.artifacts.merge(artifacts.references) { curve, _ in curve }
    kept.merge(artifacts.bytes) { $1 }
    let state = state(&remarks)
    let task = text("task") ?? ""
    let record = RegisteredRunRecord(
      slug: options.study ?? ForeignSource.slug(from: ForeignFolder.name(of: task)),
      name: ForeignSource.problem(withName: task) == nil ? task : "", clientID: try clientID,
      config: config,
      tags: tags, state: state, parent: nil, notes: "", values: values,
      circumstances: source.circumstances(
        environment: environment, started: moment("started_at"), finished: moment("completed_at")))
    return ForeignRun(
      record: record, artifacts: kept, remarks: remarks + samples.remarks + artifacts.remarks)
  }

  private func text(_ key: String) -> String? { eval[key]?.string }

  /// Logs of early versions have no id of the evaluation, but one of the command that made it.
  private var clientID: String {
    get throws(ForeignProblem) {
      let id =
        text("eval_id")
        ?? text("run_id").map { "\($0)/\(text("task_id") ?? text("task") ?? "")" }
      guard let id else {
        throw ForeignProblem(
          path, at: .within("eval"), "has no eval_id and no run_id", hint: "is it a log of Inspect?"
        )
      }
      return try ForeignSource.clientID(Self.tool, id, in: path)
    }
  }

  // MARK: Values

  /// `score/metric`; of several reducers `score/reducer/metric`.
  private func metrics(into values: inout RecordedValues, _ remarks: inout [String]) {
    for score in head["results"]?["scores"]?.array ?? [] {
      let name = score["name"]?.string ?? ""
      for member in score["metrics"]?.object?.members ?? [] {
        let metric = member.value["name"]?.string ?? member.key.value
        var full = "\(name)/\(metric)"
        if values.scalars[full] != nil, let reducer = score["reducer"]?.string {
          full = "\(name)/\(reducer)/\(metric)"
        }
        guard let value = member.value["value"]?.double,
          ForeignSource.problem(withName: full) == nil, values.scalars[full] == nil
        else {
          remarks.append(
            "metric '\(Wording.shown(full))': no number, or no name of its own; left out")
          continue
        }
        values.scalars[full] = value
      }
    }
    for key in ["total_samples", "completed_samples"] {
      if let count = head["results"]?[key]?.double { values.scalars[key] = count }
    }
  }

  /// Made as those of a run document are, with the same table of scores.
  private func curves(
    into values: inout RecordedValues, _ remarks: inout [String]
  ) throws(ForeignProblem) -> [Digest: [UInt8]] {
    guard let scores = samples.map.scoresOfDocument else { return [:] }
    let document: JSON = ["study": "imported", "scores": scores]
    do throws(RunDocumentProblems) {
      let made = try RunDocument(
        document.canonicalBytes, file: path, folder: "", isYAML: false)
      values.curves = made.record.values.curves
      values.artifacts = made.record.values.artifacts
      remarks += made.remarks
      return made.artifacts
    } catch {
      let problem = error.problems.first
      throw ForeignProblem(
        path, at: .within("--map"), "\(problem?.path ?? ""): \(problem?.message ?? "")",
        hint: problem?.hint)
    }
  }

  // MARK: The record

  private func state(_ remarks: inout [String]) -> RunState {
    switch head["status"]?.string {
    case "success": return .completed
    case "error":
      if let message = head["error"]?["message"]?.string {
        remarks.append("the evaluation failed: \(Wording.shown(message))")
      }
      return .failed
    case let status:
      remarks.append(
        "the evaluation is \(status.map(Wording.shown) ?? "not finished"): recorded as interrupted")
      return .interrupted
    }
  }

  private static let configKeys = [
    "task", "task_version", "task_args", "solver", "solver_args", "model", "model_roles",
    "model_args",
    "model_generate_config", "config", "metadata",
  ]
  /// Of the data set; its location may be a folder of somebody's.
  private static let datasetKeys = ["name", "samples", "shuffled"]

  private var config: JSON.Object {
    var config = JSON.Object(Self.pairs(eval, Self.configKeys))
    if let dataset = eval["dataset"]?.object {
      config["dataset"] = .object(JSON.Object(Self.pairs(dataset, Self.datasetKeys)))
    }
    if let generate = head["plan"]?["config"]?.object, !generate.isEmpty {
      config["generate"] = .object(generate)
    }
    return config
  }

  private static func pairs(_ object: JSON.Object, _ keys: [String]) -> [(String, JSON)] {
    keys.compactMap { key in object[key].flatMap { $0 == .null ? nil : (key, $0) } }
  }

  private var tags: [String] {
    (head["tags"]?.array ?? eval["tags"]?.array ?? []).compactMap(\.string)
      .filter { ForeignSource.problem(withName: $0) == nil }
  }

  private var environment: JSON.Object {
    var environment = JSON.Object()
    if let packages = eval["packages"]?.object { environment["packages"] = .object(packages) }
    if let commit = eval["revision"]?["commit"]?.string { environment["git_commit"] = JSON(commit) }
    if let isDirty = eval["revision"]?["dirty"]?.bool { environment["git_dirty"] = JSON(isDirty) }
    return environment
  }

  private func moment(_ key: String) -> JSON? {
    head["stats"]?[key]?.string.flatMap { RunDocumentReader.isMoment($0) ? JSON($0) : nil }
  }

  private var source: ForeignSource {
    var source = ForeignSource(tool: Self.tool)
    for (key, value) in Self.pairs(eval, ["eval_id", "run_id", "task_id", "created"]) {
      source.facts[key] = value
    }
    for (key, value) in Self.pairs(head, ["status", "version"]) { source.facts[key] = value }
    for (key, value) in Self.pairs(
      head["stats"]?.object ?? JSON.Object(),
      [
        "started_at", "completed_at", "model_usage",
      ])
    { source.facts[key] = value }
    source.facts["samples"] = JSON(samples.count)
    if !samples.map.isEmpty { source.facts["map"] = .object(samples.map.document) }
    return source
  }
}
