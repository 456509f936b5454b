import Determinism
import Records
import Rendering
import Statistics
import Studies

/// An afternoon: everything about one run.
struct RunPage {
  let index: SiteIndex
  let run: RunView
  let study: StudyView

  func build() -> (page: Page, files: [String: String]) {
    let figures = RunFigures(run: run, snapshot: index.snapshot)
    let drawn = [
      figures.losses(), figures.rates(), figures.receiver(), figures.scores(), figures.layers(),
    ].compactMap { $0 }
    let annotations = Annotations(
      index: index, path: run.path, annotations: run.annotations, recordedTags: [],
      recordedNotes: "")
    var blocks = header + annotations.tags + annotations.notes
    blocks += ComparePage.neighbours(of: run, in: study)
    blocks += lineage
    let curves = drawn.filter { ["loss", "rates"].contains($0.figure.id) }
    let probe = drawn.filter { !["loss", "rates"].contains($0.figure.id) }
    blocks += numbers
    if !curves.isEmpty {
      blocks.append(.heading(2, "Curves"))
      blocks += curves.map { .figure($0.figure) }
    }
    if !probe.isEmpty {
      blocks.append(.heading(2, "What the probes read", anchor: "probes"))
      blocks += probe.map { .figure($0.figure) }
    }
    let tokens = TokenTranscripts(run: run, snapshot: index.snapshot).build(folder: figures.folder)
    blocks += tokens.blocks
    blocks += Transcripts(run: run, snapshot: index.snapshot).blocks()
    blocks += RunConfiguration(run: run, study: study).blocks()
    blocks += RunProvenance(index: index, run: run).blocks()
    var files = drawn.map(\.files).reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    files.merge(tokens.files) { first, _ in first }
    files["\(figures.folder)/run.json"] = run.record.document.canonicalText
    return (
      Page(
        path: run.path, title: Words.capitalised(RunFacts(run).name),
        kicker: "Run · " + study.title,
        summary: "A run of the study \(study.title): \(RunFacts(run).name).", blocks: blocks), files
    )
  }

  private var header: [Block] {
    var facts: [(value: [Inline], label: [Inline])] = [
      (value: [Words.badge(run.state)], label: ["state"]),
      (value: [Words.badge(run.lastVerdict)], label: ["last rerun"]),
      (value: [.text(run.phase.rawValue)], label: ["seeds"]),
      (value: [.digest(run.id.hex)], label: ["run id"]),
      (value: [.digest(Digest(of: run.record.document).hex)], label: ["record hash"]),
    ]
    if let seconds = RunFacts(run).seconds {
      facts.append((value: [.text(NumberText.duration(seconds))], label: ["of computing"]))
    }
    if let finished = RunFacts(run).finished {
      facts.append((value: [.text(finished)], label: ["finished"]))
    }
    var blocks: [Block] = [
      .paragraph([
        .text("One point, arm and seed of "),
        .link([.text(study.title)], to: .page(study.path)),
        .text(
          run.phase == .development
            ? ". A development seed: settings were chosen on it, so it confirms nothing."
            : ". A confirmatory seed: predictions were frozen before it was run."),
      ]), .facts(facts),
    ]
    if !run.isCompleted {
      blocks.append(
        .notice([
          .text("This run is \(run.state.rawValue); what is missing below was not performed.")
        ]))
      let lines = run.note.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
      if !lines.isEmpty {
        blocks.append(
          .paragraph([.text("It stopped with: "), .code(lines.joined(separator: " "))]))
      }
    }
    for rerun in run.reruns where rerun.verdict != .exact { blocks += divergence(rerun) }
    return blocks
  }

  private func divergence(_ rerun: RerunRecord) -> [Block] {
    var words: [Inline] = [Words.badge(rerun.verdict), .text(" ")]
    if let first = rerun.firstDivergence {
      words.append(
        .text(
          "First divergence: \(first.stage), \(first.key)"
            + (first.step.map { " at step \($0)" } ?? "") + ": recorded "))
      words += [.code(first.recorded), .text(", recomputed "), .code(first.recomputed)]
      if let ulps = first.ulps { words.append(.text(", \(ulps) ulps apart")) }
      words.append(".")
    }
    if !rerun.note.isEmpty { words.append(.text(" " + rerun.note)) }
    return [.notice(words)]
  }

  private var lineage: [Block] {
    let steps = run.stages.map { stage -> Block.LineageStep in
      guard let record = stage.record else {
        return Block.LineageStep(
          name: [.text(stage.name)], facts: [["not performed"], [.digest(stage.key.hex)]])
      }
      var facts: [[Inline]] = []
      if record.step.kind != stage.name || record.step.version != 1 {
        facts.append([.text("\(record.step.kind)@\(record.step.version)")])
      }
      if let seconds = Circumstances(object: record.circumstances).seconds {
        facts.append([.text(NumberText.duration(seconds))])
      }
      facts.append([.digest(stage.key.hex)])
      return Block.LineageStep(name: [.text(stage.name)], facts: facts)
    }
    guard !steps.isEmpty else { return [] }
    return [.heading(2, "Lineage"), .lineage(steps)]
  }

  /// Kinds of stage whose rates are shares of answers. Those of a training stage are of few prompts.
  private static let behavioural: Set = [
    "evaluate", "capability", "generalise", "prompt-families", "character", "steer",
    "preference-score",
  ]

  /// Rates with their exact intervals over prompts, stage by stage.
  private var numbers: [Block] {
    var table = Table(
      caption: "Rates with exact binomial 95% intervals over the prompts of this run",
      columns: [
        .init("Stage"), .init("Rate"), .init("Value", numeric: true),
        .init("95% interval", numeric: true),
        .init("n", numeric: true),
      ])
    for stage in run.stages {
      guard let record = stage.record, Self.behavioural.contains(record.step.kind) else { continue }
      for key in record.scalars.keys.sorted() {
        guard let rate = run.rate(stage.name, key) else { continue }
        let interval = rate.clopperPearson()
        table.append(
          Table.Row([
            [.text(stage.name)], [.code(key)], [.text(NumberText.decimal(rate.value, 3))],
            [
              .text(
                "[\(NumberText.decimal(interval.lower, 3)), \(NumberText.decimal(interval.upper, 3))]"
              )
            ],
            [.text(NumberText.count(rate.trials))],
          ]))
      }
    }
    return table.rows.isEmpty ? [] : [.heading(2, "Behaviour"), .table(table)]
  }
}
