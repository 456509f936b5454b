import Determinism
import Records
import Statistics
import Studies

extension RunDocumentReader {
  // MARK: Metrics and series

  mutating func metrics(_ value: JSON?) {
    for (name, value) in named(value, at: ["metrics"]) {
      if case .object = value {
        problems.value(
          ["metrics", name], "expected a number, found a mapping",
          hint: "metrics are flat: join the names, \"\(Wording.shown(name))/…\"")
        continue
      }
      if let number = number(value, at: ["metrics", name]) {
        keep(number, as: name, in: \.scalars, at: ["metrics", name])
      }
    }
  }

  /// `name: [values]` for steps 0, 1, 2, …, or `name: {steps: […], values: […]}`.
  mutating func series(_ value: JSON?) {
    for (name, value) in named(value, at: ["series"]) {
      let path = ["series", name]
      let steps: [Int]?
      let elements: [JSON]
      let valuesPath: DocumentPath
      if let list = value.array {
        steps = nil
        elements = list
        valuesPath = path
      } else if let object = mapping(value, at: path) {
        checkKeys(of: object, at: path, known: Keys.series)
        let listed = list(object, "steps", at: path)
        guard let values = list(object, "values", at: path), let listed else { continue }
        guard listed.count == values.count else {
          problems.value(path, "\(listed.count) steps for \(values.count) values")
          continue
        }
        guard let read = integers(listed, at: path + ["steps"]) else { continue }
        steps = read
        elements = values
        valuesPath = path + ["values"]
      } else {
        if value == .null { wrongType(path, "values by step", value) }
        continue
      }
      guard let numbers = numbers(elements, at: valuesPath) else { continue }
      var series = Series()
      for (index, number) in numbers.enumerated() {
        let step = steps?[index] ?? index
        if let last = series.steps.last, last >= step {
          problems.value(
            path + ["steps", "\(index)"], Self.notRising(step, after: last), hint: Self.risingHint)
          break
        }
        series.append(number, at: step)
      }
      keep(series, as: name, in: \.series, at: path)
    }
  }

  static let risingHint = "steps rise: sort them, and keep one value for a step"

  static func notRising(_ step: Int, after last: Int) -> String {
    step == last ? "step \(step) occurs twice" : "step \(step) comes after step \(last)"
  }

  /// All of them, or nil and a problem for each that is none, up to a number that people still read.
  private mutating func numbers(_ elements: [JSON], at path: DocumentPath) -> [Double]? {
    var numbers: [Double] = []
    numbers.reserveCapacity(elements.count)
    var wrong = 0
    for (index, element) in elements.enumerated() {
      if let number = number(element, at: path + ["\(index)"]) {
        numbers.append(number)
      } else {
        wrong += 1
        if wrong == RunDocumentProblems.shown { break }
      }
    }
    return wrong == 0 ? numbers : nil
  }

  private mutating func integers(
    _ elements: [JSON], at path: DocumentPath, _ what: String = "a whole number"
  ) -> [Int]? {
    var integers: [Int] = []
    integers.reserveCapacity(elements.count)
    var wrong = 0
    for (index, element) in elements.enumerated() {
      if let integer = integer(element, at: path + ["\(index)"], what) {
        integers.append(integer)
      } else {
        wrong += 1
        if wrong == RunDocumentProblems.shown { break }
      }
    }
    return wrong == 0 ? integers : nil
  }

  /// Values of one name: two names that Swift calls equal but whose bytes differ cannot both be kept.
  mutating func keep<Value>(
    _ value: Value, as name: String, in values: WritableKeyPath<RecordedValues, [String: Value]>,
    at path: DocumentPath
  ) {
    if self.values[keyPath: values].updateValue(value, forKey: name) != nil {
      problems.value(path, "the name '\(Wording.shown(name))' is taken by another value")
    }
  }

  // MARK: ROC curves

