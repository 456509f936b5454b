import Determinism
import Studies

extension Registry {
  /// Judges every prediction of a study over what is recorded.
  ///
  /// - Parameter recording: appends those that could be tested; one that came out before is not repeated.
  /// - Returns: all of them, tested or not, in the order of the study.
  package func assess(_ study: StudyRecord, recording: Bool = true) throws -> [AssessmentRecord] {
    let assessments = try Assessor(try snapshot()).assess(study)
    if recording {
      for assessment in assessments where assessment.result != .notTested {
        try record(assessment)
      }
    }
    return assessments
  }
}
