import Determinism
import Foundation
import Statistics
import Studies
import Testing
import Transformers

@testable import Experiments

struct DetectionRunTests {
  private typealias Tensor = (name: String, shape: [Int], values: ArraySlice<Float>)

  private final class Folder {
    let path = "/tmp/dormouse-detection-\(UUID().uuidString)"
    init() {
      try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func write(_ tensors: [Tensor], _ name: String) {
      try! Data(Safetensors.bytes(of: tensors)).write(to: URL(filePath: "\(path)/\(name)"))
    }
  }

  private let folder = Folder()
  private let count = 40

  private var table: ExampleTable {
    ExampleTable(
      rows: (0..<count).map { index in
        switch index {
        case ..<12:
          .init(role: .fit, label: index % 2 == 0, pair: "p\(index / 2)", tokens: Double(index))
        case ..<20: .init(role: .calibrate, trigger: false, defected: false, tokens: 3)
        default:
          .init(
            role: .test, dataset: index % 3 == 0 ? "a" : "b", trigger: index % 2 == 0,
            defected: index % 4 == 0, tokens: Double(index % 7), group: "g\(index % 5)",
            text: "word\(index % 3)")
        }
      })
  }

  /// [examples, layers, width] as [layer][example][width].
  private func values(layers: Int = 3, width: Int = 4) -> [[[Float]]] {
    var stream = RandomStream(seed: 6, "activations")
    return (0..<layers).map { layer in
      table.rows.map { row in
        let shift = (row.label ?? row.defected ?? false) ? Double(layer) : 0
        return (0..<width).map { Float(stream.normal() + ($0 == 1 ? shift : 0)) }
      }
    }
  }

  private func source(
    _ files: [String], pattern: String = "*", position: String = "last", tensor: String? = nil,
    layer: Int? = nil, layout: DetectionPlan.Layout? = nil, first: Int = 0
  ) -> DetectionPlan.Source {
    .init(
      position: position, pattern: pattern, tensor: tensor, layer: layer, layout: layout,
      firstLayer: first, files: files)
  }

  private func run(
    _ sources: [DetectionPlan.Source], table: ExampleTable? = nil,
    _ change: (inout DetectionPlan.Settings) -> Void = { _ in }
  ) throws -> DetectionRun {
    var settings = DetectionPlan.Settings(detectors: ["mean-difference", "pca", "supervised"])
    settings.randomDirections = 20
    settings.bootstrap = 50
    change(&settings)
    return try DetectionRun(
      DetectionPlan(
        slug: "s", name: "", tags: [], notes: "", arm: "model", seed: 0, examples: "e.csv",
        sources: sources, settings: settings),
      table: table ?? self.table, tableBytes: [1, 2, 3], folder: folder.path)
  }

  private func perform(_ run: DetectionRun) throws -> DetectionRun.Outcome {
    try run.perform(threads: 1, seconds: { 0 })
  }

  private func flat(_ layer: [[Float]], _ rows: Range<Int>? = nil) -> ArraySlice<Float> {
    layer[rows ?? 0..<layer.count].flatMap { $0 }[...]
  }