  /// Per-example scores: the curve of all of them, and one of each group that has both classes, as
  /// `name@group`. The scores themselves are kept as an artifact.
  mutating func scores(_ value: JSON?) {
    for (name, value) in named(value, at: ["scores"]) {
      let path = ["scores", name]
      guard let object = mapping(value, at: path) else {
        if value == .null { wrongType(path, "scores with labels", value) }
        continue
      }
      let isFile = object["file"] != nil
      checkKeys(of: object, at: path, known: isFile ? Keys.scoresFile : Keys.scores)
      guard let scored = isFile ? scoresFile(object, at: path) : scoresInline(object, at: path)
      else { continue }
      do {
        keep(
          try ROCCurve(scores: scored.scores, labels: scored.labels), as: name, in: \.curves,
          at: path)
      } catch { problems.value(path, error.description) }
      groupCurves(scored, name, at: path)
      keepArtifact(
        scored.table, as: "scores/\(name)", mediaType: scored.mediaType, at: path)
    }
  }

  /// More groups than anybody looks at are no groups but, say, the ids of pairs.
  static let mostGroups = 64

  private mutating func groupCurves(_ scored: Scored, _ name: String, at path: DocumentPath) {
    let groups = scored.groupMembers
    guard groups.count <= Self.mostGroups else {
      remarks.append(
        "scores \(name): \(groups.count) groups; curves are made for up to \(Self.mostGroups)")
      return
    }
    var without: [String] = []
    for (group, members) in groups {
      if let problem = Self.problem(withName: group) {
        problems.value(path, "a group's name \(problem)")
        continue
      }
      let curve = try? ROCCurve(
        scores: members.map { scored.scores[$0] }, labels: members.map { scored.labels[$0] })
      if let curve {
        keep(curve, as: "\(name)@\(group)", in: \.curves, at: path)
      } else {
        without.append(group)
      }
    }
    if !without.isEmpty {
      remarks.append(
        "scores \(name): no curve for groups of one class: \(without.joined(separator: ", "))")
    }
  }

  /// Scores with their labels, and the bytes that keep them.
  struct Scored {
    var scores: [Double] = []
    var labels: [Bool] = []
    /// Empty, or one for each score; an empty text is in no group.
    var groups: [String] = []
    var table: [UInt8] = []
    var mediaType = "text/csv"

    var groupMembers: [(String, [Int])] {
      Dictionary(
        grouping: groups.indices.filter { !groups[$0].isEmpty }, by: { JSON.Text(groups[$0]) }
      )
      .sorted { $0.key < $1.key }.map { ($0.key.value, $0.value) }
    }
  }

  private mutating func scoresInline(_ object: JSON.Object, at path: DocumentPath) -> Scored? {
    let scores = list(object, "scores", at: path)
    guard let labels = list(object, "labels", at: path), let scores else { return nil }
    var scored = Scored()
    guard let numbers = numbers(scores, at: path + ["scores"]) else { return nil }
    scored.scores = numbers
    for (index, label) in labels.enumerated() {
      guard let flag = Self.label(label) else {
        problems.value(
          path + ["labels", "\(index)"], "expected a label, found \(label.described)",
          hint: "true or 1 for a positive example, false or 0 for a negative one")
        return nil
      }
      scored.labels.append(flag)
    }
    if let index = scored.scores.firstIndex(where: \.isNaN) {
      problems.value(path + ["scores", "\(index)"], "a score cannot be NaN")
      return nil
    }
    guard scored.labels.count == scored.scores.count else {
      problems.value(path, "\(scored.labels.count) labels for \(scored.scores.count) scores")
      return nil
    }
    if let groups = object["groups"], groups != .null {
      let texts = groups.array?.compactMap(\.string) ?? []
      guard texts.count == scored.scores.count, groups.array?.count == texts.count else {
        problems.value(
          path + ["groups"], "expected a text for each of \(scored.scores.count) scores")
        return nil
      }
      scored.groups = texts
    }
    scored.table = Self.csv(scored)
    return scored
  }

  private static func label(_ value: JSON) -> Bool? {
    if let flag = value.bool { return flag }
    return value.double.flatMap { $0 == 1 ? true : $0 == 0 ? false : nil }
  }

  /// Shortest decimals that read back to the same bits.
  private static func csv(_ scored: Scored) -> [UInt8] {
    var text = scored.groups.isEmpty ? "score,label\n" : "score,label,group\n"
    for index in scored.scores.indices {
      text += "\(scored.scores[index].description),\(scored.labels[index] ? 1 : 0)"
      if !scored.groups.isEmpty {
        text += ",\"" + scored.groups[index].replacing("\"", with: "\"\"") + "\""
      }
      text += "\n"
    }
    return Array(text.utf8)
  }

