import Determinism

extension StudyDecoder {
  private static let figureKeys = [
    "title", "value", "values", "series", "removal", "over", "by", "panels", "where", "arms", "x",
    "y",
  ]
  private static let contents = ["value", "values", "series", "removal"]

  mutating func figures(_ value: JSON?) -> [DeclaredFigure] {
    guard let object = mapping(value, at: ["figures"]) else { return [] }
    return source.keys(at: ["figures"], of: object).compactMap { id in
      let path = ["figures", id]
      if !Names.isValid(id) {
        problems.key(path, "'\(Wording.shown(id))' cannot be a figure's id", hint: Names.hint)
      } else if DeclaredFigure.automatic.contains(id) {
        problems.key(
          path, "'\(id)' is a figure that the site draws by itself",
          hint: "taken: \(DeclaredFigure.automatic.joined(separator: ", "))")
      }
      return figure(id, object[id]!, at: path)
    }
  }

  private mutating func figure(_ id: String, _ value: JSON, at path: StudyPath) -> DeclaredFigure? {
    guard let object = value.object else {
      problems.value(path, "expected a mapping, found \(value.described)")
      return nil
    }
    checkKeys(of: object, at: path, known: Self.figureKeys)
    if object["title"] ?? .null == .null {
      problems.value(path, "the figure has no 'title'", hint: "title: what is drawn, in words")
    }
    let title = text(object["title"], at: path + ["title"])
    if let title, title.utf8.allSatisfy({ $0 == 0x20 }) {
      problems.value(path + ["title"], "the title is empty")
    }
    let over = paths(object["over"], at: path + ["over"])
    let content = content(object, over, at: path)
    let by = facet(object["by"], at: path + ["by"])
    let panels = facet(object["panels"], at: path + ["panels"])
    if let by, by == panels {
      problems.value(path + ["panels"], "'\(Wording.shown(by.text))' is what 'by' tells apart")
    }
    for (key, facet) in [("by", by), ("panels", panels)] {
      guard let facet, over.contains(facet.text) else { continue }
      problems.value(path + [key], "'\(Wording.shown(facet.text))' is what 'over' varies")
    }
    let arms = figureArms(object["arms"], at: path + ["arms"])
    let (x, y) = axes(object, content, at: path)
    let selection = mapping(object["where"], at: path + ["where"]) ?? JSON.Object()
    guard let content else { return nil }
    return DeclaredFigure(
      id: id, title: title ?? "", content: content, by: by, panels: panels, where: selection,
      arms: arms, x: x, y: y)
  }

  // MARK: What is drawn

  private mutating func content(
    _ object: JSON.Object, _ over: [String], at path: StudyPath
  ) -> DeclaredFigure.Content? {
    let present = Self.contents.filter { object[$0] ?? .null != .null }
    guard present.count == 1 else {
      problems.value(
        path,
        present.isEmpty
          ? "the figure draws nothing"
          : "the figure draws more than one thing: \(present.joined(separator: ", "))",
        hint: "one of \(Self.contents.joined(separator: ", "))")
      return nil
    }
    let key = present[0]
    let place = path + [key]
    if key == "value", object["over"] ?? .null == .null {
      problems.value(
        path, "the figure has no 'over'",
        hint: "over: model.d_model; several statistics side by side are 'values'")
    } else if key != "value", object["over"] != nil {
      problems.key(path + ["over"], "'over' goes with 'value', not with '\(key)'")
    }
    switch key {
    case "value":
      let quantity = quantity(object[key]!, at: place)
      return over.isEmpty ? nil : quantity.map { .levels($0, over: over) }
    case "removal": return reference(object[key]!, at: place).map { .removal($0) }
    case "values":
      let entries = named(object[key]!, at: place) { $0.quantity($1, at: $2) }
      return entries.map { .quantities($0) }
    default:
      if object[key]!.string != nil {
        return reference(object[key]!, at: place).map {
          .series([DeclaredFigure.Named(name: $0.text, value: $0)])
        }
      }
      return named(object[key]!, at: place) { $0.reference($1, at: $2) }.map { .series($0) }
    }
  }

