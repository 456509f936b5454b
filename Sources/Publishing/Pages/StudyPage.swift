import Determinism
import Records
import Rendering
import Statistics
import Studies

/// Ten minutes: question, answer with the numbers, the figure that carries it, then everything else.
struct StudyPage {
  let index: SiteIndex
  let study: StudyView

  func build() -> (page: Page, files: [String: String]) {
    let narrative = segments
    let figures = figures(for: narrative)
    var placed: Set<String> = []
    var blocks: [Block] = []
    if !study.question.isEmpty { blocks.append(.lead([.text(study.question)])) }
    blocks.append(.heading(2, "Answer", anchor: "answer"))
    let (counts, sentences) = answer
    blocks += counts
    if let notice = phaseNotice { blocks.append(.notice([.text(notice)])) }
    let list: [Block] = sentences.isEmpty ? [] : [.list(sentences)]
    let carrying = figures.prefix(1).map(\.figure)
    placed.formUnion(carrying.map(\.id))
    // The figure stays in sight of the question: sentences of many predictions come after it.
    let isLong = sentences.count > Self.sentencesAboveFigure
    blocks += (isLong ? [] : list) + carrying.map { .figure($0) } + (isLong ? list : [])
    blocks += placing(figures, in: narrative, placed: &placed)
    let rest = figures.filter { !placed.contains($0.figure.id) }
    if !rest.isEmpty {
      blocks.append(.heading(2, "Figures", anchor: "figures"))
      blocks += rest.map { .figure($0.figure) }
    }
    if DetectorStage.isIn(study) {
      blocks.append(
        .paragraph([
          .link(
            ["Every detector of this study side by side"],
            to: .page(DetectorStudy.path(of: study))),
          ", on every arm, with controls and skylines.",
        ]))
    }
    blocks += predictions
    blocks += runs
    blocks += RegisteredRuns.section(study)
    blocks += evidence
    blocks += again
    let files = figures.map(\.files).reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    return (
      Page(
        path: study.path, title: study.title, kicker: "Study · " + study.slug,
        summary: study.question, blocks: blocks), files
    )
  }

  /// Every figure of the page, first the one that carries the answer.
  var figures: [DrawnFigure] { figures(for: segments) }

  /// What a study declares is what it has to show: other figures stand beside that only where the narrative
  /// places them.
  private func figures(for narrative: [Markdown.Segment]) -> [DrawnFigure] {
    let figures = StudyFigures(study: study, snapshot: index.snapshot)
    guard !study.declared.isEmpty else { return figures.automatic() }
    let placed = narrative.compactMap { segment in
      if case .figure(let name) = segment { name } else { nil }
    }
    return figures.declared()
      + figures.automatic { name in placed.contains { $0.utf8.elementsEqual(name.utf8) } }
  }

  private static let sentencesAboveFigure = 4

  /// How the predictions came out, and one sentence a primary one with the numbers in it; all of them where none is
  /// primary.
  private var answer: (counts: [Block], sentences: [[Inline]]) {
    let rows = PredictionRow.rows(of: study)
    let judged = rows.filter { $0.assessment != nil }
    guard !judged.isEmpty else {
      let nothing: Inline =
        "Not answered yet: no prediction has been judged. What was measured so far is below; it settles nothing."
      return ([.paragraph([nothing])], [])
    }
    let primary = judged.filter(\.isPrimary)
    let shown = primary.isEmpty ? judged : primary
    var counts: [Inline] = [
      .text("Of \(Words.plural(rows.count, "prediction")): \(PredictionsBoard.counts(rows)).")
    ]
    if !primary.isEmpty {
      let rest = judged.count - primary.count
      let elsewhere = rest == 0 ? "" : ", the others below under Predictions"
      counts.append(
        .text(" The primary \(primary.count == 1 ? "one" : "ones")\(elsewhere):"))
    }
    let sentences = shown.map { row -> [Inline] in
      [
        Words.badge(row.result), .text(" " + row.statement + " "),
        .strong([.text(row.estimateText)]),
        .muted([.text(" needs \(row.thresholdText) · \(row.seedsText) ")]),
        .link([.muted(["evidence"])], to: .anchor(row.anchor)),
      ]
    }
    return ([.paragraph(counts)], sentences)
  }

  private var phaseNotice: String? {
    guard !study.evidence.isEmpty, study.phase == .development else { return nil }
    return
      "Development seeds only: settings were chosen on these seeds, so the figures describe and confirm nothing. No confirmatory run has completed."
  }

  private var segments: [Markdown.Segment] {
    guard let source = study.filledNarrative else { return [] }
    return Markdown.segments(of: source, anchorPrefix: "text-", base: "../../") {
      SiteLinks.resolve($0, index)
    }
  }

  private func placing(
    _ figures: [DrawnFigure], in narrative: [Markdown.Segment], placed: inout Set<String>
  ) -> [Block] {
    narrative.map { segment in
      switch segment {
      case .prose(let piece): return .prose(piece)
      case .figure(let name):
        guard let found = figures.first(where: { $0.name.utf8.elementsEqual(name.utf8) })
        else {
          return .notice([
            .text("The figure '\(name)' cannot be drawn: its values are not recorded yet.")
          ])
        }
        // A figure stands once on a page; its anchor would not be unique otherwise.
        guard placed.insert(found.figure.id).inserted else {
          return .paragraph([
            .link([.text("Figure: " + found.figure.title)], to: .anchor(found.figure.id))
          ])
        }
        return .figure(found.figure)
      }
    }
  }

