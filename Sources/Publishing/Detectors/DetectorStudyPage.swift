import Determinism
import Records
import Rendering
import Statistics
import Studies

/// Every detector of one study side by side, on each model that it was tried on.
struct DetectorStudyPage {
  let index: SiteIndex
  let detectors: DetectorStudy

  private var study: StudyView { detectors.study }
  private var figures: StudyFigures { detectors.figures }

  /// Rows of forest plots that a page has room for, all panels together.
  private static let mostMarks = 130
  /// Of the table; the files have all.
  private static let mostRows = 300

  func build() -> (page: Page, files: [String: String]) {
    // First the arm that is drawn.
    let others = study.arms.filter { !$0.utf8.elementsEqual(detectors.arm.utf8) }
    let entries = ([detectors.arm] + others).flatMap { detectors.entries(arms: [$0]) }
    let drawn = [
      forest(entries.filter { $0.arm.utf8.elementsEqual(detectors.arm.utf8) }),
      figures.receiver(arm: detectors.arm), figures.randomDirections(arm: detectors.arm),
    ].compactMap { $0 }
    var blocks: [Block] = [
      .paragraph([
        .text("Of "), .link([.text(study.title)], to: .page(study.path)),
        .text(
          ". Every detector reads the same prompts of the same models, the triggered against those that are not; its sign was fixed before. Controls should find nothing that the detector beside them does not, and skylines were trained with the labels that a defender has not."
        ), " ", .link(["All studies"], to: .page(DetectorsPage.path)), ".",
      ])
    ]
    if study.phase == .development {
      blocks.append(
        .notice([
          "Development seeds only: settings were chosen on these seeds, so the numbers describe and confirm nothing."
        ]))
    }
    blocks += drawn.map { .figure($0.figure) }
    blocks += DetectorsPage.papers(PredictionRow.rows(of: study), stages: detectors.stages)
    var files = drawn.map(\.files).reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    let data = data(entries)
    let downloads = DrawnData.downloads(folder: figures.folder, "detectors")
    for (download, text) in zip(downloads, [data.csv, data.json]) { files[download.path] = text }
    blocks += [
      .heading(2, "All numbers", anchor: "numbers"),
      .paragraph(
        [
          .text(
            "Means over seeds with 95% intervals"
              + (entries.count > Self.mostRows
                ? ", the first \(Self.mostRows) of \(NumberText.count(entries.count)) rows. All, and every digit: "
                : ". Every digit: "))
        ] + downloads.flatMap { [Inline.link([.text($0.label)], to: .page($0.path)), " "] }),
      .table(table(entries)),
    ]
    return (
      Page(
        path: DetectorStudy.path(of: study), title: "Detectors: \(study.title)",
        kicker: "Detectors · " + study.slug,
        summary: "Every detector and control of the study \(study.title) side by side.",
        blocks: blocks), files
    )
  }

  // MARK: Drawn

  /// A panel for each statistic of each point; of more rows than fit, the first points'.
  private func forest(_ entries: [DetectorEntry]) -> DrawnFigure? {
    var notes = SampleNotes()
    var panels: [Figure.Panel] = []
    var marks = 0
    var left = 0
    for statistic in DetectorStage.Statistic.allCases {
      for point in study.points {
        let own = entries.filter { $0.point == point && !$0.isVariant }
        var rows: [ForestPanel.Row] = []
        for stage in detectors.stages {
          let first = rows.count
          for entry in own where entry.stage.name.utf8.elementsEqual(stage.name.utf8) {
            guard let row = entry.row(statistic), let sample = entry.samples[statistic] else {
              continue
            }
            notes.add(sample)
            rows.append(row)
          }
          if rows.count > first { rows[first].heading = "stage \(stage.name)" }
        }
        rows += paperRows(statistic, point)
        guard !rows.isEmpty else { continue }
        guard marks + rows.count <= Self.mostMarks else {
          left += 1
          continue
        }
        marks += rows.count
        let title = DeclaredDrawing.heading(
          [detectors.words(point), statistic.label].filter { !$0.isEmpty }.joined(separator: " · "))
        panels.append(
          statistic.panel(
            rows, id: figures.panelID("forest", panels.count), title: title, about: "Detectors"))
      }
    }
    guard !panels.isEmpty else { return nil }
    let downloads = DrawnData.downloads(folder: figures.folder, "detectors")
    let kinds = Set(detectors.stages.map(\.kind)).sorted().map(figures.versions)
    return DrawnFigure(
      figure: Figure(
        id: "forest", title: "What each detector reaches",
        subtitle: notes.text(
          study,
          unit:
            "\(detectors.arm), primary layer, at the decision; grey: controls, read-outs and skylines"
        )
          + (left > 0 ? " · \(Words.plural(left, "panel")) more in the table below" : ""),
        panels: panels, downloads: downloads,
        howComputed:
          "stages \(detectors.stages.map(\.name).joined(separator: ", ")) (\(kinds.joined(separator: ", "))), keys */decision/{primary,all}/{swap/auroc, tpr-at-1pct, worst-auroc}. AUROC: against token-matched swaps. TPR: at the threshold that flags at most 1% of controls set aside. Worst set: the lowest AUROC among the sets of negatives."
      ), files: [:])
  }

