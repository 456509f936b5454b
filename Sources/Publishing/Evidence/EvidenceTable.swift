import Determinism
import Records
import Rendering
import Statistics
import Studies

/// A study's records under the questions of the NeurIPS paper checklist.
///
/// An answer is `Yes`, `Partly` or `No` by a rule that stands beside it; what no record can tell is left to the
/// authors, in so many words.
struct EvidenceTable {
  let index: SiteIndex
  let study: StudyView
  let links: RunLinks
  /// The whole of the study's runs that were done elsewhere.
  let elsewhereRecords: [RegisteredRunRecord]
  let rows: [PredictionRow]
  /// Without earlier wordings.
  let current: [PredictionRow]
  /// Of the predictions that were judged, by id; empty where they cannot be judged again from what is here.
  let corrections: [JSON.Text: Assessor.Significance]
  let completed: [RunView]
  /// One for each point, arm and seed.
  let evidence: [RunView]

  /// - Throws: `RegistryError` when the record of a registered run cannot be read.
  init(index: SiteIndex, study: StudyView, links: RunLinks) throws {
    elsewhereRecords = try study.registered.map { try index.snapshot.record(of: $0.outline) }
    self.index = index
    self.study = study
    self.links = links
    rows = PredictionRow.rows(of: study)
    current = rows.filter { !$0.isEarlierVersion }
    completed = study.runs.filter(\.isCompleted)
    evidence = study.evidence
    let judged = current.compactMap(\.assessment).filter { $0.result != .notTested }
    let found = index.significance(of: judged, in: study)
    corrections = Dictionary(
      found.map { (JSON.Text($0.predictionID), $0) }, uniquingKeysWith: { first, _ in first })
  }

  enum Answer: String {
    case yes = "Yes"
    case partly = "Partly"
    case no = "No"
    case authors = "For the authors"
  }

  /// A question of the checklist, answered.
  struct Item {
    let number: Int
    let question: String
    let answer: Answer
    let why: String
    /// The heading below that has the numbers; empty where there is none.
    var section = ""
  }

  func blocks() -> [Block] {
    var blocks: [Block] = []
    if !study.question.isEmpty { blocks.append(.lead([.text(study.question)])) }
    blocks.append(
      .paragraph([
        .text("What the records of the study "), .code(study.slug),
        .text(
          " say to the questions of the NeurIPS paper checklist, each answer by a rule that can come out otherwise. Every number comes from a record; a claim's stands with its interval, its n and, at the end, the ids of the runs behind it. Whether a paper claims no more than this only its authors can say."
        ),
      ]))
    blocks.append(.table(summary))
    blocks += claims + limits + reproducibility + access + settings + statistics + compute
    blocks += runsBehind + elsewhere
    return blocks
  }

  private var summary: Table {
    var table = Table(
      caption: "The checklist",
      columns: [
        .init("", numeric: true), .init("Question"), .init("The records say"), .init("Because"),
      ])
    for item in items {
      let question: Inline =
        item.section.isEmpty
        ? .text(item.question)
        : .link([.text(item.question)], to: .anchor(Link.anchorName(item.section)))
      table.append(
        Table.Row([
          [.text(String(item.number))], [question],
          [
            item.answer == .authors
              ? .text(item.answer.rawValue) : .strong([.text(item.answer.rawValue)])
          ],
          [.text(item.why)],
        ]))
    }
    return table
  }

  // MARK: What is looked at

  var isFrozen: Bool {
    study.freezes.contains { $0.covers(slug: study.slug, study: study.document) }
  }

  func seeds(_ phase: SeedPhase) -> [UInt64] {
    Set(evidence.filter { $0.phase == phase }.map(\.seed)).sorted()
  }

  /// `1000–1009`, or single ones where they do not follow each other.
  static func text(_ seeds: [UInt64]) -> String {
    var parts: [String] = []
    var rest = seeds[...]
    while let first = rest.first {
      var last = first
      rest = rest.dropFirst()
      while let next = rest.first, next == last + 1 {
        last = next
        rest = rest.dropFirst()
      }
      parts.append(first == last ? "\(first)" : "\(first)–\(last)")
    }
    return parts.joined(separator: ", ")
  }

  // MARK: Where numbers come from

  /// For each claim its value by seed and the runs that it was judged over.
  private var runsBehind: [Block] {
    let judged = rows.filter { !($0.assessment?.runs ?? []).isEmpty }
    guard !judged.isEmpty else { return [] }
    let runs = Dictionary(
      index.runs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var blocks: [Block] = [
      .heading(2, "Runs behind the claims"),
      .paragraph([
        .text("By seed: the claim's own statistic and the ids of its runs; "),
        .code("dormouse show ID"),
        .text(" prints a run, "), .code("dormouse rerun ID"), .text(" performs it again."),
      ]),
    ]
    for row in judged {
      guard let assessment = row.assessment else { continue }
      blocks.append(.heading(3, row.id + (row.isEarlierVersion ? " (earlier wording)" : "")))
      blocks.append(
        .paragraph([
          .text("Per seed, of "), .code(row.claimText),
          .text(assessment.estimates.count > 1 ? ", the first condition:" : ":"),
        ]))
      var table = Table(
        caption: row.id,
        columns: [
          .init("Seed", numeric: true), .init("Value", numeric: true), .init("Runs"),
          .init("Last rerun"),
        ])
      var seen: Set<UInt64> = []
      for (position, seed) in assessment.seeds.enumerated() where seen.insert(seed).inserted {
        let own = assessment.runs.compactMap { runs[$0] }.filter { $0.seed == seed }
        let value =
          assessment.perSeed.indices.contains(position) ? assessment.perSeed[position] : nil
        let verdicts = own.map { $0.lastVerdict?.rawValue ?? "NEVER-RERUN" }
        table.append(
          Table.Row([
            [.text(String(seed))], MetricTables.cell(value),
            Self.separated(
              own.map { run in
                (own.count > 1 ? [.text(run.arm + " ")] : []) + [links.reference(to: run.id)]
              }),
            [.text(Set(verdicts).count == 1 ? verdicts[0] : verdicts.joined(separator: ", "))],
          ]))
      }
      blocks.append(.table(table))
    }
    return blocks
  }

  static func separated(_ items: [[Inline]]) -> [Inline] {
    Array(items.joined(separator: [.text(", ")]))
  }
}