  @Test func `however the activations are laid out, the values are the same to the bit`() throws {
    let values = values()
    folder.write(
      (0..<3).map { ("L\($0)", [40, 4], flat(values[$0])) }, "plain.safetensors")
    // Shards cut where roles are not.
    for (shard, rows) in [0..<7, 7..<31, 31..<40].enumerated() {
      folder.write(
        [("blocks.0.hook_resid_pre", [rows.count, 4], flat(values[0], rows))]
          + (1..<3).map {
            ("blocks.\($0 - 1).hook_resid_post", [rows.count, 4], flat(values[$0], rows))
          }, "shard-\(shard).safetensors")
      folder.write(
        [("h", [3, rows.count, 4], values.flatMap { flat($0, rows) }[...])],
        "layers-\(shard).safetensors")
      folder.write(
        [
          (
            "h", [rows.count, 3, 4],
            rows.flatMap { row in values.flatMap { $0[row] } }[...]
          )
        ], "examples-\(shard).safetensors")
    }
    for layer in 0..<3 {
      folder.write([("anything", [40, 4], flat(values[layer]))], "at-\(layer).safetensors")
    }
    func shards(_ name: String) -> [String] { (0..<3).map { "\(name)-\($0).safetensors" } }
    let reference = try perform(try run([source(["plain.safetensors"])]))
    #expect(reference.primary == ("last", 1))
    for sources in [
      [source(shards("shard"))], [source(shards("layers"))],
      [source(shards("examples"), layout: .examplesByLayers)],
      [source(shards("at"), pattern: "at-{layer}.safetensors")],
      (0..<3).map { source([shards("at")[$0]], layer: $0) },
    ] {
      let other = try perform(try run(sources))
      #expect(other.values.digest == reference.values.digest, "\(sources[0].pattern)")
    }
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "sound"
    } catch let problem as DetectionProblem {
      return "\(problem) | \(problem.hint)"
    } catch { return "other: \(error)" }
  }

  private func problem(
    _ tensors: [Tensor], _ change: (inout DetectionPlan.Settings) -> Void = { _ in },
    table: ExampleTable? = nil, tensor: String? = nil, layer: Int? = nil
  ) -> String {
    folder.write(tensors, "x.safetensors")
    return message {
      _ = try perform(
        try run([source(["x.safetensors"], tensor: tensor, layer: layer)], table: table, change))
    }
  }

  private func zeros(_ shape: [Int], _ name: String = "L0") -> Tensor {
    (name, shape, Array(repeating: 0, count: shape.reduce(1, *))[...])
  }

