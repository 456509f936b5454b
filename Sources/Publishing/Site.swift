import Determinism
import Records
import Rendering
import Studies

/// The whole site as values: a function of the records, the narratives and the figures that study files declare, the
/// guides, the templates and nothing else.
package struct Site: Sendable {
  package struct Options: Sendable {
    /// What each stage kind does, in a sentence, for the method page.
    package var stageSummaries: [String: String]
    /// Files carried along, e.g. archives: bytes by path from the root. They may not collide with pages.
    package var attachments: [String: [UInt8]]
    package var runPages: RunPages
    /// The archives of the records, bytes by path from the root, made only when the site is: the ledger's head
    /// stands for them. With them, pages name the commands that take them.
    package var archives: (@Sendable () throws -> [String: [UInt8]])?
    /// Where the site will be, with a slash at its end: it then has a feed and a map of its pages.
    package var baseURL: String?
    package init(
      stageSummaries: [String: String] = [:], attachments: [String: [UInt8]] = [:],
      runPages: RunPages = .all,
      archives: (@Sendable () throws -> [String: [UInt8]])? = nil, baseURL: String? = nil
    ) {
      self.baseURL = baseURL
      self.archives = archives
      self.stageSummaries = stageSummaries
      self.attachments = attachments
      self.runPages = runPages
    }
  }

  /// Raised whenever equal inputs would give other bytes.
  package static let format = 1

  let index: SiteIndex
  let guides: [String: String]
  let options: Options
  private let narratives: [String: String]
  private let hypotheses: HypothesisMap?

  /// - Parameters:
  ///   - narratives: Markdown by study slug.
  ///   - studies: study files by slug, for the figures that they declare: like narratives, figures show what was
  ///     recorded and are in no record.
  ///   - guides: Markdown by name; the name becomes part of a path. `glossary` and `method` replace ours.
  package init(
    snapshot: Snapshot, narratives: [String: String] = [:], studies: [String: Study] = [:],
    guides: [String: String] = [:],
    hypotheses: HypothesisMap? = nil, options: Options = Options()
  ) {
    index = SiteIndex(
      snapshot, narratives: narratives, files: studies, runPages: options.runPages,
      carriesArchives: options.archives != nil)
    self.guides = guides
    self.options = options
    self.narratives = narratives
    self.hypotheses = hypotheses
  }

  package var head: Digest { index.snapshot.head }

  /// Digest of everything besides the records that the head covers: prose, templates, attachments, run states.
  package func inputs(_ templates: TemplateSet) -> Digest {
    func texts(_ texts: [String: String]) -> JSON {
      .object(JSON.Object(texts.map { ($0.key, JSON(Digest(of: $0.value))) }))
    }
    // Live runs have no record yet, so the head says nothing of them.
    let recorded = Set(index.snapshot.chains.flatMap(\.entries).map(\.record))
    let live = index.snapshot.registered.map { Digest(of: $0.document) }
      .filter { !recorded.contains($0) }
    let notes = index.snapshot.notes
    let states = index.snapshot.states.map { run, state in
      (run.hex, JSON(state.rawValue + (notes[run].map { ": \($0)" } ?? "")))
    }
    var inputs = JSON.Object(
      [
        "format": JSON(Site.format), "narratives": texts(narratives), "guides": texts(guides),
        "templates": texts(templates.files), "stages": texts(options.stageSummaries),
        "own": texts(["glossary": Glossary.source, "method": Method.source]),
        "attachments": .object(
          JSON.Object(options.attachments.map { ($0.key, JSON(Digest(of: $0.value))) })),
        "states": .object(JSON.Object(states)),
      ].map { ($0, $1) })
    if let hypotheses { inputs["hypotheses"] = JSON(hypotheses.digest) }
    let figures = index.studies.compactMap { study in
      study.file.map { ($0, study.slug) }
    }.filter { !$0.0.figures.isEmpty }.map { file, slug in
      // The points are the order of levels, and which runs a figure takes.
      (
        slug,
        JSON(
          Digest(
            of: [
              .array(file.figures.map(\.document)), .array(file.points.map { .object($0) }),
              .array(file.arms.map { JSON($0) }),
            ] as JSON))
      )
    }
    if !figures.isEmpty { inputs["figures"] = .object(JSON.Object(figures)) }
    if options.archives != nil { inputs["archives"] = JSON(true) }
    if let base = options.baseURL { inputs["base-url"] = JSON(base) }
    if options.runPages != .all { inputs["run-pages"] = JSON(options.runPages.rawValue) }
    if !live.isEmpty { inputs["live"] = .array(live.map { JSON($0) }) }
    return Digest(of: .object(inputs))
  }

  /// Every file of the site by path, without the manifest.
  ///
  /// - Throws: `PublishingError` when a template does not fit or a path is taken twice.
  package func files(_ templates: TemplateSet) throws(PublishingError) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    func add(_ made: [SiteFile]) throws(PublishingError) {
      for file in made {
        guard files.updateValue(file.bytes, forKey: file.path) == nil else {
          throw .collision(file.path)
        }
      }
    }
    for part in parts() { try add(part(templates)) }
    try add(closing(after: Array(files.keys)))
    return files
  }

  /// Files that belong together, made when they are asked for. No part knows of another, so that they can be made
  /// side by side, and nothing of them has to be kept.
  typealias Part = @Sendable (TemplateSet) throws(PublishingError) -> [SiteFile]

  /// Those that take long come first.
  func parts() -> [Part] {
    var parts: [Part] = []
    for study in index.studies {
      if study.isRegisteredOnly {
        parts.append(page { RegisteredRuns.page(study, index) })
      } else {
        parts.append(page { StudyPage(index: index, study: study).build() })
        for runs in StudyRuns.pages(of: study) { parts.append(page { runs }) }
      }
    }
    for single in singlePages() { parts.append(page { single }) }
    for study in index.studies {
      for run in study.registered {
        parts.append(page { RegisteredRunPage(index: index, run: run, study: study).build() })
      }
      for run in study.runs where run.hasPage {
        parts.append(page { RunPage(index: index, run: run, study: study).build() })
      }
    }
    parts.append(assets)
    parts.append(archives)
    return parts
  }

  /// What is no page.
  @Sendable private func assets(_ templates: TemplateSet) throws(PublishingError) -> [SiteFile] {
    var files: [SiteFile] = [try SiteFile(MachineIndex.path, MachineIndex(index: index).text)]
    for (path, text) in RunsFinder(index: index).files { files.append(try SiteFile(path, text)) }
    for (name, text) in templates.files where name.utf8.starts(with: "site.".utf8) {
      files.append(try SiteFile(name, text))
    }
    for (path, bytes) in options.attachments { files.append(try SiteFile(path, bytes)) }
    return files
  }

  @Sendable private func archives(_: TemplateSet) throws(PublishingError) -> [SiteFile] {
    var carried: [String: [UInt8]] = [:]
    do { carried = try options.archives?() ?? [:] } catch { throw .archives(problem: "\(error)") }
    var files: [SiteFile] = []
    for (path, bytes) in carried { files.append(try SiteFile(path, bytes)) }
    return files
  }

  /// What can be made only when every other path is known.
  func closing(after paths: [String]) throws(PublishingError) -> [SiteFile] {
    guard let base = options.baseURL else { return [] }
    let syndication = Syndication(index: index, base: base)
    let pages = paths.filter(Publisher.isPage)
    return [
      try SiteFile("sitemap.xml", syndication.sitemap(pages)),
      try SiteFile("feed.xml", syndication.feed),
    ]
  }

  private func page(_ make: @escaping @Sendable () -> Page) -> Part {
    page { (make(), [:]) }
  }

  /// A page, its twin, and the data beside it.
  private func page(_ make: @escaping @Sendable () -> (Page, [String: String])) -> Part {
    { templates throws(PublishingError) in
      let (page, data) = make()
      let html: HTML
      do throws(TemplateError) {
        html = try page.html(navigation: navigation, footer: footer, templates: templates)
      } catch { throw .template(error) }
      var files = [
        try SiteFile(page.path, html.markup),
        try SiteFile(page.twinPath, page.markdown(footer: footer)),
      ]
      for (path, text) in data.sorted(by: { $0.key < $1.key }) {
        files.append(try SiteFile(path, text))
      }
      let folder = page.path.utf8.lastIndex(of: UInt8(ascii: "/")).map { page.path[...$0] } ?? ""
      for drawing in page.drawings(templates) {
        files.append(try SiteFile(folder + drawing.path, drawing.svg))
      }
      return files
    }
  }

  private func singlePages() -> [Page] {
    let names = guideNames
    var pages = [
      HomePage(index: index, hasHypotheses: hypotheses != nil).page(), RunsTable.page(index),
      PredictionsPage.page(index), LedgerPage.page(index),
      GuidePage.page(
        path: "glossary/index.html", kicker: "Guide", source: guides["glossary"] ?? Glossary.source,
        fallbackTitle: "Glossary", index: index, guides: names),
      GuidePage.page(
        path: "method/index.html", kicker: "Guide", source: guides["method"] ?? Method.source,
        fallbackTitle: "Method", index: index, guides: names,
        extra: Method.procedures(index.snapshot, summaries: options.stageSummaries)),
    ]
    if let hypotheses { pages.append(HypothesisPage(map: hypotheses, index: index).page()) }
    guard !names.isEmpty else { return pages }
    for name in names {
      pages.append(
        GuidePage.page(
          path: "guides/\(name)/index.html", kicker: "Guide", source: guides[name] ?? "",
          fallbackTitle: name, index: index, guides: names))
    }
    let links = names.map { name -> [Inline] in
      let title = GuidePage.title(of: guides[name] ?? "") ?? name
      return [.link([.text(title)], to: .page("guides/\(name)/index.html"))]
    }
    pages.append(
      Page(
        path: "guides/index.html", title: "Guides", kicker: "Guide",
        summary: "Guides for people who use dormouse.",
        blocks: [
          .list(
            links
              + (hypotheses == nil
                ? [] : [[.link(["Hypotheses"], to: .page(HypothesisPage.path))]]) + [
                [.link(["Glossary"], to: .page("glossary/index.html"))],
                [.link(["Method"], to: .page("method/index.html"))],
              ])
        ]))
    return pages
  }

  /// Names that are plain enough for a path; others are left out.
  private var guideNames: [String] {
    guides.keys.filter { Names.isValid($0) && $0 != "glossary" && $0 != "method" }.sorted()
  }

  private var navigation: [(label: String, path: String)] {
    var entries: [(label: String, path: String)] = [("Predictions", "index.html")]
    // A few have a place of their own; of more, some would look chosen.
    if index.studies.count <= 4 {
      entries += index.studies.map { ($0.slug, $0.path) }
    } else {
      entries.append(("Studies", "index.html#studies"))
    }
    entries += [("Runs", "runs/index.html"), ("Method", "method/index.html")]
    if !guideNames.isEmpty { entries.append(("Guides", "guides/index.html")) }
    entries += [("Glossary", "glossary/index.html"), ("Ledger", "ledger/index.html")]
    return entries
  }

  private var footer: [Inline] {
    ["Made by dormouse from the registry with ledger head ", .digest(head.hex), "."]
  }
}
