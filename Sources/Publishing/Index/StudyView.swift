import Determinism
import Records
import Rendering
import Studies

/// A study with its runs, grouped as its figures need them.
struct StudyView: Sendable {
  let slug: String
  /// Of the study file that its newest runs were made from.
  let digest: Digest?
  let document: JSON
  /// In the order of the snapshot.
  let runs: [RunView]
  /// Runs of the study that were done elsewhere; in no figure and no prediction.
  let registered: [RegisteredRunView]
  let freezes: [FreezeRecord]
  /// The newest of each prediction and text, in the order of the study file.
  let assessments: [AssessmentRecord]
  let narrative: String?
  /// The study file beside the narrative, for its figures alone: everything else is as recorded.
  let file: Study?

  var declared: [DeclaredFigure] { file?.figures ?? [] }

  /// Where a figure of that name is on the page. What a study file names could be any part of the page, so it
  /// has a prefix.
  func anchor(ofFigure name: String) -> String {
    declared.contains { $0.id.utf8.elementsEqual(name.utf8) } ? "figure-" + name : name
  }

  /// A name for paths: the slug where it is plain, else made of it.
  var folder: String {
    Names.isValid(slug) ? slug : Link.anchorName(slug) + "-" + Digest(of: slug).short
  }
  var path: String { "studies/\(folder)/index.html" }
  var title: String { document["title"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? slug }
  /// Nothing of it was performed here.
  var isRegisteredOnly: Bool { runs.isEmpty && digest == nil && !registered.isEmpty }
  var question: String { document["question"]?.string ?? "" }
  var predictions: [JSON] { document["predictions"]?.array ?? [] }

  /// Completed runs, the first of each point, arm and seed; repetitions are reruns, not evidence.
  var evidence: [RunView] {
    var seen: Set<String> = []
    return runs.filter { run in
      run.isCompleted
        && seen.insert(
          JSON.object(run.record.run.point).canonicalText + "|\(run.arm)|\(run.seed)"
        ).inserted
    }
  }

  /// Distinct points, sorted by their canonical text.
  var points: [JSON.Object] {
    var byText: [String: JSON.Object] = [:]
    for run in runs {
      byText[JSON.object(run.record.run.point).canonicalText] = run.record.run.point
    }
    return byText.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
  }

  /// Arms that occur, in the study's order.
  var arms: [String] {
    let present = Set(runs.map(\.arm))
    let named = (document["arms"]?.array ?? []).compactMap(\.string).filter(present.contains)
    return named + present.subtracting(named).sorted()
  }

  /// Confirmatory seeds carry the figures as soon as one has completed.
  var phase: SeedPhase {
    runs.contains { $0.isCompleted && $0.phase == .confirmatory } ? .confirmatory : .development
  }

  func runs(at point: JSON.Object, arm: String) -> [RunView] {
    evidence.filter { $0.record.run.point == point && $0.arm.utf8.elementsEqual(arm.utf8) }
  }

  var seeds: Set<UInt64> { Set(evidence.map(\.seed)) }
}