  /// A mapping of names to what they mean, or a list of what names itself.
  private mutating func named<Value: Equatable & Sendable>(
    _ value: JSON, at path: StudyPath,
    _ read: (inout StudyDecoder, JSON, StudyPath) -> Value?
  ) -> [DeclaredFigure.Named<Value>]? {
    let entries: [(name: String, value: JSON, path: StudyPath)]
    if let object = value.object {
      entries = source.keys(at: path, of: object).map { ($0, object[$0]!, path + [$0]) }
    } else if let elements = value.array {
      entries = elements.enumerated().map { ($1.string ?? "", $1, path + ["\($0)"]) }
    } else {
      problems.value(
        path, "expected a mapping of names, found \(value.described)",
        hint: "{exact: \"evaluate:r1\", one letter: \"generalise:near-miss.one-letter\"}")
      return nil
    }
    if entries.isEmpty { problems.value(path, "names nothing to draw") }
    var found: [DeclaredFigure.Named<Value>] = []
    for entry in entries {
      if found.contains(where: { $0.name == entry.name }) {
        problems.value(entry.path, "'\(Wording.shown(entry.name))' is there twice")
      }
      if entry.value == .null { problems.value(entry.path, "expected a text, found null") }
      guard let value = read(&self, entry.value, entry.path) else { continue }
      found.append(DeclaredFigure.Named(name: entry.name, value: value))
    }
    return found.isEmpty ? nil : found
  }

  private mutating func quantity(_ value: JSON, at path: StudyPath) -> RunQuantity? {
    inClaimLanguage(value, at: path) { (text) throws(ClaimProblem) in
      try RunQuantity(parsing: text)
    }
  }

  private mutating func reference(_ value: JSON, at path: StudyPath) -> ClaimReference? {
    inClaimLanguage(value, at: path) { (text) throws(ClaimProblem) in
      try ClaimReference(parsing: text)
    }
  }

  // MARK: How it is told apart

  private mutating func facet(_ value: JSON?, at path: StudyPath) -> DeclaredFigure.Facet? {
    if value?.string == "arm" { return .arm }
    let paths = paths(value, at: path)
    return paths.isEmpty ? nil : .paths(paths)
  }

  private mutating func figureArms(_ value: JSON?, at path: StudyPath) -> [String]? {
    guard let elements = list(value, at: path) else { return nil }
    if elements.isEmpty { problems.value(path, "names no arm") }
    var arms: [String] = []
    for (index, element) in elements.enumerated() {
      let place = path + ["\(index)"]
      guard let arm = text(element, at: place) else { continue }
      if arms.contains(arm) { problems.value(place, "arm '\(Wording.shown(arm))' is named twice") }
      arms.append(arm)
    }
    return arms
  }

  private mutating func axes(
    _ object: JSON.Object, _ content: DeclaredFigure.Content?, at path: StudyPath
  ) -> (DeclaredFigure.Horizontal, DeclaredFigure.Vertical) {
    var x = DeclaredFigure.Horizontal()
    var y = DeclaredFigure.Vertical()
    if let word = object["x"]?.string {
      readScale(word, &x, at: path + ["x"])
    } else if let axis = mapping(object["x"], at: path + ["x"]) {
      checkKeys(of: axis, at: path + ["x"], known: ["label", "scale"])
      x.label = text(axis["label"], at: path + ["x", "label"])
      if let word = text(axis["scale"], at: path + ["x", "scale"]) {
        readScale(word, &x, at: path + ["x", "scale"])
      }
    }
    if let axis = mapping(object["y"], at: path + ["y"]) {
      checkKeys(of: axis, at: path + ["y"], known: ["label", "range"])
      y.label = text(axis["label"], at: path + ["y", "label"])
      y.range = range(axis["range"], at: path + ["y", "range"])
    }
    switch content {
    case .quantities where object["x"] != nil:
      problems.key(path + ["x"], "'values' has names on that axis; 'y' is the axis of the numbers")
    case .series where x.isLogarithmic, .removal where x.isLogarithmic:
      problems.value(path + ["x"], "a logarithmic axis goes with 'value'; here it has steps")
    case .removal where y.range != nil:
      problems.value(path + ["y", "range"], "a share of runs is drawn from 0 to 1")
    default: break
    }
    return (x, y)
  }

  private mutating func readScale(
    _ word: String, _ x: inout DeclaredFigure.Horizontal, at path: StudyPath
  ) {
    x.isLogarithmic = word == "log"
    if word != "log" {
      problems.value(
        path, Wording.unknown("scale", word, among: ["log"]),
        hint: "x: log, or x: {label: …, scale: log}; ranks otherwise")
    }
  }

  private mutating func range(_ value: JSON?, at path: StudyPath) -> ClosedRange<Double>? {
    guard let elements = list(value, at: path) else { return nil }
    let ends = elements.compactMap(\.double)
    guard ends.count == 2, elements.count == 2, ends[0] < ends[1], (ends[1] - ends[0]).isFinite
    else {
      problems.value(path, "expected two numbers, the smaller first", hint: "range: [0, 1]")
      return nil
    }
    return ends[0]...ends[1]
  }
}
