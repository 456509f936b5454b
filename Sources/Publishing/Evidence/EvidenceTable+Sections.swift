import Determinism
import Records
import Rendering
import Statistics
import Studies

extension EvidenceTable {
  // MARK: Reproducibility

  var reproducibility: [Block] {
    var blocks: [Block] = [.heading(2, "Reproducibility")]
    if !study.runs.isEmpty {
      var table = Table(
        caption: "The last rerun of each completed run",
        columns: [.init("Verdict"), .init("Runs", numeric: true)])
      for verdict in Verdict.allCases.map(Optional.some) + [nil] {
        let n = completed.count { $0.lastVerdict == verdict }
        if n > 0 { table.append(Table.Row([[Words.badge(verdict)], [.text(String(n))]])) }
      }
      if !table.rows.isEmpty { blocks.append(.table(table)) }
      let reruns = completed.compactMap(\.reruns.last)
      if !reruns.isEmpty {
        let compared = reruns.map(\.compared).reduce(0, +)
        let unchecked = reruns.count { !$0.notChecked.isEmpty }
        blocks.append(
          .paragraph([
            .text(
              "\(NumberText.count(compared)) recorded values compared bit for bit; \(unchecked == 0 ? "nothing was left unchecked" : "\(Words.plural(unchecked, "rerun")) left something unchecked"). Circumstances of these reruns: \(Self.circumstances(of: reruns))."
            )
          ]))
      }
      blocks += [
        .paragraph(["Performs every run again from its record, and says where it first differs:"]),
        .code("dormouse rerun --study \(study.slug)"),
      ]
    }
    if !study.registered.isEmpty {
      let compared = study.registered.count { $0.verdict != nil }
      blocks.append(
        .paragraph([
          .text(
            "\(RegisteredRuns.count(study.registered)): this program cannot perform them. Of these, \(compared) were executed again by their owners and compared."
          )
        ]))
    }
    return blocks
  }

