import Experiments
import Publishing
import Records
import Studies

/// What a site takes from folders besides a registry.
struct SiteInputs {
  /// Of studies: their narratives (README.md), declared figures (study.yaml) and the map of hypotheses.
  let studies: String
  /// Of templates in place of the built-in ones.
  let templates: String?

  /// - Throws: `StudyProblems` of a study file that cannot be read, or whose figures do not fit it.
  func sources(of standing: RegistryStanding, options: Site.Options) throws -> Site.Sources {
    Site.Sources(
      narratives: try narratives(of: standing.slugs), studies: try figures(of: standing.slugs),
      guides: Guides.all, hypotheses: try hypotheses(), options: options)
  }

  /// The user's templates by name; what the folder lacks stays the built-in one.
  func replacements() throws(Failure) -> [String: String] {
    guard let templates else { return [:] }
    var files: [String: String] = [:]
    for name in try Files.names(in: templates) {
      files[name] = try Files.text(of: "\(templates)/\(name)", limit: 1 << 20)
    }
    return files
  }

  /// The README of every study that the registry knows; a study without one has no narrative.
  private func narratives(of slugs: [String]) throws(Failure) -> [String: String] {
    var narratives: [String: String] = [:]
    for slug in slugs { narratives[slug] = try StudyFolder(path: studies).narrative(of: slug) }
    return narratives
  }

  private func figures(of slugs: [String]) throws -> [String: Study] {
    var files: [String: Study] = [:]
    for slug in slugs { files[slug] = try StudyFolder(path: studies).declaring(slug) }
    return files
  }

  /// A folder of studies without a map has no page of hypotheses.
  private func hypotheses() throws -> HypothesisMap? {
    let file = "\(studies)/hypotheses.yaml"
    return Files.exists(file) ? try HypothesisMap(file: file) : nil
  }
}
