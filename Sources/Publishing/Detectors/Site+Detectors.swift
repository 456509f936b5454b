import Rendering

extension Site {
  /// The detectors of all studies, and a page for each study's own; none where nothing was probed.
  func detecting() -> [Part] {
    guard hasDetectors else { return [] }
    let index = index
    return [page { DetectorsPage(index: index).build() }]
      + index.studies.filter(DetectorStage.isIn).map { study in
        page { DetectorStudyPage(index: index, detectors: DetectorStudy(study, index)).build() }
      }
  }
}

extension SiteIndex {
  /// Pages about detectors, by path.
  var detectorPaths: [String] {
    guard DetectorsPage.isIn(self) else { return [] }
    return [DetectorsPage.path]
      + studies.filter(DetectorStage.isIn).map(DetectorStudy.path)
  }
}
