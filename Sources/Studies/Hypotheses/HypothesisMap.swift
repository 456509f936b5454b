import Determinism

/// What a project asks, hypothesis by hypothesis, and where each is answered: `studies/hypotheses.yaml`.
package struct HypothesisMap: Sendable {
  /// In the order of their numbers, H1 first, none missing.
  package let hypotheses: [Hypothesis]
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
      case .tested(let slug, let predictions, _):
        guard let study = studies[slug] else {
          problems.value(
            path + ["study"], Wording.unknown("study", slug, among: studies.keys.sorted()),
            hint: Wording.known("studies", Array(studies.keys)))
          continue
        }
        let ids = study.predictions.map(\.id)
        for id in predictions where !ids.contains(id) {
          problems.value(
            path + ["prediction"], Wording.unknown("prediction", id, among: ids),
            hint: Wording.known("predictions", ids))
        }
      }
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

private struct HypothesisDecoder {
  let source: StudySource
  var problems: ProblemCollector

  init(source: StudySource) {
    self.source = source
    problems = ProblemCollector(source: source)
  }

  private static let keys = [
    "statement", "planned", "study", "prediction", "figure", "not_tested",
  ]

  mutating func hypotheses() -> [Hypothesis] {
    guard let root = source.root.object, let entries = root["hypotheses"]?.object else {
      problems.value([], "expected 'hypotheses', a mapping", hint: "hypotheses: {H1: {…}}")
      return []
    }
    for key in root.keys where key != "hypotheses" {
      problems.key([key], Wording.unknown("key", key, among: ["hypotheses"]))
    }
    var numbered: [Int: Hypothesis] = [:]
    for name in source.keys(at: ["hypotheses"], of: entries) {
      let path = ["hypotheses", name]
      guard let number = Self.number(name) else {
        problems.key(path, "'\(Wording.shown(name))' is not the name of a hypothesis", hint: "H1")
        continue
      }
      if let hypothesis = hypothesis(name, entries[name]!, at: path) {
        numbered[number] = hypothesis
      }
    }
    let found = entries.keys.compactMap(Self.number)
    for number in 1...max(1, found.max() ?? 1) where !found.contains(number) {
      problems.value(["hypotheses"], "H\(number) is missing")
    }
    return numbered.sorted { $0.key < $1.key }.map(\.value)
  }

  /// At most three digits, no leading zero.
  private static func number(_ name: String) -> Int? {
    let digits = name.utf8.dropFirst()
    guard name.utf8.first == UInt8(ascii: "H"), (1...3).contains(digits.count),
      digits.first != UInt8(ascii: "0"), digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return digits.reduce(0) { 10 * $0 + Int($1) - 0x30 }
  }

  private mutating func hypothesis(
    _ name: String, _ value: JSON, at path: StudyPath
  ) -> Hypothesis? {
    guard let object = value.object else {
      problems.value(path, "expected a mapping, found \(value.described)")
      return nil
    }
    for key in source.keys(at: path, of: object) where !Self.keys.contains(key) {
      problems.key(
        path + [key], Wording.unknown("key", key, among: Self.keys),
        hint: Wording.known("keys", Self.keys))
    }
    let answers = ["planned", "study", "not_tested"].filter { object[$0] != nil }
    guard answers.count == 1 else {
      problems.value(
        path, "\(name) has \(answers.isEmpty ? "no answer" : "more than one answer")",
        hint: "one of planned, study, not_tested")
      return nil
    }
    func text(_ key: String) -> String? {
      guard let value = object[key] else { return nil }
      if let text = value.string, !text.isEmpty { return text }
      problems.value(path + [key], "expected a text, found \(value.described)")
      return nil
    }
    if object["statement"] == nil { problems.value(path, "\(name) has no 'statement'") }
    let statement = text("statement") ?? ""
    let figure = text("figure")
    let predictions = predictions(object["prediction"], at: path + ["prediction"])
    if answers[0] != "study", object["prediction"] != nil || figure != nil {
      problems.value(path, "only a 'study' has predictions and figures")
    }
    guard let answer = text(answers[0]) else { return nil }
    if answers[0] != "not_tested", !Names.isValid(answer) {
      problems.value(
        path + [answers[0]], "'\(Wording.shown(answer))' cannot be a study's name",
        hint: Names.hint)
    }
    switch answers[0] {
    case "planned":
      return Hypothesis(name: name, statement: statement, answer: .planned(study: answer))
    case "not_tested":
      return Hypothesis(name: name, statement: statement, answer: .notTested(answer))
    default:
      if predictions.isEmpty, figure == nil {
        problems.value(path, "\(name) names neither a prediction nor a figure")
      }
      return Hypothesis(
        name: name, statement: statement,
        answer: .tested(study: answer, predictions: predictions, figure: figure))
    }
  }

  /// One id or a list of them.
  private mutating func predictions(_ value: JSON?, at path: StudyPath) -> [String] {
    guard let value else { return [] }
    let elements = value.array ?? [value]
    let ids = elements.compactMap(\.string)
    if ids.count != elements.count || ids.isEmpty {
      problems.value(path, "expected a prediction's id or a list of ids")
    }
    return ids
  }
}
