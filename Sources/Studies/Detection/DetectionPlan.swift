import Determinism

/// What a detection run was asked: which activations of which examples, which detectors, and every setting that
/// a value depends on. The config of its record, so that it can be performed again from there.
package struct DetectionPlan: Equatable, Sendable {
  /// Raised whenever a bit of what it records changes.
  package static let procedure = "detect@1"

  /// A file by its name, relative to the manifest's folder, and its content.
  package struct Content: Equatable, Sendable {
    package let digest: Digest
    /// Bytes.
    package let size: Int
    package init(digest: Digest, size: Int) {
      self.digest = digest
      self.size = size
    }
  }

  /// How tensors that hold several layers are laid out; the last axis is the width.
  package enum Layout: String, CaseIterable, Sendable {
    case examplesByLayers = "examples-layers"
    case layersByExamples = "layers-examples"
  }

  /// Some files and what their tensors are.
  package struct Source: Equatable, Sendable {
    package let position: String
    /// As the manifest has it: says the layer where it holds `{layer}`.
    package let pattern: String
    /// Of tensor names; nil: those that are known.
    package let tensor: String?
    /// Of every tensor that does not say its own.
    package let layer: Int?
    package let layout: Layout?
    /// Of a tensor with several.
    package let firstLayer: Int
    /// In the order of their names, which is that of the examples.
    package let files: [String]

    package init(
      position: String, pattern: String, tensor: String?, layer: Int?, layout: Layout?,
      firstLayer: Int, files: [String]
    ) {
      self.position = position
      self.pattern = pattern
      self.tensor = tensor
      self.layer = layer
      self.layout = layout
      self.firstLayer = firstLayer
      self.files = files
    }
  }

  package struct Settings: Equatable, Sendable {
    /// nil: as the table has it.
    package var outcome: ExampleTable.Outcome?
    package var primaryPosition: String?
    /// nil: the layer in the middle of those that are there.
    package var primaryLayer: Int?
    /// By name, in the order of the report.
    package var detectors: [String]
    package var randomDirections = 1000
    package var bootstrap = 1000
    /// γ of LDA and Mahalanobis.
    package var shrinkage = 0.01
    /// Of the logistic fits, on features in units of their joint deviation, per example; and of
    /// contrast-consistent search.
    package var ridge = 0.01
    /// The share of positives that the log score is told at. nil in records from before there was one: then
    /// neither probabilities nor rare false positives are looked at, so that they come out as they were.
    package var prevalence: Double? = 0.01

    package init(detectors: [String]) { self.detectors = detectors }
  }

  package let slug: String
  package let name: String
  package let tags: [String]
  package let notes: String
  package let arm: String
  package let seed: Int
  /// The table's file.
  package let examples: String
  package let sources: [Source]
  package var settings: Settings
  /// Of every file, the table's too; empty before they were looked at.
  package var contents: [String: Content]

  package init(
    slug: String, name: String, tags: [String], notes: String, arm: String, seed: Int,
    examples: String, sources: [Source], settings: Settings, contents: [String: Content] = [:]
  ) {
    self.slug = slug
    self.name = name
    self.tags = tags
    self.notes = notes
    self.arm = arm
    self.seed = seed
    self.examples = examples
    self.sources = sources
    self.settings = settings
    self.contents = contents
  }

  /// Of the activations, each once, sorted by bytes.
  package var activationFiles: [String] {
    Set(sources.flatMap(\.files).map { JSON.Text($0) }).sorted().map(\.value)
  }

  /// Each once, in the order of the manifest.
  package var positions: [String] {
    sources.reduce(into: []) { if !$0.contains($1.position) { $0.append($1.position) } }
  }

  package var primaryPosition: String { settings.primaryPosition ?? positions[0] }
}

extension DetectionPlan {
  /// What a record keeps as its config.
  package var config: JSON.Object {
    func content(_ file: String) -> JSON {
      [
        "file": JSON(file), "sha256": contents[file].map { JSON($0.digest) } ?? .null,
        "size": contents[file].map { JSON($0.size) } ?? .null,
      ]
    }
    let members: [(String, JSON)] = [
      ("procedure", JSON(Self.procedure)), ("arm", JSON(arm)), ("seed", JSON(seed)),
      ("examples", content(examples)),
      (
        "activations",
        .array(
          sources.map { source -> JSON in
            [
              "position": JSON(source.position), "files": JSON(source.pattern),
              "tensor": JSON(source.tensor), "layer": source.layer.map { JSON($0) } ?? .null,
              "layout": JSON(source.layout?.rawValue), "first_layer": JSON(source.firstLayer),
              "found": .array(source.files.map(content)),
            ]
          })
      ),
      ("positive", JSON(settings.outcome?.rawValue)),
      (
        "primary",
        [
          "position": JSON(settings.primaryPosition),
          "layer": settings.primaryLayer.map { JSON($0) } ?? .null,
        ] as JSON
      ),
      ("detectors", .array(settings.detectors.map { JSON($0) })),
      ("random_directions", JSON(settings.randomDirections)),
      ("bootstrap", JSON(settings.bootstrap)), ("shrinkage", JSON(settings.shrinkage)),
      ("ridge", JSON(settings.ridge)),
    ]
    return JSON.Object(
      members + (settings.prevalence.map { [("prevalence", JSON($0))] } ?? []))
  }

