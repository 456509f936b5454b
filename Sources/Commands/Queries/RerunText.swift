import Records
import Studies

extension RerunRecord {
  /// What there is to say about a verdict besides its name.
  var lines: [String] {
    var lines: [String] = []
    if let first = firstDivergence {
      lines.append(
        "first divergence: \(first.key)\(first.step.map { " step \($0)" } ?? ""): "
          + "\(first.recorded.prefix(16)) → \(first.recomputed.prefix(16))"
          + (first.ulps.map { ", \($0) ulps" } ?? ""))
    }
    if !note.isEmpty { lines.append(note) }
    return lines + notChecked.map { "not checked: \($0)" }
  }
}

extension Verdict {
  var status: ExitStatus {
    switch self {
    case .exact, .withinTolerance: .done
    case .sameConclusions, .diverged: .no
    case .incomplete: .couldNotFinish
    }
  }
}

extension Snapshot {
  /// Those that the study of a run froze, if one is recorded under its name.
  func frozenTolerances(of slug: String) throws -> [Tolerance] {
    guard let freeze = freezes.last(where: { $0.slug == slug }),
      let study = studies[freeze.studyDigest]?.study
    else { return [] }
    return try Study(json: study, slug: slug).tolerances
  }
}
