import Determinism
import Records
import Studies

/// Sacred's FileStorage: `<number>/{run,config,metrics,info}.json`, `cout.txt` and the run's artifacts.
package struct SacredFolder: ForeignStore {
  package static let name = "sacred"

  private let root: String
  private let options: ForeignOptions
  /// Names of folders; one that is empty is the root itself.
  private var left: ArraySlice<String>
  package let remarks: [String] = []

  private static let run = "run.json"
  private static let config = "config.json"
  /// Bytes of the largest file that is parsed.
  private static let largest = 256 << 20

  package static func recognises(_ path: String) -> Bool {
    guard Path.kind(of: path) == .folder else { return false }
    return isRun(path) || Path.names(in: path).contains { isRun("\(path)/\($0)") }
  }

  private static func isRun(_ folder: String) -> Bool {
    Path.kind(of: folder) == .folder && Path.kind(of: "\(folder)/\(run)") == .file
      && Path.kind(of: "\(folder)/\(config)") == .file
  }

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    root = path
    self.options = options
    if Self.isRun(path) {
      left = [""]
      return
    }
    let runs = Path.names(in: path).filter {
      Path.isRealFolder("\(path)/\($0)") && Path.kind(of: "\(path)/\($0)/\(Self.run)") == .file
    }
    guard !runs.isEmpty else {
      throw ForeignProblem(
        path, "holds no run of Sacred's FileStorage",
        hint: "name the folder given to FileStorageObserver")
    }
    // 2 before 10.
    left =
      runs.sorted {
        ($0.utf8.count, JSON.Text($0)) < ($1.utf8.count, JSON.Text($1))
      }[...]
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    guard let name = left.popFirst() else { return nil }
    return try read(name.isEmpty ? root : "\(root)/\(name)")
  }

  private func read(_ folder: String) throws(ForeignProblem) -> ForeignRun {
    let run = try ForeignFile.object("\(folder)/\(Self.run)", atMost: Self.largest)
    let experiment = run["experiment"]?["name"]?.string ?? ""
    let started = run["start_time"]?.string ?? ""
    var remarks: [String] = []
    var source = ForeignSource(tool: Self.name)
    source.facts["run"] = JSON(Self.lastName(of: folder))
    source.facts["experiment"] = JSON(experiment)
    for key in ["status", "command", "start_time", "stop_time", "heartbeat"] {
      if let value = run[key], value != .null { source.facts[key] = value }
    }
    // The lines above it name the files of a user.
    if let error = run["fail_trace"]?.array?.last?.string { source.facts["error"] = JSON(error) }
    var artifacts = ForeignArtifacts(largest: options.largestArtifact)
    var values = RecordedValues()
    if Path.kind(of: "\(folder)/\(Self.metrics)") != .missing {
      let points = try self.points("\(folder)/\(Self.metrics)", &remarks)
      points.put(into: &values, remarks: &remarks)
    }
    put(result: run["result"], into: &values, &remarks)
    // What it logged is its own best witness: the times of all points are there.
    let beside = BesideFolder(path: folder)
    for file in [Self.metrics, "info.json", "cout.txt"]
    where (Path.size(of: "\(folder)/\(file)") ?? 0) > 0 {
      artifacts.add(file: file, of: beside, as: file)
    }
    for artifact in run["artifacts"]?.array ?? [] {
      // A name, or with some observers a name and its file.
      guard let file = artifact.string ?? artifact["name"]?.string else { continue }
      if (try? BesideFolder.steps(of: file)) == nil {
        remarks.append("artifact '\(Wording.shown(file))': leads out of the run's folder; left out")
      } else if artifacts.references[file] == nil {
        artifacts.add(file: file, of: beside, as: file)
      }
    }
    values.artifacts = artifacts.references
    let record = RegisteredRunRecord(
      slug: options.study ?? ForeignSource.slug(from: experiment.isEmpty ? "sacred" : experiment),
      name: ForeignSource.problem(withName: experiment) == nil ? experiment : "",
      // A number is given anew in every folder; with its start it names one run.
      clientID: "\(Self.name):\(Self.lastName(of: folder))@\(started)",
      config: try ForeignFile.object("\(folder)/\(Self.config)", atMost: Self.largest), tags: [],
      state: state(run["status"]?.string ?? "", &remarks), parent: nil,
      notes: run["meta"]?["comment"]?.string ?? "", values: values,
      circumstances: source.circumstances(
        environment: environment(run), started: Self.moment(started),
        finished: Self.moment(run["stop_time"]?.string ?? "")))
    return ForeignRun(
      record: record, artifacts: artifacts.bytes, remarks: remarks + artifacts.remarks)
  }

  private static let metrics = "metrics.json"

  /// `{name: {steps: […], values: […], timestamps: […]}}`.
  private func points(_ path: String, _ remarks: inout [String]) throws(ForeignProblem)
    -> LoggedPoints
  {
    var points = LoggedPoints(heading: "time", kept: Self.metrics)
    for metric in try ForeignFile.object(path, atMost: Self.largest).members {
      let name = metric.key.value
      let place = ForeignProblem.Place.within("metric '\(Wording.shown(name))'")
      guard let steps = metric.value["steps"]?.array, let values = metric.value["values"]?.array
      else {
        throw ForeignProblem(path, at: place, "needs 'steps' and 'values'")
      }
      guard steps.count == values.count else {
        throw ForeignProblem(path, at: place, "\(steps.count) steps for \(values.count) values")
      }
      guard points.count + steps.count <= LoggedPoints.most else {
        throw ForeignProblem(path, at: place, "more than \(LoggedPoints.most) points of one run")
      }
      var texts = 0
      for (index, pair) in zip(steps, values).enumerated() {
        guard let step = RunDocumentReader.integer(pair.0) else {
          throw ForeignProblem(
            path, at: place, "step \(index + 1) is \(pair.0.described), not a whole number")
        }
        // Whatever Sacred could not write as JSON is a jsonpickle object; numbers in it are under `value`.
        guard let value = pair.1.double ?? pair.1["value"]?.double else {
          texts += 1
          continue
        }
        points.add(value, to: name, at: step, time: index)
      }
      if texts > 0 {
        remarks.append(
          "metric '\(Wording.shown(name))': values that are no numbers are in \(Self.metrics) alone"
        )
      }
    }
    return points
  }

  /// What the main function returned: a number, or numbers by name.
  private func put(
    result: JSON?, into values: inout RecordedValues, _ remarks: inout [String]
  ) {
    guard let result, result != .null else { return }
    var numbers: [(String, JSON)] = [("result", result)]
    if let object = result.object {
      numbers = object.members.map { ("result/\($0.key.value)", $0.value) }
    }
    for (name, value) in numbers {
      guard let number = value.double ?? value["value"]?.double,
        ForeignSource.problem(withName: name) == nil, values.scalars[name] == nil
      else {
        remarks.append("'\(Wording.shown(name))' is no number and was left out")
        continue
      }
      values.scalars[name] = number
    }
  }

  private func state(_ status: String, _ remarks: inout [String]) -> RunState {
    switch status {
    case "COMPLETED": return .completed
    case "FAILED": return .failed
    default:
      if status != "INTERRUPTED" {
        remarks.append(
          "a run that Sacred calls \(Wording.shown(status)) is recorded as interrupted")
      }
      return .interrupted
    }
  }

  /// What it ran with; no host name.
  private func environment(_ run: JSON.Object) -> JSON.Object {
    var environment = JSON.Object()
    for key in ["cpu", "gpus", "os", "python_version"] {
      if let value = run["host"]?[key], value != .null { environment[key] = value }
    }
    if let dependencies = run["experiment"]?["dependencies"], dependencies != .array([]) {
      environment["dependencies"] = dependencies
    }
    for repository in run["experiment"]?["repositories"]?.array ?? [] {
      if let commit = repository["commit"] { environment["git_commit"] = commit }
      if let isDirty = repository["dirty"] { environment["git_dirty"] = isDirty }
    }
    return environment
  }

  /// Sacred writes UTC without saying so.
  private static func moment(_ text: String) -> JSON? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes.count < 40, bytes[10] == UInt8(ascii: "T"),
      bytes.allSatisfy({ (0x30...0x39).contains($0) || "-:.T".utf8.contains($0) })
    else { return nil }
    return JSON(text + "Z")
  }

  private static func lastName(of folder: String) -> String {
    let last = folder.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) }
    return last ?? folder
  }
}
