import ArgumentParser
import Determinism
import Experiments
import Interchange
import Publishing
import Records
import Studies

struct SiteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "site", abstract: "The static site: built from records alone.",
    subcommands: [SiteBuildCommand.self, SiteTemplatesCommand.self])
}

struct SiteBuildCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build the whole site; it opens from file://, without network or JavaScript.",
    discussion: """
      The site is a function of the records, the narratives, the declared figures, the guides and the templates. Equal \
      inputs give equal bytes, and an unchanged site is recognised. The folder is replaced at once or not at all.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("Where the site goes.", valueName: "folder"))
  var folder = "site"

  @Option(
    help: ArgumentHelp(
      "The folder of studies, for their narratives (README.md), declared figures (study.yaml) and the map of hypotheses.",
      valueName: "folder"))
  var studies = "studies"

  @Option(
    help: ArgumentHelp(
      "A folder of templates to use in place of the embedded ones.", valueName: "folder"))
  var templates: String?

  @Option(
    help: ArgumentHelp(
      "Where the site will be, https://…: it then has a feed of its studies (feed.xml) and a map of its pages "
        + "(sitemap.xml).", valueName: "address"))
  var baseURL: String?

  @Option(
    help: ArgumentHelp(
      "Which runs have a page of their own: all, or one-seed of each point and arm (and those that a rerun did not "
        + "reproduce). Tables and figures are of all runs.", valueName: "runs"))
  var runPages = RunPages.all

  @Option(
    help: ArgumentHelp(
      "Two runs that get a page together, compare/A..B/, by the first digits of their ids. May be repeated.",
      valueName: "run..run"))
  var compare: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help:
      "Carry the studies' archives, from which 'dormouse rerun <site>' checks what the pages say.")
  var archives = true

  @Option(help: "Worker threads; no byte depends on them.")
  var threads = 2

  @Flag(help: "Build even where nothing has changed.")
  var force = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be 1 to 256") }
    guard let baseURL else { return }
    guard Self.isAddress(baseURL) else {
      throw ValidationError("--base-url takes an address such as https://example.org/study/")
    }
  }

  /// A host, perhaps a port and a path: what every page's path can follow.
  private static func isAddress(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: { text.utf8.starts(with: $0.utf8) })
    else { return false }
    let rest = text.utf8.dropFirst(scheme.utf8.count)
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "-._~:/%@".utf8.contains(byte)
      }
    }
    return !rest.isEmpty && rest.first != UInt8(ascii: "/") && rest.allSatisfy(isPlain)
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let registry = try common.openRegistry(.readOnly)
    let snapshot = try registry.snapshotWithLiveRuns()
    var options = Site.Options(
      stageSummaries: Catalog.standard.stages.mapValues(\.summary), runPages: runPages)
    options.baseURL = baseURL.map { $0.utf8.last == UInt8(ascii: "/") ? $0 : $0 + "/" }
    options.comparisons = try compare.map { try Self.pair($0, in: registry, snapshot) }
    if archives { options.archives = { try Self.archives(of: snapshot) } }
    let site = Site(
      snapshot: snapshot, narratives: try narratives(of: snapshot),
      studies: try studyFiles(of: snapshot), guides: Guides.all, hypotheses: try hypotheses(),
      options: options)
    let publisher = try Publisher(replacingTemplates: replacements())
    let summary = try publisher.write(site, to: folder, force: force, threads: threads)
    if common.json {
      try terminal.say(
        [
          "folder": JSON(folder), "pages": JSON(summary.pages), "files": JSON(summary.files),
          "bytes": JSON(summary.bytes), "unchanged": JSON(summary.unchanged),
          "head": JSON(snapshot.head),
        ])
    } else {
      try terminal.say(
        "\(folder)/index.html: \(counted(summary.pages, "page")), "
          + "\(Decimal.text(Double(summary.bytes) / 1e6, places: 1)) MB · head \(snapshot.head.short)"
          + (summary.unchanged ? " · unchanged" : ""))
    }
    return .done
  }

  /// `3fa0..91bc`: two runs that a page can be made of.
  private static func pair(_ text: String, in registry: Registry, _ snapshot: Snapshot) throws
    -> Site.Options.Pair
  {
    let names = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard names.count == 3, names[1].isEmpty else {
      throw Failure(
        .usage, "'\(text)' does not name two runs",
        hint: "--compare RUN..RUN, with the first digits of their ids (dormouse list)")
    }
    let ids = try [names[0], names[2]].map { try RunName(String(Substring($0))).id(in: registry) }
    guard ids[0] != ids[1] else {
      throw Failure(.usage, "'\(text)' names one run twice", hint: "dormouse list")
    }
    let known = Set(snapshot.runs.map(\.id)).union(snapshot.registered.map(\.id))
    for id in ids where !known.contains(id) {
      throw Failure(
        .usage, "run \(id.short) is not recorded yet: there is nothing to compare",
        hint: "dormouse run goes on with it")
    }
    return Site.Options.Pair(ids[0], ids[1])
  }

  /// Every study's archive as files of the site, as 'dormouse export' writes it.
  private static func archives(of snapshot: Snapshot) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for slug in Set(snapshot.chains.map(\.slug)).sorted() {
      try Files.withTemporaryFolder { folder in
        let archive = "\(folder)/archive"
        try ArchiveWriter(snapshot, slug: slug).write(to: archive)
        for path in try Files.files(below: archive) {
          files["\(SiteArchives.folder)/\(slug)/\(path)"] = try Files.bytes(
            of: "\(archive)/\(path)")
        }
      }
    }
    return files
  }

  /// The README of every study that the registry knows; a study without one has no narrative.
  private func narratives(of snapshot: Snapshot) throws(Failure) -> [String: String] {
    var narratives: [String: String] = [:]
    for slug in Set(snapshot.chains.map(\.slug)).sorted() {
      let path = "\(studies)/\(slug)/README.md"
      if Files.exists(path) { narratives[slug] = try Files.text(of: path, limit: 256 << 10) }
    }
    return narratives
  }

  /// The study files that declare figures, beside the narratives: so figures can be added and worded without new
  /// records.
  ///
  /// - Throws: `StudyProblems` of a file that cannot be read, or whose figures do not fit it.
  private func studyFiles(of snapshot: Snapshot) throws -> [String: Study] {
    var files: [String: Study] = [:]
    for slug in Set(snapshot.chains.map(\.slug)).sorted() {
      let path = "\(studies)/\(slug)/study.yaml"
      guard Files.exists(path) else { continue }
      let study = try Study(contentsOf: path)
      // A file without figures adds nothing to a page, so that it may be of an earlier catalogue.
      guard !study.figures.isEmpty else { continue }
      let problems = study.problems(in: .standard)
      guard problems.isEmpty else { throw StudyProblems(file: path, problems: problems) }
      files[slug] = study
    }
    return files
  }

  /// A folder of studies without a map has no page of hypotheses.
  private func hypotheses() throws -> HypothesisMap? {
    let file = "\(studies)/hypotheses.yaml"
    return Files.exists(file) ? try HypothesisMap(file: file) : nil
  }

  /// The user's templates by name; what the folder lacks stays the embedded one.
  private func replacements() throws(Failure) -> [String: String] {
    guard let templates else { return [:] }
    var files: [String: String] = [:]
    for name in try Files.names(in: templates) {
      files[name] = try Files.text(of: "\(templates)/\(name)", limit: 1 << 20)
    }
    return files
  }
}

extension RunPages: ExpressibleByArgument {}

struct SiteTemplatesCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "init-templates",
    abstract: "Write the built-in templates and style into a folder, to be changed.",
    discussion: """
      'site build --templates FOLDER' uses what is in the folder in place of what is built in, file by file (guide: \
      templates). A file that is there already is left alone, and ends the command.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("Where the files go.", valueName: "folder"))
  var folder = "templates"

  @OptionGroup var common: CommonOptions

  func perform(on terminal: Terminal) throws -> ExitStatus {
    let files = try Publisher.builtInTemplates().sorted { $0.key < $1.key }
    if let taken = files.first(where: { Files.exists("\(folder)/\($0.key)") }) {
      throw Failure(
        .usage, "\(folder)/\(taken.key): is there already",
        hint: "name a new folder, or move it away")
    }
    try Files.makeFolder(folder)
    for (name, text) in files { try Files.write(Array(text.utf8), to: "\(folder)/\(name)") }
    if common.json {
      try terminal.say(["folder": JSON(folder), "files": .array(files.map { JSON($0.key) })])
    } else {
      try terminal.say(
        "\(folder): \(files.map(\.key).joined(separator: ", ")) · dormouse site build --templates \(folder)"
          .forTerminal)
    }
    return .done
  }
}
