import Determinism
import Records
import Rendering
import Statistics
import Studies

/// The figures that a study's records can carry. Each is made where its values were recorded.
struct StudyFigures {
  let study: StudyView
  let snapshot: Snapshot
  /// Of the page that they are for; their data lies below it.
  let folder: String

  init(study: StudyView, snapshot: Snapshot, folder: String? = nil) {
    self.study = study
    self.snapshot = snapshot
    self.folder = folder ?? "studies/\(study.folder)"
  }

  /// In the order in which a page shows them. Only those asked for are made: a curve of every run costs time.
  func automatic(_ isWanted: (String) -> Bool = { _ in true }) -> [DrawnFigure] {
    let makers: [(name: String, make: () -> DrawnFigure?)] = [
      ("before-after", beforeAfter), ("through-safety", throughSafety),
      ("decoy-paired", decoyPaired), ("layer-sweep", { layerSweep(.auroc) }),
      ("layer-sweep-dprime", { layerSweep(.dPrime) }), ("roc", { receiver() }),
      ("detectors", detectorForest), ("scores-by-arm", scoresByArm), ("losses", losses),
    ]
    return makers.filter { isWanted($0.name) }.compactMap { $0.make() }
  }

  /// Names of the stages of one kind that the study's runs have, in their order.
  func stageNames(_ kind: String) -> [String] {
    for run in study.evidence {
      let names = run.stageNames(ofKind: kind)
      if !names.isEmpty { return names }
    }
    return []
  }

  /// Procedure versions that made the values, e.g. `evaluate@1`.
  func versions(_ kind: String) -> String {
    let all = study.evidence.flatMap(\.stages).compactMap(\.record)
      .filter { $0.step.kind.utf8.elementsEqual(kind.utf8) }.map { "\(kind)@\($0.step.version)" }
    return Set(all).sorted().joined(separator: ", ")
  }

  func panelTitle(_ point: JSON.Object, _ more: String = "") -> String {
    let parts = [Words.capitalised(Words.point(point)), more].filter { !$0.isEmpty }
    return parts.joined(separator: " · ")
  }

  func panelID(_ figure: String, _ index: Int) -> String { "\(figure)-\(index + 1)" }

  /// The figure with its data files.
  ///
  /// - Parameter anchor: on the page; its id unless given.
  func finished(
    _ id: String, anchor: String? = nil, title: String, subtitle: String, panels: [Figure.Panel],
    legend: [(style: Style, label: String)] = [], data: DrawnData, how: String,
    summary: String = "",
    tableCaption: String = "The points drawn", showsTable: Bool = true
  ) -> DrawnFigure {
    let downloads = DrawnData.downloads(folder: folder, id)
    return DrawnFigure(
      figure: Figure(
        id: anchor ?? id, title: title, subtitle: subtitle, panels: panels, legend: legend,
        table: showsTable ? data.table(caption: tableCaption) : nil, downloads: downloads,
        howComputed: how),
      name: id,
      files: [
        downloads[0].path: data.csv, downloads[1].path: data.json,
      ], summary: summary
    )
  }
}
