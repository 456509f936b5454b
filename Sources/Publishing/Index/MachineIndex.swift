import Determinism
import Records
import Rendering

/// `index.json`: what the site says, for programs. Runs are in `runs/runs-1.js` and the archives.
struct MachineIndex {
  static let path = "index.json"
  static let format = "dormouse.site-index/1"

  let index: SiteIndex
  var comparisons: [Site.Options.Pair] = []

  var text: String {
    let document: JSON = [
      "format": JSON(Self.format), "head": JSON(index.snapshot.head),
      "runs": JSON(index.runs.count), "registered_runs": JSON(index.registered.count),
      "studies": .array(index.studies.map(study)),
      "detectors": .array(index.detectorPaths.map { JSON($0) }),
      "comparisons": .array(
        index.known(comparisons).map {
          [
            "runs": [JSON($0.first), JSON($0.second)],
            "page": JSON(ComparisonPage.folder($0) + "/index.html"),
          ]
        }),
    ]
    return document.prettyText + "\n"
  }

  private func study(_ study: StudyView) -> JSON {
    [
      "slug": JSON(study.slug), "title": JSON(study.title), "question": JSON(study.question),
      "page": JSON(study.path), "runs": JSON(study.runs.count),
      "completed": JSON(study.runs.count(where: \.isCompleted)),
      "frozen_at_head": JSON(study.freezes.last?.ledgerHead.hex),
      "archive": JSON(index.archives.folder(of: study.slug).map { $0 + "/archive.json" }),
      "predictions": .array(
        PredictionRow.rows(of: study).filter { !$0.isEarlierVersion }.map { prediction($0, study) }),
    ]
  }

  private func prediction(_ row: PredictionRow, _ study: StudyView) -> JSON {
    [
      "id": JSON(row.id), "statement": JSON(row.statement), "claim": JSON(row.claimText),
      "primary": JSON(row.isPrimary), "page": JSON("\(study.path)#\(row.anchor)"),
      "result": JSON(row.result.rawValue),
      "estimates": .array(
        (row.assessment?.estimates ?? []).map {
          ["value": JSON($0.value), "lower": JSON($0.lower), "upper": JSON($0.upper)]
        }),
      "statistic": JSON(row.assessment?.statistic), "paper": row.paper.map { JSON($0) } ?? .null,
      "forecast": row.forecast.map { JSON($0) } ?? .null,
      "runs": .array((row.assessment?.runs ?? []).map { JSON($0.hex) }),
      "check": row.assessment?.runs.isEmpty ?? true ? .null : JSON(index.rerunCommand(of: row)),
    ]
  }
}