  /// Finished curves as counts. A first point that flags nothing, as scikit-learn's curves have it, is the
  /// empty classifier and is left out.
  mutating func curves(_ value: JSON?) {
    for (name, value) in named(value, at: ["curves"]) {
      let path = ["curves", name]
      guard let object = mapping(value, at: path) else {
        if value == .null { wrongType(path, "a curve", value) }
        continue
      }
      checkKeys(of: object, at: path, known: Keys.curve)
      let thresholds = list(object, "thresholds", at: path).flatMap {
        numbers($0, at: path + ["thresholds"])
      }
      let counts = ["tp", "fp"].map { key in
        list(object, key, at: path).flatMap { integers($0, at: path + [key], "a count") }
      }
      let totals = ["positives", "negatives"].map { key -> Int? in
        guard let value = object[key] else {
          problems.value(path, "missing key '\(key)'")
          return nil
        }
        return integer(value, at: path + [key], "a count")
      }
      guard var thresholds, var tp = counts[0], var fp = counts[1], let positives = totals[0],
        let negatives = totals[1]
      else { continue }
      if thresholds.count > 1, tp.first == 0, fp.first == 0 {
        thresholds.removeFirst()
        tp.removeFirst()
        fp.removeFirst()
      }
      let curve = ROCCurve(
        thresholds: thresholds, truePositives: tp, falsePositives: fp, positives: positives,
        negatives: negatives)
      do {
        try curve.check()
        keep(curve, as: name, in: \.curves, at: path)
      } catch {
        problems.value(
          path, error.description,
          hint: "falling thresholds, and how many examples of each class score at least that")
      }
    }
  }

  // MARK: Artifacts

  /// `name: path`, or `name: {path: …, media_type: …, keep: false}`: then by digest and size alone.
  mutating func artifacts(_ value: JSON?) {
    for (name, value) in named(value, at: ["artifacts"]) {
      let path = ["artifacts", name]
      var file = value.string
      var mediaType: String?
      var isKept = true
      var filePath = path
      if file == nil {
        guard let object = mapping(value, at: path) else {
          if value == .null { wrongType(path, "a path", value) }
          continue
        }
        checkKeys(of: object, at: path, known: Keys.artifact)
        mediaType = self.name(object["media_type"], at: path + ["media_type"], "a media type")
        if let keep = object["keep"] {
          guard let flag = keep.bool else {
            wrongType(path + ["keep"], "true or false", keep)
            continue
          }
          isKept = flag
        }
        file = text(object["path"], at: path + ["path"])
        filePath = path + ["path"]
        if object["path"] == nil { problems.value(path, "missing key 'path'") }
      }
      guard let file else { continue }
      let type = mediaType ?? Self.mediaType(of: file)
      do throws(BesideFolder.Refusal) {
        if isKept {
          let bytes = try folder.read(file, atMost: Self.largestFile)
          keepArtifact(bytes, as: name, mediaType: type, at: path)
        } else {
          let (digest, size) = try folder.digest(file)
          keep(
            ArtifactReference(role: .remade, mediaType: type, digest: digest, size: size), as: name,
            in: \.artifacts, at: path)
        }
      } catch { refuse(filePath, file, error) }
    }
  }

  mutating func refuse(_ path: DocumentPath, _ file: String, _ refusal: BesideFolder.Refusal) {
    problems.value(path, "'\(Wording.shown(file))': \(refusal.message)", hint: refusal.hint)
  }

  private mutating func keepArtifact(
    _ bytes: [UInt8], as name: String, mediaType: String, at path: DocumentPath
  ) {
    let digest = Digest(of: bytes)
    artifacts[digest] = bytes
    keep(
      ArtifactReference(role: .kept, mediaType: mediaType, digest: digest, size: bytes.count),
      as: name, in: \.artifacts, at: path)
  }

  static func mediaType(of file: String) -> String {
    let known: KeyValuePairs = [
      ".json": "application/json", ".jsonl": "application/jsonl", ".csv": "text/csv",
      ".txt": "text/plain", ".log": "text/plain", ".md": "text/markdown", ".yaml": "text/yaml",
      ".png": "image/png", ".svg": "image/svg+xml", ".pdf": "application/pdf",
      ".safetensors": "application/x-safetensors",
    ]
    return known.first { file.utf8.suffix($0.key.utf8.count).elementsEqual($0.key.utf8) }?.value
      ?? "application/octet-stream"
  }
}