  /// `same machine in 104 of 104, same binary in 0 of 104`.
  private static func circumstances(of reruns: [RerunRecord]) -> String {
    ["machine", "cpu", "binary", "openblas", "kernel_family", "threads"].compactMap { what in
      let told = reruns.compactMap { $0.circumstances["same_" + what]?.bool }
      guard !told.isEmpty else { return nil }
      let words = what.utf8.split(separator: UInt8(ascii: "_"))
        .map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: " ")
      return "same \(words) in \(told.count { $0 }) of \(told.count)"
    }.joined(separator: ", ")
  }

  // MARK: Data and code

  var access: [Block] {
    var held: [Digest: (reference: ArtifactReference, isHere: Bool)] = [:]
    let references =
      study.runs.flatMap(\.stages).compactMap(\.record).flatMap(\.artifacts.values)
      + elsewhereRecords.flatMap(\.values.artifacts.values)
    for reference in references where held[reference.digest] == nil {
      let isHere =
        reference.role == .kept && (try? index.snapshot.artifact(reference.digest)) != nil
      held[reference.digest] = (reference, isHere)
    }
    let kept = held.values.filter { $0.reference.role == .kept }
    let remade = held.values.filter { $0.reference.role == .remade }
    let missing = kept.count { !$0.isHere }
    var items: [[Inline]] = [
      [
        .text(
          "Data: \(Words.plural(kept.count, "kept artifact")) (scores, transcripts, tables), \(NumberText.size(kept.map(\.reference.size).reduce(0, +)))"
            + (missing == 0 ? ", all held." : ", of which \(missing) are not held here.")
            + " Training data is generated from the seed by the recorded procedures.")
      ]
    ]
    if study.runs.isEmpty {
      items[0] = [
        .text(
          "Data: \(Words.plural(kept.count, "kept artifact")), \(NumberText.size(kept.map(\.reference.size).reduce(0, +)))"
            + (missing == 0 ? ", all held." : ", of which \(missing) are not held here."))
      ]
    }
    if !remade.isEmpty {
      items.append([
        .text(
          "\(Words.plural(remade.count, "artifact")) (checkpoints, directions), \(NumberText.size(remade.map(\.reference.size).reduce(0, +))), recorded by digest: a rerun makes them again."
        )
      ])
    }
    let builds = Set(
      study.runs.compactMap { run -> JSON.Text? in
        run.record.circumstances["dormouse"]?.string.map { version in
          let binary = run.record.circumstances["binary"]?.string
          return JSON.Text(version + (binary.map { ", binary SHA-256 \($0)" } ?? ""))
        }
      })
    for build in builds.sorted() {
      items.append([.text("Code: dormouse "), .text(build.value)])
    }
    items.append([
      .text("Every record and artifact in one folder, which "), .code("dormouse import"),
      .text(" reads: "), .code("dormouse export \(study.slug) --to archive"),
    ])
    return [.heading(2, "Data and code"), .list(items)]
  }

  // MARK: Settings

  var settings: [Block] {
    var blocks: [Block] = [.heading(2, "Settings")]
    guard !evidence.isEmpty else { return blocks + settingsElsewhere }
    var table = Table(
      caption: "Every option of every stage",
      columns: [.init("Stage"), .init("Procedure"), .init("Options")])
    for section in ["model", "organism"] {
      let facts = Circumstances(object: study.document[section]?.object ?? JSON.Object()).settings
      guard !facts.isEmpty else { continue }
      table.append(
        Table.Row([
          [.text(section)], [.text(NumberText.missing)],
          [.text(facts.map { "\($0.key) \($0.value)" }.joined(separator: ", "))],
        ]))
    }
    for stage in StageSettings.of(evidence) {
      table.append(
        Table.Row([
          [.text(stage.name)], [.code(stage.procedure)], [.text(stage.text)],
        ]))
    }
    blocks.append(.table(table))
    var items: [[Inline]] = varied.map { path, values in
      [.text("Varied: "), .code(path), .text(" over \(values.joined(separator: ", "))")]
    }
    items.append([.text("Arms: \(study.arms.joined(separator: ", "))")])
    for phase in [SeedPhase.development, .confirmatory] {
      let seeds = seeds(phase)
      guard !seeds.isEmpty else { continue }
      items.append([
        .text(
          "\(Words.capitalised(Words.phase(phase))): \(Self.text(seeds))"
            + (phase == .development ? ", on which settings were chosen" : ", opened by the freeze")
        )
      ])
    }
    blocks.append(.list(items))
    return blocks + settingsElsewhere
  }

  /// What the owners of registered runs told of their settings.
  private var settingsElsewhere: [Block] {
    let configs = elsewhereRecords.map(\.config).filter { !$0.isEmpty }
    let settings = StageSettings.values(configs).prefix(Self.mostRows)
    guard !settings.isEmpty else { return [] }
    var table = Table(
      caption: "Settings of the runs from elsewhere", columns: [.init("Setting"), .init("Values")])
    for setting in settings {
      let shown = setting.values.prefix(8).map { Self.cut($0) }.joined(separator: " / ")
      let rest = setting.values.count - 8
      table.append(
        Table.Row([
          [.code(setting.key)], [.text(shown + (rest > 0 ? " and \(rest) more" : ""))],
        ]))
    }
    return [.paragraph(["Of the runs from elsewhere, as their owners told them:"]), .table(table)]
  }

  /// One value may be a list of a million.
  private static func cut(_ text: String) -> String {
    text.utf8.count > 200 ? String(text.unicodeScalars.prefix(200)) + "…" : text
  }

  /// Their ids; a page has all that was handed in.
  var elsewhere: [Block] {
    guard !study.registered.isEmpty else { return [] }
    var table = Table(
      caption: "Runs from elsewhere",
      columns: [
        .init("Run"), .init("Name"), .init("State"), .init("Finished"), .init("Last comparison"),
        .init("Metrics", numeric: true),
      ])
    for run in study.registered.prefix(Self.mostRows) {
      table.append(
        Table.Row([
          [links.reference(to: run.id)], [.text(run.title)],
          [Words.badge(run.outline.state)], [.text(run.finished ?? NumberText.missing)],
          [Words.badge(registered: run.verdict)], [.text(NumberText.count(run.metrics.count))],
        ]))
    }
    let rest = study.registered.count - Self.mostRows
    return [.heading(2, "Runs from elsewhere"), .table(table)]
      + (rest > 0
        ? [.paragraph([.text("\(NumberText.count(rest)) more are in the registry.")])] : [])
  }

  private static let mostRows = 300

  // MARK: Statistics

  var statistics: [Block] {
    let judged = current.filter { !($0.assessment?.estimates ?? []).isEmpty }
    guard !judged.isEmpty else { return [] }
    var methods: [(method: String, ids: [String])] = []
    for row in judged {
      for method in Set(row.assessment?.estimates.map(\.method) ?? []).sorted() {
        if let at = methods.firstIndex(where: { $0.method.utf8.elementsEqual(method.utf8) }) {
          methods[at].ids.append(row.id)
        } else {
          methods.append((method: method, ids: [row.id]))
        }
      }
    }
    let sizes = Set(judged.compactMap(\.estimate?.n)).sorted().map(String.init)
    let primary = current.count(where: \.isPrimary)
    return [
      .heading(2, "Statistics"),
      .list(
        [
          [
            .text(
              "The unit is the seed, n = \(sizes.joined(separator: ", ")); prompts of one seed share its luck. Intervals are at 95%."
            )
          ]
        ]
          + methods.map {
            [.text("\(Words.capitalised($0.method)): \($0.ids.joined(separator: ", "))")]
          }
          + [
            [
              .text(
                "A claim is supported if its whole interval satisfies it, refuted if none of it does; an interval without width supports nothing."
              )
            ],
            [
              .text(
                "p is one minus the highest level whose interval lies wholly within the claim. Corrected: Holm over \(Words.plural(primary, "primary prediction")), Benjamini–Hochberg over the other \(current.count - primary)."
              )
            ],
          ]),
    ]
  }

  // MARK: Compute

  var compute: [Block] {
    let found = StudyCompute(completed)
    guard found.results > 0 else { return [] }
    var items: [[Inline]] = found.facts.map { fact in
      [.text("\(fact.key): \(fact.values.joined(separator: "; "))")]
    }
    items.append([.text("machines, told apart by a digest: \(found.machines)")])
    let again = completed.flatMap(\.reruns).compactMap {
      Circumstances(object: $0.circumstances).seconds
    }
    if !again.isEmpty {
      items.append([.text("reruns: \(NumberText.duration(again.reduce(0, +))) besides")])
    }
    return [
      .heading(2, "Compute"),
      .paragraph([
        .text(
          "\(NumberText.duration(found.seconds)) of stage time; a result that several runs share counts once."
        )
      ]),
      .table(found.table("Time by procedure")), .list(items),
    ]
  }
}

