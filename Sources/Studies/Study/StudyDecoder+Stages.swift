import Determinism

extension StudyDecoder {
  /// From a file, a mapping in its order; from a document, a list.
  mutating func stages(_ value: JSON?) -> [StudyStage] {
    if let elements = value?.array {
      return elements.enumerated().compactMap { recordedStage($0, $1) }
    }
    guard let object = mapping(value, at: ["stages"]) else { return [] }
    if object.isEmpty { problems.value(["stages"], "a study has at least one stage") }
    return source.keys(at: ["stages"], of: object).map { name in
      let path = ["stages", name]
      if !Names.isValid(name) {
        problems.key(path, "'\(Wording.shown(name))' cannot be a stage's name", hint: Names.hint)
      }
      var options = mapping(object[name], at: path) ?? JSON.Object()
      let kind = text(options["stage"], at: path + ["stage"]) ?? name
      let from = sources(options["from"], at: path + ["from"])
      options["stage"] = nil
      options["from"] = nil
      return StudyStage(name: name, kind: kind, options: options, from: from)
    }
  }

  private mutating func recordedStage(_ index: Int, _ value: JSON) -> StudyStage? {
    let path = ["stages", "\(index)"]
    guard let object = mapping(value, at: path), let name = object["name"]?.string,
      let kind = object["stage"]?.string, Names.isValid(name)
    else {
      problems.value(path, "a recorded stage has a name and a kind")
      return nil
    }
    checkKeys(of: object, at: path, known: ["name", "stage", "options", "from"])
    return StudyStage(
      name: name, kind: kind, options: mapping(object["options"], at: path) ?? JSON.Object(),
      from: sources(object["from"], at: path + ["from"]))
  }

  private mutating func sources(_ value: JSON?, at path: StudyPath) -> [String: InputSource] {
    guard let object = mapping(value, at: path) else { return [:] }
    var sources: [String: InputSource] = [:]
    for port in source.keys(at: path, of: object) {
      let path = path + [port]
      guard let place = mapping(object[port], at: path) else { continue }
      checkKeys(of: place, at: path, known: ["arm", "seed", "stage", "point"])
      if place.isEmpty { problems.value(path, "names no arm, seed, stage or point") }
      sources[port] = InputSource(
        arm: text(place["arm"], at: path + ["arm"]), seed: seed(place["seed"], at: path + ["seed"]),
        stage: text(place["stage"], at: path + ["stage"]),
        point: mapping(place["point"], at: path + ["point"]) ?? JSON.Object())
    }
    return sources
  }

  mutating func sweep(_ value: JSON?) -> [String: [JSON]] {
    guard let object = mapping(value, at: ["sweep"]) else { return [:] }
    var sweep: [String: [JSON]] = [:]
    for path in source.keys(at: ["sweep"], of: object) {
      guard let values = list(object[path], at: ["sweep", path]) else { continue }
      if values.isEmpty { problems.value(["sweep", path], "has no values") }
      sweep[path] = values
    }
    return sweep
  }

  mutating func zip(_ value: JSON?) -> [JSON.Object] {
    guard let elements = list(value, at: ["zip"]) else { return [] }
    var settings: [JSON.Object] = []
    for (index, element) in elements.enumerated() {
      guard let object = mapping(element, at: ["zip", "\(index)"]) else { continue }
      if let first = settings.first, first.keys != object.keys {
        problems.value(
          ["zip", "\(index)"], "sets other keys than the first of the list",
          hint: "every element sets \(first.keys.joined(separator: ", "))")
      }
      if settings.contains(object) {
        problems.value(["zip", "\(index)"], "repeats an earlier element")
      }
      settings.append(object)
    }
    return settings
  }

  // MARK: Seeds

  mutating func seeds(_ value: JSON?) -> StudySeeds {
    guard let object = mapping(value, at: ["seeds"]) else {
      return StudySeeds(development: [], confirmatory: [])
    }
    let phases = SeedPhase.allCases.map(\.rawValue)
    checkKeys(of: object, at: ["seeds"], known: phases)
    let lists = phases.map { seedList(object[$0], at: ["seeds", $0]) }
    if lists.allSatisfy(\.isEmpty) {
      problems.value(
        ["seeds"], "no seeds", hint: "seeds: {development: 0..2, confirmatory: 1000..1007}")
    }
    let both = Set(lists[0]).intersection(lists[1]).sorted()
    if let seed = both.first {
      problems.value(
        ["seeds", "confirmatory"], "seed \(seed) is also a development seed",
        hint: "confirmatory seeds are ones that nothing was tuned on")
    }
    return StudySeeds(development: lists[0], confirmatory: lists[1])
  }

  /// `3`, `0..4`, or a list of those.
  private mutating func seedList(_ value: JSON?, at path: StudyPath) -> [UInt64] {
    guard let value, value != .null else { return [] }
    let elements = value.array.map { Array($0.enumerated()) } ?? [(0, value)]
    var seeds: [UInt64] = []
    var seen: Set<UInt64> = []
    for (index, element) in elements {
      let place = value.array == nil ? path : path + ["\(index)"]
      guard let range = seedRange(element, at: place) else { continue }
      for seed in range {
        if !seen.insert(seed).inserted {
          problems.value(place, "seed \(seed) is listed twice")
          break
        }
        seeds.append(seed)
      }
    }
    return seeds
  }

  private mutating func seedRange(_ value: JSON, at path: StudyPath) -> ClosedRange<UInt64>? {
    if let seed = value.uint64 { return seed...seed }
    if let text = value.string {
      let dots = Array(text.utf8)
      if let dot = dots.indices.dropLast().first(where: { dots[$0] == 0x2E && dots[$0 + 1] == 0x2E }
      ),
        let low = Self.decimal(dots[..<dot]), let high = Self.decimal(dots[(dot + 2)...])
      {
        guard low <= high else {
          problems.value(path, "the range \(text) is empty")
          return nil
        }
        guard high - low < 10_000 else {
          problems.value(path, "the range \(text) has more than 10000 seeds")
          return nil
        }
        return low...high
      }
    }
    problems.value(
      path, "expected seeds, found \(value.described)",
      hint: "an integer from 0 to 2^64-1, a range such as 0..4, or a list of those")
    return nil
  }

  private static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt64(String(decoding: digits, as: UTF8.self))
  }
}
