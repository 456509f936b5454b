import Determinism
import Records
import Studies

/// MLflow's file store: `mlruns/<experiment>/<run>/{meta.yaml,params,tags,metrics,artifacts}`.
package struct MLflowFolder: ForeignStore {
  package static let name = "mlruns"

  private let root: String
  private let options: ForeignOptions
  private var experiments: ArraySlice<Experiment>
  private var runs: ArraySlice<String> = []
  private var current: Experiment?
  private var deleted = 0
  /// Experiments of runs that other runs name as their parents.
  private var parents: [String: String] = [:]

  private struct Experiment {
    let id: String
    let folder: String
    let isDeleted: Bool
    var name = ""
  }

  private static let trash = ".trash"

  package var remarks: [String] {
    switch deleted {
    case 0: []
    case 1: ["a run that is deleted in MLflow was left out: --with-deleted"]
    default: ["\(deleted) runs that are deleted in MLflow were left out: --with-deleted"]
    }
  }

  package static func recognises(_ path: String) -> Bool { folder(at: path) != nil }

  /// The store itself, or the `mlruns` in it.
  private static func folder(at path: String) -> String? {
    guard Path.kind(of: path) == .folder else { return nil }
    return [path, "\(path)/mlruns"].first { folder in
      Path.isRealFolder(folder) || folder == path
        ? (Path.names(in: folder) + Path.names(in: "\(folder)/\(trash)").map { "\(trash)/\($0)" })
          .contains { isExperiment("\(folder)/\($0)") }
        : false
    }
  }

  private static func isExperiment(_ folder: String) -> Bool {
    guard Path.isRealFolder(folder), let file = ForeignFile("\(folder)/\(MLflowMeta.file)") else {
      return false
    }
    return String(decoding: file.prefix(4096), as: UTF8.self).utf8
      .split(separator: UInt8(ascii: "\n"))
      .contains { $0.starts(with: "experiment_id:".utf8) }
  }

  package init(path: String, options: ForeignOptions) throws(ForeignProblem) {
    guard let root = Self.folder(at: path) else {
      throw ForeignProblem(
        path, "holds no experiment of MLflow's file store",
        hint: "name the folder mlruns, with <experiment>/meta.yaml in it")
    }
    self.root = root
    self.options = options
    var found: [Experiment] = []
    for (folder, isDeleted) in [(root, false), ("\(root)/\(Self.trash)", true)] {
      for id in Path.names(in: folder) where Self.isExperiment("\(folder)/\(id)") {
        found.append(Experiment(id: id, folder: "\(folder)/\(id)", isDeleted: isDeleted))
      }
    }
    experiments = found[...]
  }

  package mutating func nextRun() throws(ForeignProblem) -> ForeignRun? {
    while true {
      while let id = runs.popFirst() {
        guard let experiment = current else { break }
        let folder = "\(experiment.folder)/\(id)"
        guard Path.isRealFolder(folder), Path.kind(of: "\(folder)/\(MLflowMeta.file)") != .missing
        else { continue }
        if let run = try read(id, in: folder, of: experiment) { return run }
      }
      guard var next = experiments.popFirst() else { return nil }
      let meta = try MLflowMeta("\(next.folder)/\(MLflowMeta.file)")
      next.name = meta.text("name") ?? next.id
      current = next
      runs = Path.names(in: next.folder)[...]
    }
  }

  /// nil for one that was deleted and is not wanted.
  private mutating func read(_ id: String, in folder: String, of experiment: Experiment)
    throws(ForeignProblem) -> ForeignRun?
  {
    let meta = try MLflowMeta("\(folder)/\(MLflowMeta.file)")
    let isDeleted = experiment.isDeleted || meta.text("lifecycle_stage") == "deleted"
    if isDeleted, !options.withDeleted {
      deleted += 1
      return nil
    }
    var run = MLflowRun(id: id, experimentID: experiment.id, experiment: experiment.name)
    run.name = meta.text("run_name") ?? meta.text("name") ?? ""
    run.status = meta.status
    run.started = meta.integer("start_time")
    run.finished = meta.integer("end_time")
    run.isDeleted = isDeleted
    run.params = try MLflowKeys(folder, "params").texts()
    run.tags = try MLflowKeys(folder, "tags").texts()
    for (key, file) in try MLflowKeys(folder, "metrics").files() {
      try MLflowMetricFile(file: file, key: key).read(into: &run)
    }
    run.datasets = try datasets(of: folder, experiment)
    var artifacts = ForeignArtifacts(largest: options.largestArtifact)
    // Its own artifact_uri may point anywhere: what is beside it is its own.
    artifacts.add(
      folder: options.artifacts.map { "\($0)/\(experiment.id)/\(id)/artifacts" }
        ?? "\(folder)/artifacts")
    return run.foreignRun(
      options: options,
      parentExperiment: run.tag("mlflow.parentRunId").flatMap { experimentName(of: $0) },
      artifacts: artifacts)
  }

  /// The name of the experiment that a run is in; nil when it is in none.
  private mutating func experimentName(of id: String) -> String? {
    if let known = parents[id] { return known }
    guard let current, (try? BesideFolder.steps(of: id))?.count == 1 else { return nil }
    if Path.isRealFolder("\(current.folder)/\(id)") { return current.name }
    for parent in [root, "\(root)/\(Self.trash)"] {
      for experiment in Path.names(in: parent)
      where Path.isRealFolder("\(parent)/\(experiment)/\(id)") {
        let name =
          (try? MLflowMeta("\(parent)/\(experiment)/\(MLflowMeta.file)"))?.text("name")
          ?? experiment
        parents[id] = name
        return name
      }
    }
    return nil
  }

  private func datasets(of folder: String, _ experiment: Experiment) throws(ForeignProblem)
    -> [JSON]
  {
    var datasets: [JSON] = []
    for input in Path.names(in: "\(folder)/inputs") {
      guard Path.kind(of: "\(folder)/inputs/\(input)/\(MLflowMeta.file)") == .file else { continue }
      let source = try MLflowMeta("\(folder)/inputs/\(input)/\(MLflowMeta.file)").text("source_id")
      guard let source, (try? BesideFolder.steps(of: source))?.count == 1,
        Path.kind(of: "\(experiment.folder)/datasets/\(source)/\(MLflowMeta.file)") == .file
      else { continue }
      let meta = try MLflowMeta("\(experiment.folder)/datasets/\(source)/\(MLflowMeta.file)")
      datasets.append(["name": JSON(meta.text("name")), "digest": JSON(meta.text("digest"))])
    }
    return datasets
  }
}

