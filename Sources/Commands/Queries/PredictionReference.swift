import ArgumentParser
import Determinism
import Records
import Studies

/// A prediction as people name it: `study/id`, or its id alone where no other study has one of that name.
struct PredictionReference: ExpressibleByArgument, Equatable {
  let slug: String?
  let id: String

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, parts.allSatisfy(Names.isValid) else { return nil }
    slug = parts.count == 2 ? parts[0] : nil
    id = parts[parts.count - 1]
  }

  /// Its newest assessment, of the newest wording.
  func assessment(in snapshot: Snapshot) throws(Failure) -> AssessmentRecord {
    let slugs = Set(snapshot.assessments.map(\.slug)).sorted()
    if let slug, !slugs.contains(slug) {
      throw Failure(
        .usage, Wording.unknown("judged study", slug, among: slugs), hint: "dormouse assess STUDY")
    }
    let judged = slugs.filter { slug == nil || $0 == slug }
      .flatMap { snapshot.currentAssessments($0) }
    let found = judged.filter { $0.predictionID == id }
    let studies = Set(found.map(\.slug)).sorted()
    guard let newest = found.last else {
      throw Failure(
        .usage, Wording.unknown("judged prediction", id, among: judged.map(\.predictionID)),
        hint: "dormouse assess STUDY lists a study's predictions")
    }
    guard studies.count == 1 else {
      throw Failure(
        .usage, "'\(id)' is a prediction of \(studies.joined(separator: " and of "))",
        hint: "\(studies[0])/\(id)")
    }
    return newest
  }
}
