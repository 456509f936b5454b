import Determinism
import Studies

extension Registry {
  /// Judges every prediction of a study over what is recorded.
  ///
  /// - Parameter recording: appends those that could be tested; one that came out before is not repeated.
  /// - Returns: all of them, tested or not, in the order of the study.
  package func assess(_ study: StudyRecord, recording: Bool = true) throws -> [AssessmentRecord] {
    let snapshot = try snapshot()
    let assessments = try Assessor(snapshot).assess(study)
    if recording {
      // One that an import brought stands in the chain of its own registry; ours does not repeat it.
      let known = Set(snapshot.assessments.map { Digest(of: $0.document) })
      for assessment in assessments
      where assessment.result != .notTested && !known.contains(Digest(of: assessment.document)) {
        try record(assessment)
      }
    }
    return assessments
  }
}
