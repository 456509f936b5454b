import Determinism

/// Reads `studies/hypotheses.yaml`, all problems in one go.
struct HypothesisDecoder {
  let source: StudySource
  var problems: ProblemCollector

  init(source: StudySource) {
    self.source = source
    problems = ProblemCollector(source: source)
  }

  private static let keys = [
    "statement", "planned", "study", "prediction", "figure", "not_tested",
  ]

  private static let figureKeys = ["shows", "study", "figure", "page", "not_drawn"]

  mutating func hypotheses() -> [Hypothesis] {
    guard let root = source.root.object, root["hypotheses"]?.object != nil else {
      problems.value([], "expected 'hypotheses', a mapping", hint: "hypotheses: {H1: {…}}")
      return []
    }
    let known = ["hypotheses", "figures"]
    for key in root.keys where !known.contains(key) {
      problems.key([key], Wording.unknown("key", key, among: known))
    }
    return entries("hypotheses", letter: "H", "a hypothesis") { $0.hypothesis($1, $2, at: $3) }
  }

  mutating func figures() -> [PlannedFigure] {
    guard let root = source.root.object, root["figures"] != nil else { return [] }
    return entries("figures", letter: "E", "a figure") { $0.figure($1, $2, at: $3) }
  }

  /// Entries of one letter, in the order of their numbers, none missing.
  private mutating func entries<Entry>(
    _ section: String, letter: Character, _ what: String,
    _ read: (inout Self, String, JSON, StudyPath) -> Entry?
  ) -> [Entry] {
    guard let entries = source.root[section]?.object else {
      problems.value([section], "expected '\(section)', a mapping")
      return []
    }
    var numbered: [Int: Entry] = [:]
    for name in source.keys(at: [section], of: entries) {
      let path = [section, name]
      guard let number = Self.number(name, letter) else {
        problems.key(
          path, "'\(Wording.shown(name))' is not the name of \(what)", hint: "\(letter)1")
        continue
      }
      if let entry = read(&self, name, entries[name]!, path) { numbered[number] = entry }
    }
    let found = entries.keys.compactMap { Self.number($0, letter) }
    for number in 1...max(1, found.max() ?? 1) where !found.contains(number) {
      problems.value([section], "\(letter)\(number) is missing")
    }
    return numbered.sorted { $0.key < $1.key }.map(\.value)
  }

  /// At most three digits, no leading zero.
  private static func number(_ name: String, _ letter: Character) -> Int? {
    let digits = name.utf8.dropFirst()
    guard name.utf8.first == letter.asciiValue, (1...3).contains(digits.count),
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
    guard
      let (kind, answer) = answer(
        name, object, at: path, keys: Self.keys, kinds: ["planned", "study", "not_tested"])
    else { return nil }
    let statement = text("statement", in: object, at: path, of: name)
    let figure = object["figure"] == nil ? nil : text("figure", in: object, at: path, of: name)
    let predictions = names(object["prediction"], at: path + ["prediction"], "prediction")
    if kind != "study", object["prediction"] != nil || figure != nil {
      problems.value(path, "only a 'study' has predictions and figures")
    }
    if kind != "not_tested" { checkSlug(answer, at: path + [kind]) }
    switch kind {
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

  private mutating func figure(
    _ name: String, _ value: JSON, at path: StudyPath
  ) -> PlannedFigure? {
    guard let object = value.object else {
      problems.value(path, "expected a mapping, found \(value.described)")
      return nil
    }
    guard
      let (kind, answer) = answer(
        name, object, at: path, keys: Self.figureKeys, kinds: ["study", "page", "not_drawn"])
    else { return nil }
    let shows = text("shows", in: object, at: path, of: name)
    let figures = names(object["figure"], at: path + ["figure"], "figure")
    if kind == "study" {
      checkSlug(answer, at: path + [kind])
      if figures.isEmpty { problems.value(path, "\(name) names no 'figure' of its study") }
    } else if !figures.isEmpty {
      problems.value(path, "only a 'study' has figures")
    }
    let found: PlannedFigure.Answer =
      switch kind {
      case "study": .drawn(study: answer, figures: figures)
      case "page": .page(answer)
      default: .notDrawn(answer)
      }
    return PlannedFigure(name: name, shows: shows, answer: found)
  }

  /// The one of the keys that say where the answer is, with what it says.
  private mutating func answer(
    _ name: String, _ object: JSON.Object, at path: StudyPath, keys: [String], kinds: [String]
  ) -> (kind: String, answer: String)? {
    for key in source.keys(at: path, of: object) where !keys.contains(key) {
      problems.key(
        path + [key], Wording.unknown("key", key, among: keys),
        hint: Wording.known("keys", keys))
    }
    let given = kinds.filter { object[$0] != nil }
    guard given.count == 1 else {
      problems.value(
        path, "\(name) has \(given.isEmpty ? "no answer" : "more than one answer")",
        hint: "one of " + kinds.joined(separator: ", "))
      return nil
    }
    let answer = text(given[0], in: object, at: path, of: name)
    return answer.isEmpty ? nil : (given[0], answer)
  }

  private mutating func text(
    _ key: String, in object: JSON.Object, at path: StudyPath, of name: String
  ) -> String {
    guard let value = object[key] else {
      problems.value(path, "\(name) has no '\(key)'")
      return ""
    }
    if let text = value.string, !text.isEmpty { return text }
    problems.value(path + [key], "expected a text, found \(value.described)")
    return ""
  }

  private mutating func checkSlug(_ slug: String, at path: StudyPath) {
    guard !Names.isValid(slug) else { return }
    problems.value(
      path, "'\(Wording.shown(slug))' cannot be a study's name", hint: Names.hint)
  }

  /// One id or a list of them.
  private mutating func names(_ value: JSON?, at path: StudyPath, _ what: String) -> [String] {
    guard let value else { return [] }
    let elements = value.array ?? [value]
    let ids = elements.compactMap(\.string)
    if ids.count != elements.count || ids.isEmpty {
      problems.value(path, "expected a \(what)'s id or a list of ids")
    }
    return ids
  }
}
