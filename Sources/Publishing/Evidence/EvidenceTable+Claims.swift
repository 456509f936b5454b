import Determinism
import Records
import Rendering
import Statistics
import Studies

extension EvidenceTable {
  var claims: [Block] {
    guard !rows.isEmpty else { return [] }
    var table = Table(
      caption: "Every prediction, whatever came of it",
      columns: [
        .init("Prediction"), .init("Claim"), .init("Estimate [95% interval]"),
        .init("n", numeric: true), .init("Result"), .init("p", numeric: true),
        .init("Corrected p", numeric: true), .init("Forecast", numeric: true), .init("Runs"),
      ])
    for row in rows {
      let significance = row.isEarlierVersion ? nil : corrections[JSON.Text(row.id)]
      var words: [Inline] = [.text(row.statement)]
      if row.isPrimary { words.append(.text(" (primary)")) }
      if row.isEarlierVersion { words.append(.text(" (earlier wording)")) }
      let count = row.assessment?.runs.count ?? 0
      let behind: [Inline] =
        count == 0
        ? [.text(NumberText.missing)]
        : [
          .link(
            [.text(Words.plural(count, "run"))],
            to: .anchor(
              Link.anchorName(row.id + (row.isEarlierVersion ? " (earlier wording)" : "")))
          )
        ]
      table.append(
        Table.Row([
          words, [.code(row.claimText)], [.text(row.estimateText)],
          [.text(row.estimate.map { NumberText.count($0.n) } ?? NumberText.missing)],
          [Words.badge(row.result)], [.text(Self.probability(significance?.p))],
          [.text(Self.probability(significance?.adjusted))],
          [.text(row.forecast.map { NumberText.fixed($0, 2) } ?? NumberText.missing)], behind,
        ]))
    }
    var blocks: [Block] = [
      .heading(2, "Claims"), .paragraph([.text(PredictionsBoard.counts(current) + ".")]),
    ]
    blocks.append(.table(table))
    blocks += freezing
    let published = rows.filter { $0.paper != nil }
    if !published.isEmpty {
      blocks.append(.paragraph(["What was published elsewhere, for other models:"]))
      blocks.append(
        .list(
          published.map { row in
            [
              .text(
                "\(row.id): \(NumberText.plain(row.paper ?? .nan))"
                  + (row.paperSource.map { " (\($0))" } ?? ""))
            ]
          }))
    }
    return blocks
  }

  private var freezing: [Block] {
    guard let freeze = study.freezes.last else {
      return [
        .paragraph(["Not frozen: nothing says that the predictions were written before the runs."])
      ]
    }
    let seen = current.count { $0.prediction["seen_in_pilot"]?.bool == true }
    var words =
      "Frozen with \(Words.plural(freeze.runsBefore, "run")) of the study already made, by \(freeze.codeVersion), at ledger head "
    if !isFrozen { words = "The study file has changed since it was frozen. " + words }
    return [
      .paragraph(
        [.text(words), .code(freeze.ledgerHead.hex), "."]
          + (seen == 0
            ? []
            : [
              .text(
                " Of \(Words.plural(current.count, "prediction")), \(seen) had been seen in a pilot before."
              )
            ]))
    ]
  }

  static func probability(_ p: Double?) -> String {
    guard let p, p.isFinite else { return NumberText.missing }
    return p < 0.001 ? "< 0.001" : NumberText.fixed(p, 3)
  }

  // MARK: Limits

  var limits: [Block] {
    var items: [[Inline]] = []
    func say(_ text: String) { items.append([.text(text)]) }
    for (result, words) in [
      (ClaimResult.refuted, "Refuted"), (.inconclusive, "Inconclusive"), (.notTested, "Not tested"),
    ] {
      let ids = current.filter { $0.result == result }.map(\.id)
      if !ids.isEmpty { say("\(words): \(ids.joined(separator: ", ")).") }
    }
    let fallen = current.filter { row in
      row.result == .supported && (corrections[JSON.Text(row.id)]?.adjusted ?? .nan) > 0.05
    }
    if !fallen.isEmpty {
      say(
        "Supported alone, and not at 0.05 once corrected for the number of claims: \(fallen.map(\.id).joined(separator: ", "))."
      )
    }
    let (confirmatory, development) = (seeds(.confirmatory), seeds(.development))
    if !confirmatory.isEmpty {
      say(
        "\(Words.plural(confirmatory.count, "confirmatory seed"))"
          + (development.isEmpty
            ? "."
            : "; \(Words.plural(development.count, "development seed")) chose the settings and count for nothing.")
      )
    } else if !development.isEmpty {
      say("Development seeds only: settings were chosen on the seeds that the numbers come from.")
    }
    for (path, values) in varied {
      say("Varied: \(path) over \(values.joined(separator: ", ")).")
    }
    let fixed = fixedSections
    if !fixed.isEmpty { say("At one value only: \(fixed.joined(separator: "; ")).") }
    let open = study.runs.filter { !$0.isCompleted }
    if !open.isEmpty {
      let states = RunState.allCases.compactMap { state -> String? in
        let n = open.count { $0.state == state }
        return n == 0 ? nil : "\(n) \(state.rawValue)"
      }
      say(
        "Not completed, and in no estimate: \(Words.plural(open.count, "run")) (\(states.joined(separator: ", ")))."
      )
    }
    if !study.registered.isEmpty {
      say(
        "\(RegisteredRuns.count(study.registered)), as the owners told it: nothing of that was performed or checked here."
      )
    }
    let blocks: [Block] =
      items.isEmpty
      ? [.paragraph(["No claim is recorded, so the records limit none."])]
      : [.paragraph(["As the records show them:"]), .list(items)]
    return [.heading(2, "Limitations")] + blocks + NarrativeSection.limits(of: study, index)
  }

  /// What the runs' points set, with every value.
  var varied: [(path: String, values: [String])] {
    var values: [JSON.Text: Set<JSON.Text>] = [:]
    for run in evidence {
      for member in run.record.run.point.members {
        values[member.key, default: []].insert(JSON.Text(Words.value(member.value)))
      }
    }
    return values.sorted { $0.key < $1.key }.map { path, values in
      (path: path.value, values: values.sorted().map(\.value))
    }
  }

  private var fixedSections: [String] {
    let points = Set(varied.map(\.path))
    return ["model", "organism"].compactMap { section in
      let facts = Circumstances(object: JSON.Object([(section, study.document[section] ?? .null)]))
        .settings.filter { $0.value != "null" && !points.contains($0.key) }
      return facts.isEmpty
        ? nil : facts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
  }
}
