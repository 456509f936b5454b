import Determinism
import Studies
import Testing

struct DetectionPlanTests {
  @Test(arguments: [
    ("a*.txt", "ab.txt", true), ("a*.txt", "a.txt", true), ("a*.txt", "a/b.txt", false),
    ("a?c", "abc", true), ("a?c", "ac", false), ("*", "", true), ("**b*", "aab", true),
    ("blocks.*.post", "blocks.3.hook.post", true), ("a", "a\u{301}", false),
    (String(repeating: "*a", count: 40), String(repeating: "a", count: 200) + "b", false),
  ])
  func `a pattern stands for names, on bytes`(pattern: String, name: String, isMatch: Bool) {
    #expect((NamePattern(pattern).match(name) != nil) == isMatch, "\(pattern) \(name)")
  }

  @Test(
    arguments: [
      ("blocks.{layer}.post", "blocks.12.post", 12), ("L{layer}", "L0", 0), ("L{layer}", "L", nil),
      ("x-{layer}-*.st", "x-7-003.st", 7), ("*{layer}.st", "part12.st", 12),
      ("L{layer}", "L1234567", nil), ("L{layer}", "L-1", nil),
    ] as [(String, String, Int?)])
  func `a pattern says the layer, whole numbers only`(pattern: String, name: String, layer: Int?) {
    #expect(NamePattern(pattern).match(name)?.layer == layer, "\(pattern) \(name)")
  }

  private func plan() -> DetectionPlan {
    var settings = DetectionPlan.Settings(detectors: ["lda", "pca"])
    settings.primaryLayer = 3
    settings.shrinkage = 0.05
    return DetectionPlan(
      slug: "s", name: "n", tags: ["t"], notes: "", arm: "decoy", seed: 4, examples: "e.csv",
      sources: [
        .init(
          position: "last", pattern: "a-*.safetensors", tensor: "x.{layer}", layer: nil,
          layout: .layersByExamples, firstLayer: 1, files: ["a-0.safetensors", "a-1.safetensors"]),
        .init(
          position: "end", pattern: "b", tensor: nil, layer: 6, layout: nil, firstLayer: 0,
          files: ["b"]),
      ], settings: settings,
      contents: Dictionary(
        uniqueKeysWithValues: ["e.csv", "a-0.safetensors", "a-1.safetensors", "b"].map {
          ($0, .init(digest: Digest(of: Array($0.utf8)), size: $0.utf8.count))
        }))
  }

  private func read(_ config: JSON.Object) throws -> DetectionPlan {
    try DetectionPlan(config: config, slug: "s", name: "n", tags: ["t"], notes: "")
  }

  @Test func `a plan comes back from its config`() throws {
    #expect(try read(plan().config) == plan())
    var old = plan()
    old.settings.prevalence = nil
    #expect(try read(old.config) == old && old.config["prevalence"] == nil)
    #expect(DetectionPlan.isDetection(plan().config))
    #expect(!DetectionPlan.isDetection(JSON.Object([("procedure", "other@1")])))
  }

  @Test(
    arguments: [
      ("procedure", "detect@2", "needs detect@2, this binary has detect@1"),
      ("procedure", 3, "needs nothing"), ("activations", [], "names no activations"),
      ("activations", [["position": "a"]], "files"), ("examples", .null, "file name"),
      ("random_directions", -1, "out of bounds"), ("ridge", 0, "out of bounds"),
      ("shrinkage", "x", "shrinkage"), ("seed", 1.5, "seed"), ("prevalence", 1, "out of bounds"),
      ("prevalence", 0, "out of bounds"), ("prevalence", "x", "prevalence"),
      (
        "examples",
        ["file": "../e.csv", "size": 1, "sha256": JSON(String(repeating: "0", count: 64))],
        "outside"
      ),
      (
        "examples",
        ["file": "/etc/passwd", "size": 1, "sha256": JSON(String(repeating: "0", count: 64))],
        "outside"
      ),
    ] as [(String, JSON, String)])
  func `a config that we did not write is refused`(key: String, value: JSON, message: String) {
    var config = plan().config
    config[key] = value
    #expect { try read(config) } throws: { "\($0)".contains(message) }
  }
}