  private var predictions: [Block] {
    guard let table = PredictionsBoard(index: index).table(study) else { return [] }
    var blocks: [Block] = [.heading(2, "Predictions", anchor: "predictions")]
    if let freeze = study.freezes.last {
      blocks.append(
        .paragraph([
          .text(
            "Frozen with \(Words.plural(freeze.runsBefore, "run")) of this study already made, by code "
          ), .code(freeze.codeVersion), ", ledger head ", .digest(freeze.ledgerHead.hex),
          ". Confirmatory seeds opened after that.",
        ]))
    } else {
      blocks.append(
        .notice([
          "Not frozen: these predictions can still be changed, and nothing here confirms them."
        ]))
    }
    blocks.append(.table(table))
    blocks += multiplicity
    for row in PredictionRow.rows(of: study) { blocks += detail(row) }
    return blocks
  }

  private func detail(_ row: PredictionRow) -> [Block] {
    var facts: [[Inline]] = [[.strong([.text(row.sentence)])], ["Claim: ", .code(row.claimText)]]
    if let selection = row.prediction["where"]?.object, !selection.isEmpty {
      facts.append(["Runs with ", .code(Words.point(selection))])
    }
    let arm = row.prediction["arm"]?.string
    if let arm {
      let versus = row.versusText
      facts.append([.text("Arm: " + arm + (versus.map { ", minus \($0), paired by seed" } ?? ""))])
    }
    if let over = row.overText {
      facts.append([.text("Levels, in the order of the study file: "), .code(over)])
    }
    if let assessment = row.assessment {
      let methods = Set(assessment.estimates.map(\.method)).sorted().joined(separator: "; ")
      facts.append([
        .text(
          "Statistic \(assessment.statistic); 95% interval: \(methods.isEmpty ? "none" : methods)")
      ])
      if !assessment.note.isEmpty { facts.append([.text(assessment.note)]) }
    }
    if let forecast = row.forecast {
      facts.append([
        .text("Our forecast that it would be supported: \(NumberText.percent(forecast))")
      ])
    }
    if row.prediction["seen_in_pilot"]?.bool == true {
      facts.append(["We had seen this in a pilot before predicting it."])
    }
    if let paper = row.paper {
      facts.append([
        .text("The paper's value for its own models: \(NumberText.plain(paper))"),
        .text(row.paperSource.map { " (\($0))" } ?? ""),
      ])
    }
    let judged = Set(row.assessment?.runs ?? [])
    let runs = study.runs.filter { judged.contains($0.id) }.map { run -> Inline in
      let name = Inline.text("\(run.arm) \(run.seed)")
      return run.hasPage ? .link([name], to: .page(run.path)) : name
    }
    if !runs.isEmpty {
      facts.append(["Runs: "] + runs.flatMap { [$0, Inline.text(" ")] })
      if !row.isEarlierVersion {
        let time = index.rerunSeconds(of: row).map { " (about \(Words.about($0)))" } ?? ""
        facts.append(["Check it: ", .code(index.rerunCommand(of: row)), .text(time)])
      }
    }
    return [.heading(3, row.statement, anchor: row.anchor), .list(facts)]
  }

  private var runs: [Block] {
    guard !study.runs.isEmpty else { return [] }
    return [.heading(2, "Runs", anchor: "runs")] + StudyRuns.blocks(of: study)
  }

  private var evidence: [Block] {
    let completed = study.runs.filter(\.isCompleted)
    var reruns = Table(
      caption: "Reruns of this study's runs",
      columns: [.init("Verdict"), .init("Runs", numeric: true)])
    for verdict in Verdict.allCases {
      let n = completed.count { $0.lastVerdict == verdict }
      if n > 0 { reruns.append(Table.Row([[Words.badge(verdict)], [.text(String(n))]])) }
    }
    let never = completed.count { $0.lastVerdict == nil }
    reruns.append(Table.Row([[Words.badge(nil as Verdict?)], [.text(String(never))]]))
    return [.heading(2, "How far it was checked", anchor: "checked"), .table(reruns)]
  }

  private var again: [Block] {
    let judged = PredictionRow.rows(of: study).last { !($0.assessment?.runs.isEmpty ?? true) }
    var blocks: [Block] = [
      .heading(2, "Rerun it", anchor: "rerun"),
      .paragraph([
        .text(
          (index.archives.root == nil ? "With the registry" : "In the folder of this site")
            + ": perform every run of the study again, and compare every recorded bit.")
      ]),
      .code(index.rerunCommand + " --study \(study.slug)"),
    ]
    if let judged {
      blocks += [
        .paragraph([
          "Only what stands behind one prediction, whose estimate is then computed again; each prediction above has its own command:"
        ]),
        .code(index.rerunCommand(of: judged)),
      ]
    }
    return blocks
  }
}
