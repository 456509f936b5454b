import Determinism
import Studies

/// From a tree of values to plans, collecting every problem on the way.
struct ProbeManifestReader {
  enum Keys {
    static let manifest = [
      "study", "name", "tags", "notes", "arm", "seed", "position", "examples", "activations",
      "positive", "primary_layer", "primary_position", "detectors", "random_directions",
      "bootstrap", "shrinkage", "ridge", "prevalence",
    ]
    static let source = [
      "files", "arm", "seed", "position", "examples", "tensor", "layer", "layout", "first_layer",
    ]
  }

  /// What one entry of `activations` says, with what the manifest says for all.
  private struct Entry {
    let arm: String
    let seed: Int
    let examples: String
    let source: DetectionPlan.Source
    let path: DocumentPath
  }

  /// Tensors of so many files are looked for at most.
  static let mostFiles = 10_000

  private var reader: RunDocumentReader
  private let activations: BesideFolder
  private let detectors: [String]
  private var tables: [String: (table: ExampleTable, bytes: [UInt8])?] = [:]

  var problems: RunProblemCollector { reader.problems }
  var remarks: [String] { reader.remarks }

  init(
    source: RunDocumentSource, folder: BesideFolder, activations: BesideFolder,
    detectors: [String]
  ) {
    reader = RunDocumentReader(source: source, folder: folder)
    self.activations = activations
    self.detectors = detectors
  }

  mutating func runs() -> [ProbeManifest.Run] {
    guard let root = reader.source.root.object else {
      reader.problems.value(
        [], "a probe manifest is a mapping", hint: "study: …, examples: …, activations: …")
      return []
    }
    reader.checkKeys(of: root, at: [], known: Keys.manifest)
    for key in ["study", "examples", "activations"] where root[key] == nil {
      // A table may also be named by each entry.
      let isNamedBelow =
        key == "examples"
        && root["activations"]?.array?.allSatisfy { $0["examples"] != nil } ?? false
      if !isNamedBelow {
        reader.problems.value([], "missing key '\(key)'", hint: Self.example(of: key))
      }
    }
    let slug = slug(root["study"])
    let name = reader.name(root["name"], at: ["name"], "a name") ?? ""
    let tags = texts(root["tags"], at: ["tags"]) ?? []
    let notes = reader.text(root["notes"], at: ["notes"]) ?? ""
    let settings = settings(root)
    let entries = entries(root)
    var runs: [ProbeManifest.Run] = []
    for entry in entries {
      guard !runs.contains(where: { $0.plan.arm == entry.arm && $0.plan.seed == entry.seed }) else {
        continue
      }
      let own = entries.filter { $0.arm == entry.arm && $0.seed == entry.seed }
      if let other = own.first(where: { !$0.examples.utf8.elementsEqual(entry.examples.utf8) }) {
        reader.problems.value(
          other.path + ["examples"],
          "arm '\(Wording.shown(entry.arm))' and seed \(entry.seed) have another table already",
          hint: "one table an arm and seed: its rows may have any number of positions")
      }
      guard let (table, bytes) = table(entry.examples, at: entry.path + ["examples"]) else {
        continue
      }
      runs.append(
        ProbeManifest.Run(
          plan: DetectionPlan(
            slug: slug ?? "", name: name, tags: tags, notes: notes, arm: entry.arm,
            seed: entry.seed, examples: entry.examples, sources: own.map(\.source),
            settings: settings),
          table: table, tableBytes: bytes))
    }
    if let position = settings.primaryPosition,
      !entries.contains(where: { $0.source.position.utf8.elementsEqual(position.utf8) })
    {
      reader.problems.value(
        ["primary_position"], "no activations have the position '\(Wording.shown(position))'",
        hint: Wording.known("positions", Set(entries.map(\.source.position)).sorted()))
    }
    return runs
  }

  private static func example(of key: String) -> String {
    switch key {
    case "study": "study: my-probes"
    case "examples": "examples: examples.csv"
    default: "activations: activations/*.safetensors"
    }
  }

  private mutating func slug(_ value: JSON?) -> String? {
    guard let slug = reader.text(value, at: ["study"]) else { return nil }
    guard Names.isValid(slug) else {
      reader.problems.value(
        ["study"], "'\(Wording.shown(slug))' cannot be a study's name",
        hint: "lower-case letters, digits and hyphens, at most 64")
      return nil
    }
    return slug
  }

