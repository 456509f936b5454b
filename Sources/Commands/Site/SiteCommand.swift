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
    subcommands: [SiteBuildCommand.self, SiteServeCommand.self, SiteTemplatesCommand.self])
}

struct SiteBuildCommand: DormouseSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build the whole site; it opens from file://, without network or JavaScript.",
    discussion: """
      The site is a function of the records, the narratives, the declared figures, the guides and the templates. Equal \
      inputs give equal bytes: an unchanged site is recognised, and of a changed one the pages of runs and studies that \
      nothing has touched are taken over. What differs is made beside the folder and moved there when all of it is; a build that is \
      stopped while it moves files is finished by the next.

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

  @Flag(
    inversion: .prefixedNo,
    help:
      "Carry the studies' archives, from which 'dormouse rerun <site>' checks what the pages say.")
  var archives = true

  @Option(
    help: ArgumentHelp(
      "Carry no archives, but say where they are: the folder that has <study>/archive, seen from the site's.",
      valueName: "folder"))
  var archivesAt: String?

  @Option(
    help: ArgumentHelp(
      "Two runs that get a page together, compare/A..B/, by the first digits of their ids. May be repeated.",
      valueName: "run..run"))
  var compare: [String] = []

  @Option(help: "Worker threads; no byte depends on them.")
  var threads = 2

  @Flag(help: "Make everything, even where nothing has changed.")
  var force = false

  @Flag(
    help:
      "Build again whenever the registry, a study's files or the templates change, until it is stopped."
  )
  var watch = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be 1 to 256") }
    if let archivesAt, !archives || SiteArchives(beside: archivesAt) == nil {
      throw ValidationError(
        "--archives-at takes a path from the site's folder, such as ../studies, and goes without --no-archives"
      )
    }
    guard let baseURL else { return }
    try SiteAddress.check(baseURL)
  }

  func perform(on terminal: Terminal) throws -> ExitStatus {
    guard watch else {
      try build(on: terminal)
      return .done
    }
    let watched = WatchedFiles(
      registry: common.registryFolder, studies: studies, templates: templates)
    return watched.each(asking: { Signals.pending }) {
      do {
        try build(on: terminal)
      } catch {
        // Half a sentence, or half a table: the next version may be whole.
        terminal.note(Failure(describing: error).text)
      }
    }
  }

  private func build(on terminal: Terminal) throws {
    let registry = try common.openRegistry(.readOnly)
    let given = SiteInputs(studies: studies, templates: templates)
    let publisher = try Publisher(replacingTemplates: given.replacements())
    let waiting = { terminal.note("another build of \(folder) is under way; waiting for it") }
    // Before anything is read, so that what is built is not older than what another build brings.
    let place = try publisher.open(folder, waiting: waiting)
    let live = try registry.liveRuns()
    let standing = try registry.standing(live: live)
    let sources = try given.sources(of: standing, options: try options(registry))
    let inputs = publisher.inputs(sources, standing)
    if !force,
      let unchanged = place.unchanged(
        head: standing.head, inputs: inputs, threads: threads)
    {
      return try say(unchanged, head: standing.head, on: terminal)
    }
    let site = Site(snapshot: try registry.snapshot().adding(live: live), sources: sources)
    let summary = try publisher.write(
      site, over: force ? place.asForeign : place, threads: threads, waiting: waiting)
    try say(summary, head: site.head, on: terminal)
  }

  private func options(_ registry: Registry) throws -> Site.Options {
    var options = Site.Options(
      stageSummaries: Catalog.standard.stages.mapValues(\.summary), runPages: runPages)
    options.baseURL = baseURL.map(SiteAddress.base)
    options.comparisons = try compare.map { try Self.pair($0, in: registry) }
    options.archives = archivesAt.flatMap(SiteArchives.init(beside:)) ?? carried(from: registry)
    return options
  }

  private func carried(from registry: Registry) -> SiteArchives {
    archives ? .carried { try CarriedArchives.files(of: registry.snapshot()) } : .absent
  }

  /// `3fa0..91bc`: two runs that a page can be made of.
  private static func pair(_ text: String, in registry: Registry) throws -> Site.Options.Pair {
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
    return Site.Options.Pair(ids[0], ids[1])
  }

  private func say(_ summary: Publisher.Summary, head: Digest, on terminal: Terminal) throws {
    if common.json {
      try terminal.say(
        [
          "folder": JSON(folder), "pages": JSON(summary.pages), "files": JSON(summary.files),
          "bytes": JSON(summary.bytes), "unchanged": JSON(summary.unchanged), "head": JSON(head),
        ])
    } else {
      try terminal.say(
        "\(folder)/index.html: \(counted(summary.pages, "page")), "
          + "\(Decimal.text(Double(summary.bytes) / 1e6, places: 1)) MB · head \(head.short)"
          + (summary.unchanged ? " · unchanged" : ""))
    }
  }
}

extension RunPages: ExpressibleByArgument {}
