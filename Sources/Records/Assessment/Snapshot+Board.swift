import Determinism

/// What stands on a study's board: its file as it is now, and the last judgement of each prediction.
extension Snapshot {
  /// The study file recorded last in a chain of the study; of several chains the last in their order.
  package func currentStudy(_ slug: String) -> Digest? {
    let byDocument = Dictionary(
      studies.map { (Digest(of: $0.value.document), $0.key) },
      uniquingKeysWith: { first, _ in first })
    let recorded = chains.filter { $0.slug.utf8.elementsEqual(slug.utf8) }
      .flatMap(\.entries).filter { $0.kind == "study" }.compactMap { byDocument[$0.record] }
    if let last = recorded.last { return last }
    if let frozen = freezes.last(where: { $0.slug.utf8.elementsEqual(slug.utf8) }) {
      return frozen.studyDigest
    }
    return studies.filter { $0.value.slug.utf8.elementsEqual(slug.utf8) }.keys.min()
  }

  /// Of the studies other than one, the primary predictions as they were judged last, in their last wording:
  /// with that study's own they are the family that is corrected together.
  package func primaryAssessments(besides slug: String) -> [AssessmentRecord] {
    let others = Set(assessments.map { JSON.Text($0.slug) }).subtracting([JSON.Text(slug)])
    return others.sorted().flatMap { other -> [AssessmentRecord] in
      let current = currentAssessments(other.value)
      return current.indices.filter { index in
        current[index].prediction["primary"]?.bool == true
          && !current[(index + 1)...].contains { $0.predictionID == current[index].predictionID }
      }.map { current[$0] }
    }
  }

  /// The last assessment of each prediction as it is worded, in the order of the study file; another wording
  /// is another one.
  package func currentAssessments(_ slug: String) -> [AssessmentRecord] {
    let all = assessments.filter { $0.slug.utf8.elementsEqual(slug.utf8) }
    let order =
      (currentStudy(slug).flatMap { studies[$0]?.study }?["predictions"]?.array ?? [])
      .compactMap { $0["id"]?.string }
    var last: [String: Int] = [:]
    for (index, assessment) in all.enumerated() {
      last[assessment.predictionID + "|" + Digest(of: assessment.prediction).hex] = index
    }
    let place = Dictionary(
      order.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    return last.values.sorted {
      let left = (place[all[$0].predictionID] ?? .max, $0)
      let right = (place[all[$1].predictionID] ?? .max, $1)
      return left < right
    }.map { all[$0] }
  }
}
