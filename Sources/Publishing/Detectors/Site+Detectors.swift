import Rendering

extension Site {
  /// The detectors of all studies, and a page for each study's own; none where nothing was probed.
  func detecting(_ keys: UnitKeys) -> [Part] {
    guard hasDetectors else { return [] }
    let index = index
    let overview = Part(unit: nil) { templates throws(PublishingError) in
      let detectors = try DetectorsPage(index: index)
      return try page { detectors.build() }(templates)
    }
    return [overview]
      + index.studies.filter(DetectorStage.isIn).map { study in
        Part(
          unit: Part.Unit(folder: "detectors/\(study.folder)", key: keys.key(of: study)),
          make: page {
            DetectorStudyPage(index: index, detectors: DetectorStudy(study, index)).build()
          })
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
