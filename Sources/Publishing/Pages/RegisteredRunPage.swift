import Determinism
import Records
import Rendering
import Studies

/// Everything about a run that was done elsewhere, as its owner handed it in.
struct RegisteredRunPage {
  let index: SiteIndex
  let run: RegisteredRunView
  /// The whole of it.
  let record: RegisteredRunRecord
  let study: StudyView
  /// Runs that stand beside it in its study's table.
  let near: [RegisteredRunView]

  private static let mostRows = 300

  func build() -> (page: Page, files: [String: String]) {
    let figures = RegisteredFigures(run: run, record: record)
    let series = figures.series()
    let receiver = figures.receiver()
    let sweep = record.isDetection ? figures.layerSweep() : nil
    var blocks = header + ComparePage.neighbours(of: run, near: near) + annotations.notes
    blocks += record.isDetection ? detection(figures, sweep) : metrics
    if let series { blocks += [.heading(2, "Series", anchor: "by-step"), .figure(series.figure)] }
    if let receiver {
      blocks += [.heading(2, "ROC curves", anchor: "curves"), .figure(receiver.figure)]
      if !record.isDetection, let areas = figures.areas() { blocks.append(.table(areas)) }
    }
    if record.isDetection { blocks += metrics }
    blocks += settings(
      "Settings", record.config, anchor: "settings", caption: "What it was made with")
    blocks += settings(
      "Environment", record.circumstances, anchor: "environment",
      caption: record.isDetection
        ? "How it came to be: shown, never compared"
        : "As its owner tells it: shown, never compared")
    blocks += reruns + downloads
    var files = [series, receiver, sweep].compactMap { $0?.files }
      .reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    files["\(run.folder)/run.json"] = String(decoding: record.canonicalBytes, as: UTF8.self)
    if !run.metrics.isEmpty { files["\(run.folder)/data/metrics.csv"] = metricsFile }
    return (
      Page(
        path: run.path, title: run.title,
        kicker: (record.isDetection ? "Detection run · " : "Registered run · ") + study.title,
        summary: record.isDetection
          ? "Detectors and controls on activations, a run of \(study.title): \(run.title)."
          : "A run of \(study.title), registered from elsewhere: \(run.title).",
        blocks: blocks), files
    )
  }

  private var header: [Block] {
    var facts: [(value: [Inline], label: [Inline])] = [
      (value: [Words.badge(record.state)], label: ["state"]),
      (value: [.digest(run.id.hex)], label: ["run id"]),
    ]
    let hash = run.outline.recordHash ?? Digest(of: record.document)
    // Without an owner's id the two are one.
    if hash != run.id { facts.append((value: [.digest(hash.hex)], label: ["record hash"])) }
    // The longest word last: on a narrow screen it needs the room.
    facts.append((value: [Words.badge(of: run)], label: ["rerun"]))
    var blocks: [Block] = [
      .paragraph([
        .text("A run of "), .link([.text(study.title)], to: .page(study.path)),
        .text(
          record.isDetection
            ? ": detectors and controls of this program on activations that were dumped elsewhere. What the activations are is their owner's word; every number below was computed from them here, and whoever holds them can have it computed again."
            : ", done elsewhere and registered here. The numbers are its owner's: they are kept to the bit, and nothing about them was performed or checked by this program."
        ),
      ]), .facts(facts),
    ]
    var words: [Inline] = []
    if let clientID = record.clientID { words += ["Its owner's id is ", .code(clientID), ". "] }
    if let finished = run.finished { words.append(.text("Finished \(finished).")) }
    if !words.isEmpty { blocks.append(.paragraph(words)) }
    blocks += annotations.tags
    if let parent = record.parent {
      let name: Inline = .digest(parent.hex)
      blocks.append(
        .paragraph([
          "Goes on from ",
          index.path(of: parent).map { .link([name], to: .page($0)) } ?? name, ".",
        ]))
    }
    return blocks
  }

  private var annotations: Annotations {
    Annotations(
      index: index, path: run.path, annotations: run.annotations, recordedTags: record.tags,
      recordedNotes: record.notes)
  }

  /// What the probes found, and what nobody looked at.
  private func detection(_ figures: RegisteredFigures, _ sweep: DrawnFigure?) -> [Block] {
    var blocks: [Block] = [.heading(2, "Detectors and controls", anchor: "detectors")]
    if let table = figures.detectorTable() { blocks.append(.table(table)) }
    if let sweep { blocks.append(.figure(sweep.figure)) }
    blocks.append(.heading(2, "Not checked", anchor: "not-checked"))
    let missing = record.notChecked
    blocks.append(
      missing.isEmpty
        ? .paragraph(["Every control that this program has was run."])
        : .list(missing.map { [Inline.text("\($0.what): \($0.why)")] }))
    return blocks
  }