  /// What papers report of the same statistic, on their own models: a claim of one value says which that is.
  private func paperRows(_ statistic: DetectorStage.Statistic, _ point: JSON.Object)
    -> [ForestPanel.Row]
  {
    PredictionRow.rows(of: study).compactMap { row in
      guard !row.isEarlierVersion, let paper = row.paper,
        row.prediction["where"]?.object?.selects(point: point) ?? true,
        let claim = try? Claim(parsing: row.claimText), claim.conditions.count == 1,
        case .value(let reference) = claim.conditions[0].expression,
        detectors.stages.contains(where: { $0.name.utf8.elementsEqual(reference.stage.utf8) }),
        DetectorStage.Statistic(key: reference.key) == statistic
      else { return nil }
      let detector = reference.key.utf8.prefix { $0 != UInt8(ascii: "/") }
      var panel = ForestPanel.Row(
        "\(String(Substring(detector))) · the paper’s", text: NumberText.plain(paper), value: paper,
        lower: .nan, upper: .nan, seeds: [], style: Style(.ink, .diamond, hollow: true))
      panel.heading = "theirs, on their models"
      return panel
    }
  }

  // MARK: Told

  private func table(_ entries: [DetectorEntry]) -> Table {
    let hasArms = study.arms.count > 1
    let hasPoints = entries.contains { !detectors.words($0.point).isEmpty }
    let hasStages = detectors.stages.count > 1
    var columns: [Table.Column] = [.init("Detector")]
    if hasStages { columns.append(.init("Stage")) }
    if hasPoints { columns.append(.init("Point")) }
    if hasArms { columns.append(.init("Arm")) }
    let words = columns.count
    let statistics = DetectorStage.Statistic.allCases.filter { statistic in
      entries.contains { $0.samples[statistic] != nil }
    }
    columns += statistics.map { .init($0.label, numeric: true) }
    columns.append(.init("Seeds", numeric: true))
    var table = Table(
      caption: "\(Words.capitalised(Words.phase(study.phase))); AUROC against token-matched swaps",
      columns: columns, interactive: true)
    for entry in entries.prefix(Self.mostRows) {
      var cells: [[Inline]] = [[.text(entry.label)]]
      if hasStages { cells.append([.text(entry.stage.name)]) }
      if hasPoints { cells.append([.text(detectors.words(entry.point))]) }
      if hasArms { cells.append([.text(entry.arm)]) }
      let samples = statistics.map { entry.samples[$0] }
      let n = samples.compactMap { $0?.estimate.n }.max() ?? 0
      table.append(
        Table.Row(
          cells + samples.map { [.text($0?.text ?? NumberText.missing)] } + [[.text("\(n)")]],
          tag: entry.detector,
          keys: Array(repeating: nil, count: words) + samples.map { $0?.estimate.value }
            + [Double(n)]))
    }
    return table
  }

  private func data(_ entries: [DetectorEntry]) -> DrawnData {
    var data = DrawnData(
      (["point", "arm", "stage", "detector", "role", "n"]
        + DetectorStage.Statistic.allCases.flatMap {
          [$0.name, $0.name + ".lower", $0.name + ".upper"]
        }).map { .init($0) })
    for entry in entries {
      let samples = DetectorStage.Statistic.allCases.map { entry.samples[$0]?.estimate }
      data.append(
        [
          .text(detectors.words(entry.point)), .text(entry.arm), .text(entry.stage.name),
          .text(entry.detector), .text(entry.role.rawValue),
          .integer(samples.compactMap { $0?.n }.max() ?? 0),
        ]
          + samples.flatMap { estimate -> [CSV.Cell] in
            estimate.map { [.number($0.value), .number($0.lower), .number($0.upper)] }
              ?? [.missing, .missing, .missing]
          })
    }
    return data
  }
}