  /// Why a recorded config cannot be performed.
  package struct Unreadable: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// Whether a record's config is that of a detection run, of this or another version.
  package static func isDetection(_ config: JSON.Object) -> Bool {
    config["procedure"]?.string?.utf8.starts(with: "detect@".utf8) ?? false
  }

  /// Reads a config back.
  ///
  /// - Throws: `Unreadable`: it is of another version, or was not written by us.
  package init(
    config: JSON.Object, slug: String, name: String, tags: [String], notes: String
  ) throws(Unreadable) {
    let procedure = config["procedure"]?.string ?? "nothing"
    guard procedure.utf8.elementsEqual(Self.procedure.utf8) else {
      throw Unreadable(description: "needs \(procedure), this binary has \(Self.procedure)")
    }
    func need<Value>(_ value: Value?, _ what: String) throws(Unreadable) -> Value {
      guard let value else { throw Unreadable(description: "its config has no usable \(what)") }
      return value
    }
    var contents: [String: Content] = [:]
    func file(_ json: JSON?) throws(Unreadable) -> String {
      let file = try need(json?["file"]?.string, "file name")
      let steps = file.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard !steps.contains(where: { $0.isEmpty || $0.elementsEqual("..".utf8) }),
        !file.utf8.contains(0)
      else { throw Unreadable(description: "its config names a file outside of its folder") }
      contents[file] = Content(
        digest: try need(json?["sha256"]?.string.flatMap(Digest.init(hex:)), "digest"),
        size: try need(json?["size"]?.int, "size"))
      return file
    }
    var sources: [Source] = []
    for json in try need(config["activations"]?.array, "activations") {
      var files: [String] = []
      for found in try need(json["found"]?.array, "files") { files.append(try file(found)) }
      sources.append(
        Source(
          position: try need(json["position"]?.string, "position"),
          pattern: try need(json["files"]?.string, "pattern"), tensor: json["tensor"]?.string,
          layer: json["layer"]?.int, layout: json["layout"]?.string.flatMap(Layout.init(rawValue:)),
          firstLayer: try need(json["first_layer"]?.int, "first layer"), files: files))
    }
    guard !sources.isEmpty else { throw Unreadable(description: "its config names no activations") }
    let detectors = try need(config["detectors"]?.array, "detectors").compactMap(\.string)
    var settings = Settings(detectors: detectors)
    settings.outcome = config["positive"]?.string.flatMap(ExampleTable.Outcome.init(rawValue:))
    settings.primaryPosition = config["primary"]?["position"]?.string
    settings.primaryLayer = config["primary"]?["layer"]?.int
    settings.randomDirections = try need(config["random_directions"]?.int, "random directions")
    settings.bootstrap = try need(config["bootstrap"]?.int, "bootstrap")
    settings.shrinkage = try need(config["shrinkage"]?.double, "shrinkage")
    settings.ridge = try need(config["ridge"]?.double, "ridge")
    settings.prevalence = nil
    if let prevalence = config["prevalence"] {
      settings.prevalence = try need(prevalence.double, "prevalence")
    }
    guard (0...1_000_000).contains(settings.randomDirections),
      (0...1_000_000).contains(settings.bootstrap), (0...1).contains(settings.shrinkage),
      settings.ridge > 0, settings.ridge.isFinite,
      settings.prevalence.map({ $0 > 0 && $0 < 1 }) ?? true
    else { throw Unreadable(description: "its config has a setting out of bounds") }
    let examples = try file(config["examples"])
    self.init(
      slug: slug, name: name, tags: tags, notes: notes,
      arm: try need(config["arm"]?.string, "arm"), seed: try need(config["seed"]?.int, "seed"),
      examples: examples, sources: sources, settings: settings, contents: contents)
  }
}