  private var metrics: [Block] {
    let metrics = run.metrics
    guard !metrics.isEmpty else { return [] }
    var blocks: [Block] = [.heading(2, "Metrics", anchor: "metrics")]
    let isOurs = record.isDetection
    let tables = MetricTables(metrics: metrics).tables(
      caption: isOurs ? "As computed" : "As handed in")
    var shown: [Block] = []
    for (number, (heading, table)) in tables.enumerated() {
      if let heading {
        shown.append(
          .heading(
            3, isOurs ? heading : Words.capitalised(heading), anchor: "metrics-\(number + 1)"))
      }
      shown.append(.table(table))
    }
    // Layers times detectors times sets: what matters of them stands above.
    let count = Words.plural(metrics.count, "number")
    blocks += isOurs ? [.details(summary: [.text(count)], shown)] : shown
    let hidden = metrics.count - MetricTables.mostRows
    blocks.append(
      .paragraph([
        .muted([
          .text(
            hidden > 0 ? "\(NumberText.count(hidden)) more, and every digit: " : "Every digit: ")
        ]),
        .link(["metrics.csv"], to: .page("\(run.folder)/data/metrics.csv")),
      ]))
    return blocks
  }

  private var metricsFile: String {
    var csv = CSV(columns: ["metric", "value"])
    for metric in run.metrics { csv.append([.text(metric.name), .number(metric.value)]) }
    return csv.text
  }

  private func settings(_ title: String, _ object: JSON.Object, anchor: String, caption: String)
    -> [Block]
  {
    let facts = Circumstances(object: object).facts
    guard !facts.isEmpty else { return [] }
    var table = Table(caption: caption, columns: [.init("Setting"), .init("Value")])
    for fact in facts.prefix(Self.mostRows) {
      // One value may be a list of a million.
      let value =
        fact.value.utf8.count > 400
        ? String(fact.value.unicodeScalars.prefix(400)) + "…" : fact.value
      table.append(Table.Row([[.code(fact.key)], [.text(value)]]))
    }
    var blocks: [Block] = [.heading(2, title, anchor: anchor)]
    if facts.count > 24 {
      blocks.append(
        .details(summary: [.text(Words.plural(facts.count, "setting"))], [.table(table)]))
    } else {
      blocks.append(.table(table))
    }
    if facts.count > Self.mostRows {
      blocks.append(
        .paragraph([
          .text("\(NumberText.count(facts.count - Self.mostRows)) more in "),
          .link(["run.json"], to: .page("\(run.folder)/run.json")), ".",
        ]))
    }
    return blocks
  }

  private var reruns: [Block] {
    guard !run.reruns.isEmpty else {
      return [
        .heading(2, "Reruns", anchor: "reruns"),
        record.isDetection
          ? .paragraph([
            Words.badge(of: run),
            " Whoever holds the activations can have every bit computed again:",
          ])
          : .paragraph([
            Words.badge(registered: nil),
            " The procedure is its owner's, and this program cannot perform it. Whoever executes it again can have the outcome compared:",
          ]),
        .code(
          record.isDetection
            ? "dormouse probe --again \(run.id.hex.prefix(16)) --activations FOLDER"
            : "dormouse register again.json --as-rerun-of \(run.id.hex.prefix(16))"),
      ]
    }
    return [
      .heading(2, "Reruns", anchor: "reruns"),
      .paragraph([
        .text(
          record.isDetection
            ? "Computed again from the same activations, and compared bit for bit with what was recorded."
            : "What its owner executed again, compared here bit for bit with what was recorded.")
      ]),
      .table(RunProvenance.table(of: run.reruns)),
    ]
  }

  private var downloads: [Block] {
    var blocks: [Block] = [
      .heading(2, "Downloads", anchor: "downloads"),
      .paragraph([
        .link(["run.json"], to: .page("\(run.folder)/run.json")),
        ": the run's record. Its SHA-256 is the record hash.",
      ]),
    ]
    let artifacts = record.values.artifacts.sorted { JSON.Text($0.key) < JSON.Text($1.key) }
    guard !artifacts.isEmpty else { return blocks }
    var table = Table(
      caption: "Artifacts by digest; kept ones travel in the study's archive",
      columns: [
        .init("Artifact"), .init("Type"), .init("Kept"), .init("Size", numeric: true),
        .init("SHA-256"),
      ])
    for (name, artifact) in artifacts.prefix(Self.mostRows) {
      table.append(
        Table.Row([
          [.text(name)], [.text(artifact.mediaType)],
          [.text(artifact.role == .kept ? "kept" : "by digest alone")],
          [.text(NumberText.size(artifact.size))], [.digest(artifact.digest.hex)],
        ]))
    }
    blocks.append(.table(table))
    return blocks
  }
}