  private mutating func texts(_ value: JSON?, at path: DocumentPath) -> [String]? {
    guard let value, value != .null else { return nil }
    guard let elements = value.array else {
      reader.wrongType(path, "a list of texts", value)
      return nil
    }
    return elements.enumerated().compactMap {
      reader.name($1, at: path + ["\($0)"], "an element")
    }
  }

  // MARK: Settings

  private mutating func settings(_ root: JSON.Object) -> DetectionPlan.Settings {
    var settings = DetectionPlan.Settings(detectors: detectors)
    if let chosen = texts(root["detectors"], at: ["detectors"]) {
      for (index, name) in chosen.enumerated() {
        let path = ["detectors", "\(index)"]
        if !detectors.contains(name) {
          reader.problems.value(
            path, Wording.unknown("detector", name, among: detectors),
            hint: Wording.known("detectors", detectors))
        } else if chosen[..<index].contains(name) {
          reader.problems.value(path, "detector '\(name)' is there twice")
        }
      }
      if chosen.isEmpty {
        reader.problems.value(["detectors"], "no detectors", hint: "leave it out for all of them")
      }
      settings.detectors = chosen
    }
    settings.outcome = choice(root["positive"], at: ["positive"], ExampleTable.Outcome.self)
    settings.primaryPosition = reader.name(
      root["primary_position"], at: ["primary_position"], "a position")
    settings.primaryLayer = integer(root["primary_layer"], at: ["primary_layer"], in: 0...100_000)
    settings.randomDirections =
      integer(root["random_directions"], at: ["random_directions"], in: 0...100_000)
      ?? settings.randomDirections
    settings.bootstrap =
      integer(root["bootstrap"], at: ["bootstrap"], in: 0...100_000) ?? settings.bootstrap
    settings.shrinkage =
      number(root["shrinkage"], at: ["shrinkage"], "between 0 and 1") { (0...1).contains($0) }
      ?? settings.shrinkage
    settings.ridge =
      number(root["ridge"], at: ["ridge"], "above 0") { $0 > 0 && $0.isFinite } ?? settings.ridge
    settings.prevalence =
      number(root["prevalence"], at: ["prevalence"], "between 0 and 1, and neither") {
        $0 > 0 && $0 < 1
      } ?? settings.prevalence
    return settings
  }

  private mutating func choice<Value: RawRepresentable & CaseIterable>(
    _ value: JSON?, at path: DocumentPath, _ type: Value.Type
  ) -> Value? where Value.RawValue == String {
    guard let word = reader.text(value, at: path) else { return nil }
    let known = Value.allCases.map(\.rawValue)
    guard let value = Value(rawValue: word), known.contains(word) else {
      reader.problems.value(
        path, Wording.unknown("value", word, among: known), hint: Wording.known("values", known))
      return nil
    }
    return value
  }

  private mutating func integer(
    _ value: JSON?, at path: DocumentPath, in bounds: ClosedRange<Int>
  ) -> Int? {
    guard let value, value != .null, let integer = reader.integer(value, at: path) else {
      return nil
    }
    guard bounds.contains(integer) else {
      reader.problems.value(
        path, "\(integer) is not between \(bounds.lowerBound) and \(bounds.upperBound)")
      return nil
    }
    return integer
  }

  private mutating func number(
    _ value: JSON?, at path: DocumentPath, _ bounds: String, _ isAllowed: (Double) -> Bool
  ) -> Double? {
    guard let value, value != .null, let number = reader.number(value, at: path) else { return nil }
    guard isAllowed(number) else {
      reader.problems.value(path, "\(number) is not \(bounds)")
      return nil
    }
    return number
  }

  // MARK: Activations

  private mutating func entries(_ root: JSON.Object) -> [Entry] {
    guard let value = root["activations"], value != .null else { return [] }
    if value.string != nil {
      return entry(JSON.Object([("files", value)]), root, at: [], files: ["activations"])
        .map { [$0] } ?? []
    }
    guard let elements = value.array else {
      reader.wrongType(["activations"], "a pattern of file names, or a list", value)
      return []
    }
    if elements.isEmpty { reader.problems.value(["activations"], "no activations") }
    return elements.enumerated().compactMap { index, element in
      let path = ["activations", "\(index)"]
      if element.string != nil {
        return entry(JSON.Object([("files", element)]), root, at: path, files: path)
      }
      guard let object = reader.mapping(element, at: path) else {
        if element == .null { reader.wrongType(path, "files", element) }
        return nil
      }
      reader.checkKeys(of: object, at: path, known: Keys.source)
      return entry(object, root, at: path, files: path + ["files"])
    }
  }

