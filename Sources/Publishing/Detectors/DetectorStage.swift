import Records
import Rendering
import Studies

/// A stage in which a study's runs recorded detectors, and how its keys say what they reach.
struct DetectorStage {
  /// What a detector is compared by: on a model's triggered prompts against those that are not.
  enum Statistic: CaseIterable {
    case auroc, recall, worst

    var name: String {
      switch self {
      case .auroc: "auroc"
      case .recall: "tpr-at-1pct"
      case .worst: "worst-auroc"
      }
    }

    var label: String {
      switch self {
      case .auroc: "AUROC"
      case .recall: "TPR at 1% FPR"
      case .worst: "AUROC, worst set"
      }
    }

    var chance: Double { self == .recall ? 0.01 : 0.5 }

    /// Endings of the keys, below the layer; the first that is recorded counts.
    fileprivate var endings: [String] {
      switch self {
      case .auroc: ["swap/auroc"]
      case .recall: ["swap/tpr-at-1pct", "tpr-at-1pct"]
      case .worst: ["worst-auroc"]
      }
    }

    /// nil for a key that is none of these.
    init?(key: String) {
      let found = Self.allCases.first { statistic in
        statistic.endings.contains { ending in
          ["primary", "all"].contains { key.hasSuffix("/\($0)/\(ending)") }
        }
      }
      guard let found else { return nil }
      self = found
    }
  }

  static let kinds = ["probe", "detectors", "questions"]

  let name: String
  let kind: String
  /// Where it read: the decision, where there is one.
  let position: String
  /// In the order in which they are shown; without random directions.
  let detectors: [String]

  /// Those of a study, in the order of their kinds; none where nothing was probed.
  static func all(of figures: StudyFigures) -> [DetectorStage] {
    let evidence = figures.study.evidence
    return kinds.flatMap { kind in
      figures.stageNames(kind).compactMap { name in
        DetectorStage(name, kind, evidence.compactMap { $0.stage(name) })
      }
    }
  }

  /// Whether a study has any, at a glance: then it has a page of detectors.
  static func isIn(_ study: StudyView) -> Bool {
    study.runs.contains { run in
      run.isCompleted
        && run.stages.contains { stage in
          guard let record = stage.record, kinds.contains(record.step.kind) else { return false }
          return record.scalars.keys.contains { Statistic(key: $0) == .auroc }
        }
    }
  }

  private init?(_ name: String, _ kind: String, _ records: [StageRecord]) {
    let keys = records.map(ProbeKeys.init)
    let positions = keys.max { $0.positions.count < $1.positions.count }?.positions ?? []
    guard let position = positions.contains("decision") ? "decision" : positions.last else {
      return nil
    }
    self.name = name
    self.kind = kind
    self.position = position
    var detectors: [String] = []
    for (keys, record) in zip(keys, records) {
      for detector in keys.detectors
      where !detectors.contains(detector) && !detector.utf8.starts(with: "random-".utf8)
        && Self.value(.auroc, of: detector, at: position, in: record) != nil
      {
        detectors.append(detector)
      }
    }
    guard !detectors.isEmpty else { return nil }
    let known = Words.detectors.filter(detectors.contains)
    self.detectors = known + detectors.filter { !known.contains($0) }.sorted()
  }

  func value(_ statistic: Statistic, of detector: String, in run: RunView) -> Double? {
    run.stage(name).flatMap { Self.value(statistic, of: detector, at: position, in: $0) }
  }

  private static func value(
    _ statistic: Statistic, of detector: String, at position: String, in record: StageRecord
  ) -> Double? {
    for ending in statistic.endings {
      for layer in ["primary", "all"] {
        if let value = record.scalars["\(detector)/\(position)/\(layer)/\(ending)"] { return value }
      }
    }
    return nil
  }
}