  @Test func `tensors that cannot be what they should be are named, with what to do`() throws {
    for (tensors, expected) in [
      ([], "no tensor is known to hold a residual stream; x.safetensors has none"),
      (
        [zeros([40, 4], "w")], "no tensor is known to hold a residual stream; x.safetensors has 'w'"
      ),
      ([zeros([39, 4])], "L0 has 39 examples in 1 tensor, e.csv has 40 rows | a row of the table"),
      ([zeros([40, 0])], "L0 has no features"), ([zeros([40])], "has the shape [40]"),
      ([zeros([40, 5, 4])], "choose one position of each example when dumping"),
      ([zeros([40, 40, 2], "h")], "cannot be told apart | layout: examples-layers"),
      ([zeros([7, 5, 2], "h")], "of which no axis has the 40 rows of e.csv"),
      (
        [zeros([40, 4], "L1"), zeros([40, 4], "hidden_states.1")],
        "two tensors are layer L1 | say which"
      ),
      ([zeros([40, 4], "a\u{1B}]0;\u{7}")], "'a\\u{1b}]0;\\u{7}'"),
    ] as [([Tensor], String)] {
      let found = problem(tensors)
      #expect(found.contains(expected), "\(found)")
    }
    #expect(
      problem([zeros([40, 4])], tensor: "M{layer}").contains(
        "no tensor is named 'M{layer}'; it has 'L0'"))
    #expect(problem([zeros([40, 4], "x")], tensor: "x").contains("does not say which layer it is"))
    #expect(
      problem([zeros([40, 4], "x"), zeros([40, 4], "y")], layer: 2)
        .contains("2 tensors where one is expected"))
    #expect(
      problem([zeros([40, 4])], { $0.primaryLayer = 9 }).contains(
        "L9 is not among the activations | layers: 0"))
  }

  @Test func `a value that is not finite is an error with its place`() {
    for (value, word) in [(Float.nan, "NaN"), (.infinity, "infinite")] {
      var values = flat(self.values()[0])
      values[4 * 25 + 2] = value
      let found = problem([("L0", [40, 4], values)])
      #expect(
        found.contains("x.safetensors: tensor 'L0': feature 2 of example 25 (layer L0) is \(word)"),
        "\(found)")
    }
  }

  @Test func `a table without outcomes, or with one class, is refused`() {
    let tensor: Tensor = ("L0", [40, 4], flat(values()[0]))
    let silent = ExampleTable(
      rows: table.rows.map { .init(role: $0.role, label: $0.label, pair: $0.pair) })
    #expect(
      problem([tensor], table: silent).contains("no row of role test says whether it is positive"))
    let single = ExampleTable(
      rows: table.rows.map { .init(role: $0.role, label: $0.label, pair: $0.pair, defected: false) }
    )
    #expect(
      problem([tensor], table: single).contains("0 positive and 20 negative examples of role test"))
  }

  @Test func `what cannot be checked is listed, each with its reason`() throws {
    folder.write([("L1", [40, 4], flat(values()[1]))], "x.safetensors")
    let bare = ExampleTable(
      rows: table.rows.map {
        .init(role: $0.role, label: $0.label, pair: $0.pair, defected: $0.defected)
      })
    let outcome = try perform(try run([source(["x.safetensors"])], table: bare))
    #expect(
      outcome.notChecked.map { "\($0.what): \($0.why)" } == [
        "0.1% false positives: 8 different controls of role calibrate that are not tested, 10000 are needed",
        "ece and log-score: no rows of role fit outside the contrast (no pair_id, no label) with both outcomes",
        "supervised: no rows of role fit outside the contrast (no pair_id, no label) with both outcomes",
        "length: no column n_tokens", "lexical: no column text",
        "triggered but benign: no column trigger", "worst data set: no column dataset",
        "worst group: no column group", "embedding layer: L0 is not among the activations",
        "1% false positives: 8 controls of role calibrate cannot show 1%: the threshold is their maximum",
      ])
    let full = try perform(
      try run([source(["x.safetensors"])]) { $0.detectors = ["mean-difference"] })
    #expect(!full.notChecked.contains { $0.what == "length" || $0.what.hasPrefix("worst") })
    #expect(
      full.values.scalars["mean-difference/last/primary/triggered-benign/fpr-realised"] != nil)
    #expect(full.values.scalars["length/last/all/test/auroc"] != nil)
  }

  /// The table with more rows to fit on, of both outcomes, and more controls.
  private func told(controls: Int = 10) -> ExampleTable {
    ExampleTable(
      rows: table.rows + (0..<16).map { .init(role: .fit, defected: $0 % 2 == 0) }
        + (0..<controls).map { _ in .init(role: .calibrate, defected: false) })
  }

  private func activations(of table: ExampleTable, width: Int = 4) -> [[Float]] {
    var stream = RandomStream(seed: 8, "told")
    return table.rows.map { row in
      let shift = (row.label ?? row.defected ?? false) ? 1.0 : 0
      return (0..<width).map { Float(stream.normal() + ($0 == 1 ? shift : 0)) }
    }
  }

  @Test func `probabilities are fitted to rows that neither the test nor the detector has seen`()
    throws
  {
    let table = told()
    let names = ["mean-difference", "nearest-neighbour", "supervised"]
    func outcome(_ values: [[Float]], prevalence: Double?) throws -> DetectionRun.Outcome {
      folder.write([("L0", [table.rows.count, 4], flat(values))], "x.safetensors")
      return try perform(
        try run([source(["x.safetensors"])], table: table) {
          $0.detectors = names
          $0.prevalence = prevalence
        })
    }
    let values = activations(of: table)
    let found = try outcome(values, prevalence: 0.01)
    for name in names.prefix(2) {
      let stem = "\(name)/last/primary/test/"
      #expect((0...1).contains(try #require(found.values.scalars[stem + "ece"])))
      #expect(try #require(found.values.scalars[stem + "log-score"]) > 0)
    }
    #expect(
      found.notChecked.first { $0.what == "ece and log-score of supervised" }?.why
        == "it was fitted to the rows that they need")
    // An old plan has none, and everything else as it was.
    let old = try outcome(values, prevalence: nil)
    let added = found.values.scalars.filter { old.values.scalars[$0.key] == nil }.keys.sorted()
    #expect(
      added
        == names.prefix(2).flatMap { name in
          ["ece", "log-score"].map { "\(name)/last/primary/test/\($0)" }
        })
    #expect(old.values.scalars.allSatisfy { found.values.scalars[$0.key] == $0.value })
    #expect(!old.notChecked.contains { $0.what.contains("ece") || $0.what.contains("0.1%") })
    // Another prevalence is another score, and no other error.
    let even = try outcome(values, prevalence: 0.5)
    let stem = "mean-difference/last/primary/test/"
    #expect(even.values.scalars[stem + "ece"] == found.values.scalars[stem + "ece"])
    #expect(
      even.values.scalars[stem + "log-score"]! > found.values.scalars[stem + "log-score"]!)
    // Scores that are all the same say the share of positives.
    let level = try outcome(values.map { _ in [1, 1, 1, 1] }, prevalence: 0.5)
    #expect(
      (try #require(level.values.scalars[stem + "log-score"]) - Elementary.log(2)).magnitude < 1e-9)
    #expect(try #require(level.values.scalars[stem + "ece"]) < 0.26)
  }

  @Test func `a false positive in a thousand takes ten thousand different controls`() throws {
    let table = told(controls: 10_000)
    var values = activations(of: table)
    func outcome() throws -> (value: Double?, why: String?) {
      folder.write([("L0", [table.rows.count, 4], flat(values))], "x.safetensors")
      let outcome = try perform(
        try run([source(["x.safetensors"])], table: table) {
          $0.detectors = ["mean-difference"]
          $0.bootstrap = 0
          $0.randomDirections = 0
        })
      return (
        outcome.values.scalars["mean-difference/last/primary/test/tpr-at-0.1pct"],
        outcome.notChecked.first { $0.what == "0.1% false positives" }?.why
      )
    }
    #expect(try outcome().value != nil && outcome().why == nil)
    // Eight controls stand before the ten thousand: nine of them like a test row or like one another.
    let last = table.rows.count - 1
    for index in 0..<5 { values[last - index] = values[25 + index] }
    for index in 5..<9 { values[last - index] = values[last - 100] }
    let found = try outcome()
    #expect(found.value == nil)
    #expect(
      found.why
        == "9999 different controls of role calibrate that are not tested, 10000 are needed")
  }

  @Test func `curves are those of the kept scores, exactly`() throws {
    folder.write([("L0", [40, 4], flat(values()[2]))], "x.safetensors")
    let outcome = try perform(try run([source(["x.safetensors"])]))
    let kept = try Safetensors(parsing: try #require(outcome.values.artifacts["scores"]).bytes)
    let labels = try kept.floats("label", shape: [20]).map { $0 == 1 }
    let scores = try kept.floats("mean-difference/last", shape: [20]).map { Double($0) }
    let curve = try ROCCurve(scores: scores, labels: labels)
    let recorded = try #require(outcome.values.curves["mean-difference/last/primary/test"])
    #expect(recorded.auroc == curve.auroc)
    #expect(outcome.values.scalars["mean-difference/last/primary/test/auroc"] == curve.auroc)
    // The rows that they belong to.
    let rows = try kept.floats("row", shape: [20]).map { Int($0) }
    #expect(zip(rows, labels).allSatisfy { table.rows[$0].defected == $1 })
  }

  @Test func `a recorded plan refuses files with other bytes before it looks at them`() throws {
    folder.write([("L0", [40, 4], flat(values()[0]))], "x.safetensors")
    let plan = try run([source(["x.safetensors"])]).plan
    folder.write([("L0", [3, 4], Array(repeating: 1, count: 12)[...])], "x.safetensors")
    let found = message {
      _ = try DetectionRun(plan, table: table, tableBytes: [1, 2, 3], folder: folder.path)
    }
    #expect(found.contains("not what was probed: x.safetensors ("), "\(found)")
  }
}