  /// - Parameters:
  ///   - path: of the entry; what it leaves to the manifest stands at the top.
  ///   - filesPath: of its pattern.
  private mutating func entry(
    _ object: JSON.Object, _ root: JSON.Object, at path: DocumentPath, files filesPath: DocumentPath
  ) -> Entry? {
    func place(_ key: String) -> (JSON?, DocumentPath) {
      path.isEmpty || object[key] == nil ? (root[key], [key]) : (object[key], path + [key])
    }
    let (armValue, armPath) = place("arm")
    let (seedValue, seedPath) = place("seed")
    let (positionValue, positionPath) = place("position")
    let (tableValue, tablePath) = place("examples")
    let arm = reader.name(armValue, at: armPath, "an arm") ?? "model"
    let seed = integer(seedValue, at: seedPath, in: 0...Int.max) ?? 0
    let position = reader.name(positionValue, at: positionPath, "a position") ?? "last"
    if position.utf8.contains(UInt8(ascii: "/")) {
      reader.problems.value(positionPath, "a position has no slash")
    }
    let examples = reader.text(tableValue, at: tablePath)
    let tensor = reader.name(object["tensor"], at: path + ["tensor"], "a tensor's name")
    let layer = integer(object["layer"], at: path + ["layer"], in: 0...100_000)
    let first = integer(object["first_layer"], at: path + ["first_layer"], in: 0...100_000)
    let layout = choice(object["layout"], at: path + ["layout"], DetectionPlan.Layout.self)
    guard let pattern = reader.text(object["files"], at: filesPath) else {
      if object["files"] == nil {
        reader.problems.value(path, "missing key 'files'", hint: "files: activations/*.safetensors")
      }
      return nil
    }
    let namesLayer = [pattern, tensor ?? ""].contains { NamePattern($0).namesLayer }
    if layer != nil, namesLayer {
      reader.problems.value(path + ["layer"], "the layer is said by {layer} already")
    }
    let found = files(matching: pattern, at: filesPath)
    guard let files = found, let examples else {
      // What is wrong with the table is said in the same go.
      if let examples { _ = table(examples, at: tablePath) }
      return nil
    }
    return Entry(
      arm: arm, seed: seed, examples: examples,
      source: DetectionPlan.Source(
        position: position, pattern: pattern, tensor: tensor, layer: layer, layout: layout,
        firstLayer: first ?? 0, files: files), path: path)
  }

  private mutating func files(matching pattern: String, at path: DocumentPath) -> [String]? {
    do throws(BesideFolder.Refusal) {
      let files = try activations.files(matching: pattern, atMost: Self.mostFiles)
      guard !files.isEmpty else {
        reader.problems.value(
          path, "no file is named '\(Wording.shown(pattern))'",
          hint: "names are relative to the manifest's folder, or to --activations FOLDER")
        return nil
      }
      return files
    } catch {
      reader.refuse(path, pattern, error)
      return nil
    }
  }

  // MARK: The table

  private mutating func table(
    _ file: String, at path: DocumentPath
  ) -> (table: ExampleTable, bytes: [UInt8])? {
    if let known = tables[file] { return known }
    var read: (table: ExampleTable, bytes: [UInt8])?
    do throws(BesideFolder.Refusal) {
      let bytes = try reader.folder.read(file, atMost: RunDocumentReader.largestFile)
      do throws(RunDocumentProblems) {
        let table = try DataTable(bytes, file: file)
        if let remark = table.remark { reader.remarks.append(remark) }
        if let rows = ExampleTableReader(table).read(&reader.problems, &reader.remarks) {
          read = (rows, bytes)
        }
      } catch {
        for problem in error.problems { reader.problems.add(problem) }
      }
    } catch { reader.refuse(path.count == 1 ? ["examples"] : path, file, error) }
    tables[file] = .some(read)
    return read
  }
}
