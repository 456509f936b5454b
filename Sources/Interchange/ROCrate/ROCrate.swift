import Determinism
import Records
import Studies

/// A study as an RO-Crate 1.1 after the profile Process Run Crate 0.5: its archive, described.
///
/// ```
/// ro-crate-metadata.json     every run a CreateAction, every verdict and every judged prediction an AssessAction
/// archive/                   the study's archive; `dormouse import CRATE` reads it
/// study.json                 the study file, where there is one
/// predictions.csv            what was predicted and how it came out
/// runs/<16 digits>/          config.json, metrics.csv, series.csv, curves.csv of each run
/// SHA256SUMS
/// ```
/// Of runs registered from elsewhere it says what their owners told: that dormouse performed them it does not say.
package struct ROCrate {
  /// What no record tells.
  package struct Options: Sendable {
    /// An SPDX identifier or an https address; nil: the crate says that none was stated.
    package var license: String?
    /// Whose work it is.
    package var author: Author?
    /// `2026-11-20`: taken where no record holds a time.
    package var day: String
    package var withWeights = false
    /// Markdown that describes the study, beside it.
    package var narrative: String?

    package init(day: String) { self.day = day }
  }

  /// A person as crates name one.
  package struct Author: Sendable, Equatable {
    package let name: String
    /// An https address, an ORCID for instance.
    package let address: String?
    package init(name: String, address: String?) {
      self.name = name
      self.address = address
    }
  }

  static let metadata = "ro-crate-metadata.json"
  static let profile = "https://w3id.org/ro/wfrun/process/0.5"

  let snapshot: Snapshot
  let slug: String
  let options: Options
  let runs: [ExportedRun]
  var graph = CrateGraph()
  /// What the root names: files and folders; actions.
  var parts: [String] = []
  var actions: [String] = []

  package init(_ snapshot: Snapshot, slug: String, options: Options) throws {
    self.snapshot = snapshot
    self.slug = slug
    self.options = options
    func isOurs(_ other: String) -> Bool { other.utf8.elementsEqual(slug.utf8) }
    let registered = try snapshot.registeredRecords { isOurs($0.slug) }
    runs = snapshot.exported(snapshot.runs.filter { isOurs($0.slug) }, registered)
  }

  /// Writes the crate beside its place, makes it durable and puts it there in one step.
  ///
  /// - Throws: `ArchiveError` when nothing is recorded of the study or the folder holds anything that no export
  ///   wrote, `RegistryError`.
  package func write(to folder: String) throws -> ExportSummary {
    var crate = self
    let written = try ExportedFolder.write(to: folder) { export in
      try ArchiveWriter(snapshot, slug: slug, withWeights: options.withWeights)
        .write(to: "\(export.draft)/archive")
      try export.adopt("archive")
      try crate.describe(&export)
    }
    return ExportSummary(runs: runs.count, files: written.files, bytes: written.bytes)
  }

  private mutating func describe(_ export: inout ExportedFolder) throws {
    try archive(&export)
    try study(&export)
    for run in runs { try self.run(run, &export) }
    for run in runs { verdicts(on: run) }
    try predictions(&export)
    var whole = CrateGraph()
    root(in: &whole)
    for entity in graph.entities { whole.adopt(entity) }
    try export.add(Self.metadata, Array(whole.text.utf8))
  }

  // MARK: The crate itself

  private func root(in whole: inout CrateGraph) {
    let study = snapshot.currentStudy(slug).flatMap { snapshot.studies[$0]?.study }
    let title = study?["title"]?.string ?? ""
    let question = study?["question"]?.string ?? ""
    let newest = runs.compactMap { $0.times.finished }.max()?.day
    whole.add(
      Self.metadata, "CreativeWork",
      properties: [
        ("about", CrateGraph.reference("./")),
        ("conformsTo", CrateGraph.reference("https://w3id.org/ro/crate/1.1")),
      ])
    whole.add(
      "./", "Dataset",
      properties: [
        ("name", JSON(title.isEmpty ? slug : title)),
        (
          "description",
          JSON(question.isEmpty ? "The recorded runs of the study \(slug)." : question)
        ),
        ("identifier", JSON(slug)),
        // The newest run's day: a crate of the same records has the same bytes.
        ("datePublished", JSON(newest ?? options.day)),
        ("license", CrateGraph.reference(license.id)),
        ("author", options.author.map { CrateGraph.reference($0.id) }),
        ("conformsTo", CrateGraph.reference(Self.profile)),
        ("hasPart", CrateGraph.references(parts)),
        ("mentions", CrateGraph.references(actions)),
      ])
    whole.add(
      Self.profile, "CreativeWork",
      properties: [("name", "Process Run Crate"), ("version", "0.5")])
    whole.add(
      license.id, "CreativeWork",
      properties: [("name", JSON(license.name)), ("description", JSON(license.description))])
    if let author = options.author {
      whole.add(author.id, "Person", properties: [("name", JSON(author.name))])
    }
  }

  private var license: (id: String, name: String, description: String) {
    guard let given = options.license else {
      return (
        "#license-not-stated", "No licence stated",
        "Whoever exported this crate stated no licence: ask its authors before reusing it."
      )
    }
    let isAddress = given.utf8.starts(with: "https://".utf8)
    return (
      isAddress ? given : "https://spdx.org/licenses/\(given)", given,
      "The licence that whoever exported this crate stated for it."
    )
  }

  // MARK: Files

  /// Adds a file to the folder and to the graph.
  mutating func file(
    _ path: String, _ bytes: [UInt8], name: String, type: String, isPart: Bool = true,
    to export: inout ExportedFolder
  ) throws {
    try export.add(path, bytes)
    describe(path, name: name, type: type, size: bytes.count)
    if isPart { parts.append(path) }
  }

  mutating func describe(_ path: String, name: String, type: String, size: Int) {
    graph.add(
      path, "File",
      properties: [
        ("name", JSON(name)), ("encodingFormat", JSON(type)), ("contentSize", JSON("\(size)")),
      ])
  }

  private mutating func archive(_ export: inout ExportedFolder) throws {
    var members = [ArchiveFormat.manifest, ArchiveFormat.records].map { "archive/\($0)" }
    describe(
      members[0], name: "What the archive holds", type: "application/json",
      size: export.size(of: members[0]) ?? 0)
    describe(
      members[1], name: "Every record of the study, byte for byte", type: "application/x-ndjson",
      size: export.size(of: members[1]) ?? 0)
    var artifacts: [Digest: (name: String, reference: ArtifactReference)] = [:]
    for run in runs {
      for part in run.parts {
        for (name, reference) in RunTables.sorted(part.values.artifacts)
        where artifacts[reference.digest] == nil {
          let stage = part.stage.isEmpty ? "" : " of \(part.stage)"
          artifacts[reference.digest] = ("\(name)\(stage), \(run.title)", reference)
        }
      }
    }
    for (digest, artifact) in artifacts.sorted(by: { $0.key < $1.key }) {
      let path = Self.path(of: digest)
      if export.size(of: path) != nil {
        describe(
          path, name: artifact.name, type: artifact.reference.mediaType,
          size: artifact.reference.size)
        members.append(path)
      } else {
        graph.add(
          "#artifact-\(digest.hex)", "CreativeWork",
          properties: [
            ("name", JSON(artifact.name)), ("identifier", JSON("sha256:\(digest.hex)")),
            ("encodingFormat", JSON(artifact.reference.mediaType)),
            (
              "description",
              JSON(
                artifact.reference.role == .remade
                  ? "Not in this crate: \(artifact.reference.size) bytes that a rerun makes again."
                  : "Not in this crate: \(artifact.reference.size) bytes that were not held.")
            ),
          ])
      }
    }
    graph.add(
      "archive/", "Dataset",
      properties: [
        ("name", JSON("Archive of the study \(slug)")),
        (
          "description",
          "Records byte for byte and their artifacts, named by SHA-256; what dormouse imports and reruns."
        ),
        ("hasPart", CrateGraph.references(members)),
      ])
    parts.append("archive/")
  }

  /// Where the archive keeps an artifact that it carries.
  static func path(of artifact: Digest) -> String {
    "archive/\(ArchiveFormat.objects)/\(artifact.hex)"
  }

  private mutating func study(_ export: inout ExportedFolder) throws {
    if let digest = snapshot.currentStudy(slug), let study = snapshot.studies[digest] {
      try file(
        "study.json", Array(study.study.prettyText.utf8), name: "The study file",
        type: "application/json", to: &export)
    }
    if let narrative = options.narrative {
      try file(
        "README.md", Array(narrative.utf8), name: "The study in its authors' words",
        type: "text/markdown", to: &export)
    }
  }
}

extension ROCrate.Author {
  var id: String { address ?? "#author" }
}
