import Determinism
import Records
import Rendering
import Studies

/// The whole site as values: a function of the records, the narratives and the figures that study files declare, the
/// guides, the templates and nothing else.
package struct Site: Sendable {
  /// Raised whenever equal inputs would give other bytes.
  package static let format = 5

  let index: SiteIndex
  /// Whether anything was probed.
  let hasDetectors: Bool
  private let sources: Sources

  package init(snapshot: Snapshot, sources: Sources) {
    index = SiteIndex(
      snapshot, narratives: sources.narratives, files: sources.studies,
      runPages: sources.options.runPages, archives: sources.options.archives)
    hasDetectors = DetectorsPage.isIn(index)
    self.sources = sources
  }

  package init(
    snapshot: Snapshot, narratives: [String: String] = [:], studies: [String: Study] = [:],
    guides: [String: String] = [:], hypotheses: HypothesisMap? = nil, options: Options = Options()
  ) {
    self.init(
      snapshot: snapshot,
      sources: Sources(
        narratives: narratives, studies: studies, guides: guides, hypotheses: hypotheses,
        options: options))
  }

  package var head: Digest { index.snapshot.head }
  private var guides: [String: String] { sources.guides }
  private var hypotheses: HypothesisMap? { sources.hypotheses }
  var options: Options { sources.options }

  /// See ``Sources/document(_:_:)``.
  package func inputs(_ templates: TemplateSet) -> JSON {
    sources.document(templates, index.snapshot.standing)
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
    for part in parts(templates) { try add(part.make(templates)) }
    try add(closing(after: Array(files.keys)))
    return files
  }

  /// Files that belong together, made when they are asked for. No part knows of another, so that they can be made
  /// side by side, and nothing of them has to be kept.
  struct Part: Sendable {
    /// A folder that has these files and no others, and what they are a function of.
    struct Unit: Sendable {
      /// Of two names, e.g. `runs/0123456789abcdef`.
      let folder: String
      let key: Digest
    }

    /// nil for files that are made every time.
    let unit: Unit?
    let make: Making
  }

  typealias Making = @Sendable (TemplateSet) throws(PublishingError) -> [SiteFile]

  /// Those that take long come first.
  func parts(_ templates: TemplateSet) -> [Part] {
    let keys = UnitKeys(
      index, templates: templates,
      frame: navigation.flatMap { [$0.label, $0.path] } + [[Inline].plainText(footer)])
    var parts: [Part] = index.studies.map { study in
      Part(
        unit: Part.Unit(folder: "studies/\(study.folder)", key: keys.key(of: study)),
        make: pages(of: study))
    }
    for single in singlePages() { parts.append(Part(unit: nil, make: page { single })) }
    parts += detecting(keys)
    parts += comparing()
    for study in index.studies {
      for (place, run) in study.registered.enumerated() {
        let near = ComparePage.near(place, in: study.registered)
        parts.append(
          Part(unit: Part.Unit(folder: run.folder, key: keys.key(of: run, in: study, near: near))) {
            templates throws(PublishingError) in
            let record = try index.record(of: run)
            return try page {
              RegisteredRunPage(index: index, run: run, record: record, study: study, near: near)
                .build()
            }(templates)
          })
      }
      for run in study.runs where run.hasPage {
        parts.append(
          Part(
            unit: Part.Unit(folder: run.folder, key: keys.key(of: run, in: study)),
            make: page { RunPage(index: index, run: run, study: study).build() }))
      }
    }
    parts.append(Part(unit: nil, make: assets))
    parts.append(Part(unit: nil, make: archives))
    return parts
  }

  /// A study's own page, and those of its tables of runs.
  private func pages(of study: StudyView) -> Making {
    { templates throws(PublishingError) in
      var files = try page {
        study.isRegisteredOnly
          ? (RegisteredRuns.page(study, index), [:]) : StudyPage(index: index, study: study).build()
      }(templates)
      for runs in StudyRuns.pages(of: study) { files += try page { runs }(templates) }
      return files
    }
  }

  /// What is no page.
  @Sendable private func assets(_ templates: TemplateSet) throws(PublishingError) -> [SiteFile] {
    var files: [SiteFile] = [
      try SiteFile(
        MachineIndex.path, MachineIndex(index: index, comparisons: options.comparisons).text)
    ]
    for (path, text) in RunsFinder(index: index).files { files.append(try SiteFile(path, text)) }
    for (name, text) in templates.files where name.utf8.starts(with: "site.".utf8) {
      files.append(try SiteFile(name, text))
    }
    for (path, bytes) in options.attachments { files.append(try SiteFile(path, bytes)) }
    return files
  }

  @Sendable private func archives(_: TemplateSet) throws(PublishingError) -> [SiteFile] {
    guard case .carried(let make) = options.archives else { return [] }
    var carried: [String: [UInt8]] = [:]
    do { carried = try make() } catch { throw .archives(problem: "\(error)") }
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

  private func page(_ make: @escaping @Sendable () -> Page) -> Making {
    page { (make(), [:]) }
  }

  /// A page, its twin, and the data beside it.
  func page(_ make: @escaping @Sendable () -> (Page, [String: String])) -> Making {
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
    if hasDetectors { entries.append(("Detectors", DetectorsPage.path)) }
    entries += [("Runs", "runs/index.html"), ("Method", "method/index.html")]
    if !guideNames.isEmpty { entries.append(("Guides", "guides/index.html")) }
    entries += [("Glossary", "glossary/index.html"), ("Ledger", "ledger/index.html")]
    return entries
  }

  private var footer: [Inline] {
    [
      "Made by dormouse from the records of a registry; their ",
      .link(["ledger"], to: .page("ledger/index.html")), " has the head that stands for them.",
    ]
  }
}
