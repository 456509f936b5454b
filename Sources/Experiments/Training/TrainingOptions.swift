import Determinism
import Studies

/// The options that every training stage has, with the stage's own defaults.
struct TrainingOptions {
  let steps: Int
  let batch: Int
  let learningRate: Double
  let warmup: Int
  /// Of the peak, at the last step.
  let finalShare: Double
  let weightDecay: Double
  /// Steps between glances at behaviour; the series `r1`, `r0`, `margin.triggered`.
  let evaluateEvery: Int
  let glancePrompts: Int

  init(_ reader: OptionReader) {
    steps = reader.int("steps")
    batch = reader.int("batch")
    learningRate = reader.double("learning_rate")
    warmup = reader.int("warmup")
    finalShare = reader.double("final_share")
    weightDecay = reader.double("weight_decay")
    evaluateEvery = reader.int("evaluate_every")
    glancePrompts = reader.int("evaluate_prompts")
  }

  static func specifications(
    steps: Int, learningRate: Double, finalShare: Double, evaluateEvery: Int, batch: Int = 32,
    warmup: Int = 50
  ) -> [OptionSpecification] {
    [
      OptionSpecification(
        "steps", .integer(1...1_000_000), default: JSON(steps), "optimiser steps"),
      OptionSpecification("batch", .integer(1...4096), default: JSON(batch), "sequences of a step"),
      OptionSpecification(
        "learning_rate", .number(0...1000), default: JSON(learningRate),
        "at the end of warm-up; one that is too large ends the stage with the step that diverged"),
      OptionSpecification(
        "warmup", .integer(0...100_000), default: JSON(warmup), "steps of linear warm-up"),
      OptionSpecification(
        "final_share", .number(0...1), default: JSON(finalShare),
        "share of the learning rate left at the last step; 1 keeps it constant"),
      OptionSpecification(
        "weight_decay", .number(0...1), default: 0.01, "decoupled, on matrices only"),
      OptionSpecification(
        "evaluate_every", .integer(1...1_000_000), default: JSON(evaluateEvery),
        "steps between glances at behaviour"),
      OptionSpecification(
        "evaluate_prompts", .integer(2...10_000), default: 60,
        "prompts of each cell of a glance; in pretraining, of each accuracy"),
    ]
  }
}
