import Experiments
import Studies

/// What stands beside the records in a folder of studies: words, and which figures to draw.
struct StudyFolder {
  let path: String

  /// The README beside a study file; nil when there is none.
  func narrative(of slug: String) throws(Failure) -> String? {
    let file = "\(path)/\(slug)/README.md"
    guard Names.isValid(slug), Files.exists(file) else { return nil }
    return try Files.text(of: file, limit: 256 << 10)
  }

  /// The study file, where it declares figures: one without adds nothing, so that it may be of an earlier catalogue.
  ///
  /// - Throws: `StudyProblems` of a file that cannot be read, or whose figures do not fit it.
  func declaring(_ slug: String) throws -> Study? {
    let file = "\(path)/\(slug)/study.yaml"
    guard Names.isValid(slug), Files.exists(file) else { return nil }
    let study = try Study(contentsOf: file)
    guard !study.figures.isEmpty else { return nil }
    let problems = study.problems(in: .standard)
    guard problems.isEmpty else { throw StudyProblems(file: file, problems: problems) }
    return study
  }
}