/// The options of a stage over a study's runs.
struct StageSettings {
  let name: String
  let procedure: String
  /// By dotted key, without what belongs to the organism, the model or the arm; every value that occurs.
  let options: [(key: String, values: [String])]

  var text: String {
    options.map { "\($0.key) \($0.values.joined(separator: " / "))" }.joined(separator: ", ")
  }

  /// In the order of the runs' stages.
  static func of(_ runs: [RunView]) -> [StageSettings] {
    var order: [JSON.Text] = []
    var records: [JSON.Text: [Digest: StageRecord]] = [:]
    for stage in runs.flatMap(\.stages) {
      guard let record = stage.record else { continue }
      let name = JSON.Text(stage.name)
      if records[name] == nil { order.append(name) }
      records[name, default: [:]][record.key] = record
    }
    return order.map { name in
      let steps = (records[name] ?? [:]).values.map(\.step)
      let options = steps.map { step in
        var options = step.options
        for section in ["organism", "model", "arm"] { options[section] = nil }
        return options
      }
      return StageSettings(
        name: name.value,
        procedure: Set(steps.map { "\($0.kind)@\($0.version)" }).sorted().joined(separator: ", "),
        options: values(options))
    }
  }

  /// Leaves by dotted key with every value that occurs, sorted.
  static func values(_ objects: [JSON.Object]) -> [(key: String, values: [String])] {
    var values: [JSON.Text: Set<JSON.Text>] = [:]
    for setting in objects.flatMap({ Circumstances(object: $0).settings }) {
      values[JSON.Text(setting.key), default: []].insert(JSON.Text(setting.value))
    }
    return values.sorted { $0.key < $1.key }.map { key, values in
      (key: key.value, values: values.sorted().map(\.value))
    }
  }
}
