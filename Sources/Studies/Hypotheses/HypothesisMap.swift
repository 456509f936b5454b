import Determinism

/// What a project asks, hypothesis by hypothesis, and where each is answered: `studies/hypotheses.yaml`.
package struct HypothesisMap: Sendable {
  /// In the order of their numbers, H1 first, none missing.
  package let hypotheses: [Hypothesis]
  /// Figures that the project set out to draw, E1 first, none missing; none at all where the file has no list.
  package let figures: [PlannedFigure]
  /// Of the file's bytes.
  package let digest: Digest
  private let source: StudySource

  /// Reads YAML.
  ///
  /// - Throws: `StudyProblems`, all in one go.
  package init(bytes: [UInt8], file: String) throws(StudyProblems) {
    let source = try StudySource(
      yaml: bytes, file: file,
      rules: StudySource.Rules(
        maximumSize: StudySource.maximumSize, maximumDepth: StudySource.maximumDepth,
        takesNonFinite: false, noun: "a map of hypotheses", beginning: "hypotheses:"))
    var decoder = HypothesisDecoder(source: source)
    hypotheses = decoder.hypotheses()
    figures = decoder.figures()
    digest = Digest(of: bytes)
    self.source = source
    guard decoder.problems.problems.isEmpty else {
      throw StudyProblems(file: file, problems: decoder.problems.problems)
    }
  }

  /// What the map says of studies that are otherwise: a study or a prediction that is not there, a plan whose
  /// study has come.
  ///
  /// - Parameter studies: by slug.
  package func problems(among studies: [String: Study]) -> [StudyProblem] {
    var problems = ProblemCollector(source: source)
    for hypothesis in hypotheses {
      let path = ["hypotheses", hypothesis.name]
      switch hypothesis.answer {
      case .notTested: break
      case .planned(let slug):
        if studies[slug] != nil {
          problems.value(
            path + ["planned"], "study '\(slug)' is here: say which prediction answers it",
            hint: "study: \(slug), prediction: …; or not_tested: why")
        }
      case .tested(let slug, let predictions, let figure):
        guard let study = problems.study(slug, among: studies, at: path) else { continue }
        let ids = study.predictions.map(\.id)
        for id in predictions where !ids.contains(id) {
          problems.value(
            path + ["prediction"], Wording.unknown("prediction", id, among: ids),
            hint: Wording.known("predictions", ids))
        }
        problems.figures(figure.map { [$0] } ?? [], of: study, at: path)
      }
    }
    for figure in figures {
      guard case .drawn(let slug, let names) = figure.answer else { continue }
      let path = ["figures", figure.name]
      guard let study = problems.study(slug, among: studies, at: path) else { continue }
      problems.figures(names, of: study, at: path)
    }
    return problems.problems
  }
}

/// One question, and where it is answered.
package struct Hypothesis: Equatable, Sendable {
  package enum Answer: Equatable, Sendable {
    /// By a study that is not here yet.
    case planned(study: String)
    /// By predictions of a study, or by a figure alone.
    case tested(study: String, predictions: [String], figure: String?)
    /// And why.
    case notTested(String)
  }

  /// `H1`.
  package let name: String
  package let statement: String
  package let answer: Answer
}

/// One figure, and where it is drawn.
package struct PlannedFigure: Equatable, Sendable {
  package enum Answer: Equatable, Sendable {
    case drawn(study: String, figures: [String])
    /// A page of the site has it by its nature: its path, or a pattern of paths.
    case page(String)
    /// And which record is missing.
    case notDrawn(String)
  }

  /// `E1`.
  package let name: String
  package let shows: String
  package let answer: Answer
}

extension ProblemCollector {
  fileprivate mutating func study(
    _ slug: String, among studies: [String: Study], at path: StudyPath
  ) -> Study? {
    if let study = studies[slug] { return study }
    value(
      path + ["study"], Wording.unknown("study", slug, among: studies.keys.sorted()),
      hint: Wording.known("studies", Array(studies.keys)))
    return nil
  }

  fileprivate mutating func figures(_ names: [String], of study: Study, at path: StudyPath) {
    let known = study.figures.map(\.id) + DeclaredFigure.automatic
    for name in names where !known.contains(name) {
      value(
        path + ["figure"], Wording.unknown("figure", name, among: known),
        hint: Wording.known("figures", known))
    }
  }
}