/// A `meta.yaml`: scalars by key.
struct MLflowMeta {
  static let file = "meta.yaml"
  private static let rules = StudySource.Rules(
    maximumSize: 1 << 20, maximumDepth: 8, takesNonFinite: true, noun: "a meta.yaml",
    beginning: "run_id: …")

  private let root: JSON.Object

  init(_ path: String) throws(ForeignProblem) {
    let bytes = try ForeignFile.demand(path, atMost: Self.rules.maximumSize)
    let source: StudySource
    do { source = try StudySource(yaml: bytes, file: path, rules: Self.rules) } catch {
      let first = error.problems[0]
      throw ForeignProblem(
        path, at: .line(first.line, column: first.column), first.message, hint: first.hint)
    }
    guard let object = source.root.object else {
      throw ForeignProblem(path, at: .line(1), "expected keys and values")
    }
    root = object
  }

  /// A scalar as text, also where YAML takes it for a number: `12` is a name like any other.
  func text(_ key: String) -> String? {
    switch root[key] {
    case nil, .null, .array, .object: nil
    case .string(let text): text.value
    case .some(let value): value.canonicalText
    }
  }

  func integer(_ key: String) -> Int? { root[key].flatMap { RunDocumentReader.integer($0) } }

  /// A number in the file store, by MLflow's own order.
  var status: String {
    let words = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
    guard let number = integer("status"), words.indices.contains(number - 1) else {
      return text("status") ?? ""
    }
    return words[number - 1]
  }
}
